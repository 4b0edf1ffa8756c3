import { writeFileAtomic } from "../../../src/core/atomic-file.ts";
import { copyOutExercise, resetExercise, undoReset } from "../../../src/course/exercise-files.ts";
import { tinyExercise } from "../tiny-exercise.ts";

/**
 * Edits, copies out and resets until it is killed, and undoes every other reset; says each text before and
 * after it is saved. `node edit-and-reset.mjs FOLDER NAME`.
 */
const [workspace = "", name = ""] = process.argv.slice(2);
const { module, exercise, task } = tinyExercise();
const { dir } = await copyOutExercise({ workspace, module, exercise, task, lang: "es" });
for (let i = 0; ; i++) {
  const text = `-- ${name} ${i}`;
  process.stdout.write(`saving ${text}\n`);
  await writeFileAtomic(`${dir}/a.sql`, text);
  process.stdout.write(`saved ${text}\n`);
  await copyOutExercise({ workspace, module, exercise, task, lang: i % 2 === 0 ? "es" : "en" });
  await resetExercise(workspace, module, exercise);
  if (i % 2 === 0) await undoReset(workspace, module, exercise);
}
