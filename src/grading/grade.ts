import type { Files, GradableExercise, GradingPlace, GradingWorld } from "./gradable.ts";
import type { Verdict } from "./verdict.ts";

export interface GradeRequest extends GradingPlace {
  readonly exercise: GradableExercise;
  /** By the names of the exercise's `files`. */
  readonly submission: Files;
  /** Type errors of TypeScript beside the run; default true. */
  readonly typeCheck?: boolean | undefined;
  /** Only these cases (`visible`, `seed-101`, `edge-empty`, …); default all. */
  readonly only?: readonly string[] | undefined;
  readonly world?: GradingWorld | undefined;
}

/**
 * Grades a submission. A wrong answer, a crash or a limit is a verdict; what is thrown is CancelledError, a
 * UserError of the environment, or a bug of the exercise or of ours.
 */
export async function grade(request: GradeRequest): Promise<Verdict> {
  throw new Error(`grade ${request.exercise.id}: not written yet`);
}
