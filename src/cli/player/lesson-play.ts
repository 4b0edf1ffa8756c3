import type { Lesson } from "../../course/course.ts";
import type { LessonSession } from "../../course/lesson-session.ts";
import type { Screen } from "../ui/terminal.ts";
import type { ExerciseActions } from "../watch/exercise-actions.ts";

/** All that playing a lesson needs. */
export interface LessonPlay {
  readonly screen: Screen;
  readonly session: LessonSession;
  readonly lesson: Lesson;
  readonly exercises: ExerciseActions;
  readonly progress: LessonProgress;
  /** Start here (`--from`); without it, at `progress.resumeAt`. */
  readonly from?: string | undefined;
  /** This step alone (`--step`). */
  readonly step?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the SQL prompt keeps its history. */
  readonly historyPath: string;
  readonly signal: AbortSignal;
}

/** What the player remembers; nothing of it is called without a terminal. */
export interface LessonProgress {
  /** The step where the learner left; undefined at the first time. */
  readonly resumeAt: string | undefined;
  /** A step begins. */
  entered(step: string): Promise<void>;
  /** Each answer, also the ones after a wrong one. */
  answered(answer: {
    readonly quiz: string;
    readonly answer: string;
    readonly isRight: boolean;
  }): Promise<void>;
}

export interface LessonOutcome {
  /** 0 when all worked; else that of the gravest block that failed. */
  readonly exitCode: number;
  readonly isFinished: boolean;
  /** The step where the learner is. */
  readonly step: string;
}
