import type { Course } from "../../course/course.ts";
import { loadLesson } from "../../course/load.ts";
import type { Progress } from "../../course/progress.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { currentExercise, openLearner } from "../learner.ts";

/** `taller next`: the exercise that is begun, else the lesson that is not at its end, else the next exercise. */
export async function run(context: CliContext, _input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const state = await learner.progress.read();
  const { lang } = context;
  const exercise = await currentExercise(learner);
  const isBegun = exercise !== undefined && state.exercises[exercise] !== undefined;
  const lesson = isBegun ? undefined : await openLesson(learner.course, state, lang);
  if (lesson !== undefined) {
    const command = `taller lesson ${lesson.number}`;
    if (context.isJson) context.result({ kind: "lesson", module: lesson.slug, step: lesson.step, command });
    const place =
      lang === "es"
        ? `lección ${lesson.number}, ${lesson.title}: ${lesson.reached} de ${lesson.steps} pasos`
        : `lesson ${lesson.number}, ${lesson.title}: ${lesson.reached} of ${lesson.steps} steps`;
    context.print(` ${place}\n   ${command}`);
    return 0;
  }
  if (exercise === undefined) {
    if (context.isJson) context.result({ kind: "done", command: "taller list" });
    context.print(
      lang === "es" ? " Lo has pasado todo.\n   taller list" : " You have passed everything.\n   taller list",
    );
    return 0;
  }
  const view = await learner.open(exercise);
  const command = `taller check ${view.name}`;
  if (context.isJson)
    context.result({
      kind: "exercise",
      module: exercise.split("/")[0],
      exercise,
      files: view.files,
      command,
    });
  context.print(` ${view.name} · ${view.task.title}`);
  for (const file of view.shownFiles) context.print(`   ${file}`);
  context.print(`   ${command}`);
  return 0;
}

async function openLesson(course: Course, state: Progress, lang: "es" | "en") {
  for (const module of course.modules) {
    const lesson = await loadLesson(module, lang);
    if (lesson === undefined) continue;
    const reached = state.lessons[module.slug]?.steps.length ?? 0;
    if (reached >= lesson.steps.length) continue;
    return {
      number: module.number,
      slug: module.slug,
      title: lesson.title,
      reached,
      steps: lesson.steps.length,
      step: state.lessons[module.slug]?.step ?? lesson.steps[0]?.id,
    };
  }
  return undefined;
}
