import { runOnStage } from "../../../src/cli/player/running.ts";
import { renderMenu } from "../../../src/cli/ui/menu.ts";
import { openStage } from "../../../src/cli/ui/stage.ts";
import { openScreen } from "../../../src/cli/ui/terminal.ts";
import { CancelledError } from "../../../src/core/errors.ts";
import { verbatim } from "../../../src/core/text.ts";

// A stage that counts: enter adds a line, w works until it is stopped, f throws where nobody catches, q leaves.
const screen = openScreen({
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  lang: "en",
});
const stage = openStage(screen);

async function work(): Promise<void> {
  try {
    await runOnStage(stage, {
      title: "long work",
      signal: new AbortController().signal,
      work: ({ signal, emit }) => {
        emit({ kind: "progress", task: verbatim("counting"), done: 5000, total: 20_000, unit: "rows" });
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
    });
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    stage.add(() => "work was stopped");
  }
}
stage.clear();
stage.add((look) => `columns ${look.columns}`);
let count = 0;
try {
  for (;;) {
    stage.live((look) => `count ${count}\n${renderMenu([{ key: "q", label: "leaves" }], look)}`);
    const key = await stage.keys.next();
    if (key.name === "return") {
      count++;
      const at = count;
      stage.add(() => `line ${at}`);
    }
    if (key.name === "w") await work();
    if (key.name === "f") setTimeout(() => JSON.parse("{"), 0);
    if (key.name === "q") break;
  }
} catch (error) {
  if (!(error instanceof CancelledError)) throw error;
  process.exitCode = 130;
} finally {
  stage.close();
}
