import { systemClock } from "../../../src/core/effects.ts";
import { openProgress } from "../../../src/course/progress.ts";

/** Records events until it is killed, and says each id once the event is safe: `node record-progress.mjs FOLDER NAME`. */
const [workspace = "", machine = ""] = process.argv.slice(2);
const store = openProgress(workspace, { clock: systemClock, machine });
for (let i = 0; ; i++) {
  const event = await store.record({ kind: "step", lesson: machine, step: `step-${i}` });
  process.stdout.write(`${event.id}\n`);
  if (i % 5 === 0) await store.read();
}
