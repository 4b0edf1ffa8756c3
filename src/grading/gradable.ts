import type { Clock } from "../core/effects.ts";
import type { Emit } from "../core/events.ts";
import type { Exercise } from "./exercise.ts";

/** Contents by file name. */
export type Files = Readonly<Record<string, string>>;

/** What grading needs of an exercise; `course/discovery` loads it. */
export interface GradableExercise {
  /** `etl/clean` */
  readonly id: string;
  /** Its folder: `sql` of an input lies there, and what is in it joins the cache's key. */
  readonly dir: string;
  readonly spec: Exercise;
  readonly solution: Files;
  /** By mistake id. */
  readonly wrong: Readonly<Record<string, Files>>;
}

/** Where grading works, and what it is told from outside. */
export interface GradingPlace {
  /** Expected values and wrong answers' outcomes lie here; safe to delete. `<workspace>/.taller/cache` */
  readonly cacheFolder: string;
  /** Generated data, `<workspace>/.taller/data`. */
  readonly dataFolder: string;
  /** For durations; what the submission and the checks see is {@link GradingWorld}. */
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

/**
 * The day and the randomness that a submission and its checks see. They are ours, so that a verdict depends
 * only on submission, exercise and engine; `dev check` grades in two worlds and compares.
 */
export interface GradingWorld {
  /** Milliseconds since 1970; default 2024-01-01T00:00:00Z. */
  readonly clockMs: number;
  /** Of `Math.random` in the sandbox; default 1. */
  readonly seed: number;
}

export const DEFAULT_WORLD: GradingWorld = { clockMs: Date.UTC(2024, 0, 1), seed: 1 };
