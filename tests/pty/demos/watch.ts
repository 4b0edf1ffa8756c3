import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openScreen } from "../../../src/cli/ui/terminal.ts";
import type { ExerciseActions, ExerciseView } from "../../../src/cli/watch/exercise-actions.ts";
import { watchExercises } from "../../../src/cli/watch/watch.ts";
import { CancelledError, UserError } from "../../../src/core/errors.ts";

// The watch screen over three files of a folder. An exercise passes when its file has the word "right"; a file
// with "slow" is graded until it is overtaken.
const [folder = ".", ...flags] = process.argv.slice(2);
const passed = new Set<string>();
const hints = new Map<string, number>();

function view(id: string): ExerciseView {
  const path = join(folder, `${id}.sql`);
  return {
    id,
    name: `01/${id}`,
    moduleTitle: "Demo",
    task: {
      title: `Task of ${id}`,
      markdown: `Write the word right in **${id}**.`,
      hints: ["first hint", "second hint", "third hint"],
      checks: { word: "the file has the word `right`" },
      mistakes: {},
    },
    files: [path],
    shownFiles: [`${id}.sql`],
    isThere: existsSync(path),
    hasTables: true,
    state: passed.has(id) ? "passed" : existsSync(path) ? "started" : "untouched",
    hintsShown: hints.get(id) ?? 0,
  };
}

const exercises: ExerciseActions = {
  view: async (id) => view(id),
  open: async (id) => {
    if (!view(id).isThere) writeFileSync(join(folder, `${id}.sql`), "-- start\n");
    return view(id);
  },
  grade: async (id, { signal }) => {
    const text = readFileSync(join(folder, `${id}.sql`), "utf8");
    if (text.includes("slow")) {
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      throw new CancelledError();
    }
    const isRight = text.includes("right");
    if (isRight) passed.add(id);
    return {
      exercise: id,
      version: 1,
      passed: isRight,
      state: isRight ? "passed" : "failed",
      seconds: 0.01,
      typeErrors: [],
      checks: [
        isRight
          ? { id: "word", passed: true }
          : {
              id: "word",
              passed: false,
              failure: { reason: { kind: "said", text: { es: `Pone: ${text}`, en: `It says: ${text}` } } },
            },
      ],
    };
  },
  hint: async (id) => {
    const index = hints.get(id) ?? 0;
    const markdown = view(id).task.hints[index];
    if (markdown === undefined) return undefined;
    hints.set(id, index + 1);
    return { index, markdown };
  },
  diff: async () => "--- yours\n+++ the solution\n@@ -1 +1 @@\n-wrong\n+right\n",
  solution: async (id) => ({ [`${id}.sql`]: "SELECT 'the solution'" }),
  maySeeSolution: async (id) => passed.has(id),
  reset: async (id) => {
    const path = join(folder, `${id}.sql`);
    writeFileSync(`${path}.bak`, readFileSync(path));
    writeFileSync(path, "-- start\n");
    return { backup: `${path}.bak` };
  },
  undo: async (id) => {
    const path = join(folder, `${id}.sql`);
    if (!existsSync(`${path}.bak`)) {
      throw new UserError({
        fault: "usage",
        code: "nothing-to-undo",
        what: { es: "No hay copia.", en: "There is no backup." },
      });
    }
    writeFileSync(path, readFileSync(`${path}.bak`));
  },
};

const screen = openScreen({
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  lang: "en",
  plain: flags.includes("--plain"),
});
try {
  process.exitCode = await watchExercises({
    screen,
    exercises,
    ids: ["alpha", "beta", "gamma"],
    start: "alpha",
    env: process.env,
    signal: new AbortController().signal,
    pollMs: 100,
  });
} catch (error) {
  if (!(error instanceof CancelledError)) throw error;
  process.exitCode = 130;
}
