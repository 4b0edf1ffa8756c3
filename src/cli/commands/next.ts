import { loadLesson } from "../../course/load.ts";
import { type Next, nextThing } from "../../course/next.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, openLearner } from "../learner.ts";

/** `taller next`: the first step or exercise of the course that is not done. */
export async function run(context: CliContext, _input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const next = await nextThing(learner.course, await learner.progress.read());
  switch (next.kind) {
    case "lesson":
      return sayLesson(context, next);
    case "exercise":
      return sayExercise(context, learner, next);
    case "done":
      if (context.isJson) context.result({ kind: "done", command: "taller list" });
      context.print(
        context.lang === "es"
          ? " Lo has superado todo.\n   taller list"
          : " You have passed everything.\n   taller list",
      );
      return 0;
  }
}

async function sayLesson(context: CliContext, next: Extract<Next, { kind: "lesson" }>): Promise<number> {
  const { lang } = context;
  const lesson = await loadLesson(next.module, lang);
  const index = lesson?.steps.findIndex((step) => step.id === next.step) ?? 0;
  const step = lesson?.steps[index];
  const command = `taller lesson ${next.module.number}`;
  if (context.isJson) context.result({ kind: "lesson", module: next.module.slug, step: next.step, command });
  const place =
    lang === "es"
      ? `paso ${index + 1} de ${lesson?.steps.length}`
      : `step ${index + 1} of ${lesson?.steps.length}`;
  context.print(
    ` ${next.module.number} · ${next.module.title[lang]} · ${place}: ${step?.title ?? next.step}\n   ${command}`,
  );
  return 0;
}

async function sayExercise(
  context: CliContext,
  learner: Learner,
  next: Extract<Next, { kind: "exercise" }>,
): Promise<number> {
  const view = await learner.open(next.exercise.id);
  const command = `taller check ${view.name}`;
  if (context.isJson)
    context.result({
      kind: "exercise",
      module: next.module.slug,
      exercise: view.id,
      files: view.files,
      command,
    });
  const changed = context.lang === "es" ? "la tarea ha cambiado" : "the task has changed";
  context.print(` ${view.name} · ${view.task.title}${next.isTaskChanged ? ` · ${changed}` : ""}`);
  for (const file of view.shownFiles) context.print(`   ${file}`);
  context.print(`   ${command}`);
  return 0;
}
