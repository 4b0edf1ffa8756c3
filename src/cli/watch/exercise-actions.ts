import type { Emit } from "../../core/events.ts";
import type { Task } from "../../course/course.ts";
import type { ExerciseState } from "../../course/progress-state.ts";
import type { Verdict } from "../../grading/verdict.ts";

/** An exercise as the screen shows it, in the learner's language. */
export interface ExerciseView {
  /** `etl/clean` */
  readonly id: string;
  /** As the learner types it: `01/clean`. */
  readonly name: string;
  /** The module's title. */
  readonly moduleTitle: string;
  readonly task: Task;
  /** Absolute paths in the workspace, whether they are there yet or not. */
  readonly files: readonly string[];
  /** The same, as the learner would type them from where they are. */
  readonly shownFiles: readonly string[];
  /** True when every file lies in the workspace. */
  readonly isThere: boolean;
  /** True when it has data to look at: `taller sql 01/clean`. */
  readonly hasTables: boolean;
  readonly state: ExerciseState;
  /** How many of the task's hints were shown so far. */
  readonly hintsShown: number;
}

export interface GradeOptions {
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/**
 * What can be done with an exercise, shared by the commands, the player and the watch screen. Each records its
 * own progress. They throw UserError where something can't be done; a wrong answer is a verdict.
 */
export interface ExerciseActions {
  /** Reads what is there; writes nothing. */
  view(id: string): Promise<ExerciseView>;
  /** Copies the starter into the workspace where it is missing, never over a file. */
  open(id: string): Promise<ExerciseView>;
  grade(id: string, options: GradeOptions): Promise<Verdict>;
  /** The next hint, remembered; undefined when all were shown. */
  hint(id: string): Promise<{ readonly index: number; readonly markdown: string } | undefined>;
  /** True when solution and diff may be shown without asking: it was passed, or shown before. */
  maySeeSolution(id: string): Promise<boolean>;
  /** Unified diff of each file, mine against the solution; undefined when they are the same. */
  diff(id: string): Promise<string | undefined>;
  /** The solution's files; remembered as revealed unless the exercise was passed before. */
  solution(id: string): Promise<Readonly<Record<string, string>>>;
  /** Back to the starter, with a backup. Gives where the backup lies. */
  reset(id: string): Promise<{ readonly backup: string | undefined }>;
  /** Brings the last backup back; a UserError when there is none. */
  undo(id: string): Promise<void>;
}
