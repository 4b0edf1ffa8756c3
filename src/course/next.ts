import type { Course, ExerciseFolder, Module } from "./course.ts";
import { loadLesson, loadSpec } from "./load.ts";
import { exerciseState, type Progress } from "./progress-state.ts";

/** What a learner does next. */
export type Next =
  | { readonly kind: "lesson"; readonly module: Module; readonly step: string }
  | {
      readonly kind: "exercise";
      readonly module: Module;
      readonly exercise: ExerciseFolder;
      /** Set when it was passed on an older version. */
      readonly isTaskChanged: boolean;
    }
  | { readonly kind: "done" };

/**
 * The first thing of the course (or of a path through it) that is not done: in each module, the lesson's steps
 * as they come, with each exercise where the lesson asks for it, then the exercises that no step names.
 *
 * A lesson is left where it was left: steps before that one count as read, even if they were jumped over.
 */
export async function nextThing(
  course: Course,
  progress: Progress,
  options: { readonly path?: string | undefined } = {},
): Promise<Next> {
  for (const module of modulesInOrder(course, options.path)) {
    const next = await nextInModule(module, progress);
    if (next.kind !== "done") return next;
  }
  return { kind: "done" };
}

/** As {@link nextThing}, within one module. */
export async function nextInModule(module: Module, progress: Progress): Promise<Next> {
  const steps = (await loadLesson(module, "es"))?.steps ?? [];
  const reached = Object.hasOwn(progress.lessons, module.slug) ? progress.lessons[module.slug] : undefined;
  const last = Math.max(-1, ...(reached?.steps ?? []).map((id) => steps.findIndex((step) => step.id === id)));
  for (const [index, step] of steps.entries()) {
    if (index > last) return { kind: "lesson", module, step: step.id };
    for (const block of step.blocks) {
      const exercise =
        block.kind === "exercise" ? module.exercises.find((one) => one.slug === block.exercise) : undefined;
      const next = exercise && (await nextExercise(module, exercise, progress));
      if (next !== undefined) return next;
    }
  }
  for (const exercise of module.exercises) {
    const next = await nextExercise(module, exercise, progress);
    if (next !== undefined) return next;
  }
  return { kind: "done" };
}

/** The modules of a path that exist, in its order; all of them in theirs without a path. */
export function modulesInOrder(course: Course, pathId: string | undefined): readonly Module[] {
  const path = course.paths.find((one) => one.id === pathId);
  if (path === undefined) return course.modules;
  return path.modules.flatMap((slug) => course.modules.filter((module) => module.slug === slug));
}

async function nextExercise(
  module: Module,
  exercise: ExerciseFolder,
  progress: Progress,
): Promise<Next | undefined> {
  const { version } = await loadSpec(exercise);
  const state = exerciseState(progress, exercise.id, version);
  if (state === "passed" || state === "passed-with-solution") return undefined;
  return { kind: "exercise", module, exercise, isTaskChanged: state === "task-changed" };
}
