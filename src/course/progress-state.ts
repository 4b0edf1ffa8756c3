import { z } from "zod";
import type { ProgressEvent } from "./progress-event.ts";

const exerciseProgress = z.object({
  /** Failed gradings, of every version. */
  attempts: z.number(),
  /** The version that the learner last worked on. */
  lastVersion: z.number(),
  /** Milliseconds since 1970, of the last event. */
  lastTime: z.number(),
  /** The highest hint shown, by version. */
  hints: z.record(z.string(), z.number()),
  /** The first pass of each version. */
  passes: z.array(z.object({ version: z.number(), time: z.number(), isWithSolution: z.boolean() })),
  /** Versions whose solution was shown. */
  reveals: z.array(z.number()),
});

const lessonProgress = z.object({
  /** The step where the learner is. */
  step: z.string().optional(),
  /** Every step that was reached, in the order of the first time. */
  steps: z.array(z.string()),
  quizzes: z.record(
    z.string(),
    z.object({
      answers: z.number(),
      isFirstRight: z.boolean(),
      isRight: z.boolean(),
      lastAnswer: z.string(),
    }),
  ),
  lastTime: z.number(),
});

export const progressSchema = z.object({
  events: z.number(),
  /** By `etl/clean`. */
  exercises: z.record(z.string(), exerciseProgress),
  /** By the module's slug. */
  lessons: z.record(z.string(), lessonProgress),
});

export type Progress = z.output<typeof progressSchema>;
export type ExerciseProgress = z.output<typeof exerciseProgress>;
export type LessonProgress = z.output<typeof lessonProgress>;

export type ExerciseState = "untouched" | "started" | "passed" | "passed-with-solution" | "task-changed";

export function emptyProgress(): Progress {
  return { events: 0, exercises: {}, lessons: {} };
}

/** Folds events that stand in the order (time, id). */
export function foldEvents(events: readonly ProgressEvent[]): Progress {
  const exercises = new Map<string, ExerciseProgress>();
  const lessons = new Map<string, LessonProgress>();
  for (const event of events) {
    if (event.kind === "step" || event.kind === "quiz") foldLesson(lessons, event);
    else foldExercise(exercises, event);
  }
  return {
    events: events.length,
    exercises: Object.fromEntries(exercises),
    lessons: Object.fromEntries(lessons),
  };
}

/**
 * Where a learner stands with an exercise, given its present version. A pass before a reveal stays `passed`;
 * after it, `passed-with-solution`. `task-changed`: what was done was done on an older version.
 */
export function exerciseState(progress: Progress, exercise: string, version: number): ExerciseState {
  const found = own(progress.exercises, exercise);
  if (found === undefined) return "untouched";
  const pass = found.passes.find((one) => one.version === version);
  if (pass !== undefined) return pass.isWithSolution ? "passed-with-solution" : "passed";
  if (found.lastVersion < version) return "task-changed";
  return "started";
}

/** How many hints were shown for this version: 0 to 3. */
export function hintsShown(progress: Progress, exercise: string, version: number): number {
  return own(progress.exercises, exercise)?.hints[String(version)] ?? 0;
}

/** True when this version's solution was shown. */
export function isRevealed(progress: Progress, exercise: string, version: number): boolean {
  return own(progress.exercises, exercise)?.reveals.includes(version) ?? false;
}

/** The step at which a lesson was left; undefined before the first. */
export function lessonStep(progress: Progress, lesson: string): string | undefined {
  return own(progress.lessons, lesson)?.step;
}

/** A quiz may be called `constructor`. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function foldLesson(
  lessons: Map<string, LessonProgress>,
  event: Extract<ProgressEvent, { kind: "step" | "quiz" }>,
): void {
  const lesson = lessons.get(event.lesson) ?? { steps: [], quizzes: {}, lastTime: 0 };
  lessons.set(event.lesson, lesson);
  lesson.lastTime = event.time;
  if (event.kind === "step") {
    lesson.step = event.step;
    if (!lesson.steps.includes(event.step)) lesson.steps.push(event.step);
    return;
  }
  const quiz = own(lesson.quizzes, event.quiz);
  lesson.quizzes[event.quiz] = {
    answers: (quiz?.answers ?? 0) + 1,
    isFirstRight: quiz?.isFirstRight ?? event.isRight,
    isRight: (quiz?.isRight ?? false) || event.isRight,
    lastAnswer: event.answer,
  };
}

function foldExercise(
  exercises: Map<string, ExerciseProgress>,
  event: Extract<ProgressEvent, { exercise: string }>,
): void {
  const exercise = exercises.get(event.exercise) ?? {
    attempts: 0,
    lastVersion: 0,
    lastTime: 0,
    hints: {},
    passes: [],
    reveals: [],
  };
  exercises.set(event.exercise, exercise);
  const { version, time } = event;
  exercise.lastVersion = Math.max(exercise.lastVersion, version);
  exercise.lastTime = time;
  switch (event.kind) {
    case "hint":
      exercise.hints[String(version)] = Math.max(exercise.hints[String(version)] ?? 0, event.level);
      break;
    case "attempt":
      exercise.attempts++;
      break;
    case "pass":
      if (!exercise.passes.some((pass) => pass.version === version))
        exercise.passes.push({ version, time, isWithSolution: exercise.reveals.includes(version) });
      break;
    case "reveal":
      if (!exercise.reveals.includes(version)) exercise.reveals.push(version);
      break;
    case "reset":
      break;
  }
}
