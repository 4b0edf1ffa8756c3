import type { NumberLabel } from "../core/events.ts";
import type { Text } from "../core/text.ts";
import type { Exercise } from "../grading/exercise.ts";

/** A course as `course/discovery` finds it under a folder: `course.yaml` and the folders `NN-slug`. */
export interface Course {
  readonly root: string;
  readonly title: Text;
  readonly paths: readonly CoursePath[];
  /** In the order of their numbers. */
  readonly modules: readonly Module[];
}

export interface CoursePath {
  readonly id: string;
  readonly title: Text;
  /** Slugs, in the order in which they are walked; some may not exist yet. */
  readonly modules: readonly string[];
}

export type Level = "beginner" | "intermediate" | "advanced";

export interface Module {
  /** `01` */
  readonly number: string;
  /** `etl`: stored ids are `etl/clean`. */
  readonly slug: string;
  readonly dir: string;
  readonly title: Text;
  readonly level: Level | undefined;
  /** `ready`: has a lesson in both languages. */
  readonly state: "ready" | "pipelines-only";
  readonly exercises: readonly ExerciseFolder[];
  readonly pipelines: readonly PipelineFile[];
  /** Paths by language; undefined when the module lacks them. */
  readonly lessonPaths: Text | undefined;
  readonly cheatsheetPaths: Text | undefined;
}

export interface PipelineFile {
  readonly id: string;
  readonly path: string;
}

/** An exercise's folder: what it is is loaded when needed (`loadExercise`). */
export interface ExerciseFolder {
  /** `etl/clean` */
  readonly id: string;
  /** 1-based, from the folder's name. */
  readonly number: number;
  /** `clean` */
  readonly slug: string;
  readonly dir: string;
}

/** Contents by file name of one submission, solution, starter or variant. */
export type SubmissionFiles = Readonly<Record<string, string>>;

export interface LoadedExercise {
  readonly folder: ExerciseFolder;
  readonly spec: Exercise;
  readonly starter: SubmissionFiles;
  readonly solution: SubmissionFiles;
  /** By variant name. */
  readonly right: Readonly<Record<string, SubmissionFiles>>;
  /** By mistake id. */
  readonly wrong: Readonly<Record<string, SubmissionFiles>>;
}

/** `task.<lang>.md`, parsed. */
export interface Task {
  readonly title: string;
  readonly markdown: string;
  /** Three, from a nudge to nearly the answer. */
  readonly hints: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
  /** `{{example}}` still in it. */
  readonly mistakes: Readonly<Record<string, string>>;
}

/** `lesson.<lang>.md`, parsed. */
export interface Lesson {
  readonly title: string;
  readonly summary: string;
  readonly level: Level;
  readonly minutes: number;
  /** Views of the lesson's engine. */
  readonly inputs: Readonly<Record<string, LessonInput>>;
  readonly steps: readonly LessonStep[];
}

export type LessonInput =
  /**
   * The dataset's rows as they are in its files (a dirty CSV: every column text; rows that don't fit the
   * header are in `<name>_rejects`), or a CSV's lines as they are, in one column `text`.
   */
  | {
      readonly dataset: string;
      readonly rows?: number | undefined;
      readonly seed?: number | undefined;
      readonly variant?: string | undefined;
      readonly as?: "rows" | "lines" | undefined;
    }
  /** A query of the module's `sql/` folder over the inputs above it. */
  | { readonly sql: string }
  /** A table of the workspace; when it is missing, its producer makes it first. */
  | { readonly table: string };

export interface LessonStep {
  readonly id: string;
  readonly title: string;
  /** Of its heading, in the file. */
  readonly line: number;
  readonly blocks: readonly Block[];
}

/** What a step is made of, in the order of the file. Live blocks carry the line of their fence, for messages. */
export type Block =
  | { readonly kind: "prose"; readonly markdown: string }
  | RunBlock
  | {
      readonly kind: "show";
      readonly line: number;
      readonly file: string;
      readonly from?: number | undefined;
      readonly to?: number | undefined;
      /** Instead of lines: what stands between `#region <id>` and `#endregion`. */
      readonly region?: string | undefined;
    }
  | { readonly kind: "quiz"; readonly line: number; readonly quiz: Quiz }
  | { readonly kind: "exercise"; readonly line: number; readonly exercise: string }
  /** A SQL prompt on the step's tables; the sample is what a run without a terminal executes. */
  | { readonly kind: "try"; readonly line: number; readonly id: string; readonly sample: string };

/** `run sql=FILE view=…` or `run pipeline=ID step=ID view=…`: the source is shown, executed, rendered. */
export type RunBlock =
  | {
      readonly kind: "run";
      readonly line: number;
      readonly what: "sql";
      /** In the module's `sql/`. Statements before the last are executed; the last one's rows are shown. */
      readonly file: string;
      readonly view: RunView;
      /** For `chart`: the columns of the axes; bars when x is text. */
      readonly x?: string | undefined;
      readonly y?: string | undefined;
      readonly maxRows?: number | undefined;
      readonly isSourceHidden?: boolean | undefined;
      /** Where the numbers come from; default `measured`. */
      readonly label?: NumberLabel | undefined;
    }
  | {
      readonly kind: "run";
      readonly line: number;
      readonly what: "pipeline";
      readonly pipeline: string;
      /** Runs the pipeline up to and with this step; without it, all of it. */
      readonly step?: string | undefined;
      /** `key=value` pairs of the fence that are the pipeline's options. */
      readonly options: Readonly<Record<string, string>>;
    };

/**
 * `plan`: the last query is explained (and run), files, row groups and shuffles are counted. `bytes`: the
 * first column as raw text. `reconciliation`: one row whose first number is the sum of the others.
 */
export type RunView = "table" | "chart" | "plan" | "value" | "bytes" | "reconciliation";

export type Quiz =
  | {
      readonly id: string;
      readonly kind: "single" | "multiple" | "predict";
      readonly question: string;
      readonly choices: readonly QuizChoice[];
    }
  | {
      readonly id: string;
      readonly kind: "order";
      readonly question: string;
      readonly items: readonly string[];
      readonly explanation: string;
    }
  | {
      readonly id: string;
      readonly kind: "number";
      readonly question: string;
      readonly answer: number;
      /** Absolute. */
      readonly tolerance: number;
      readonly unit?: string | undefined;
      readonly explanation: string;
      /** What a particular wrong number gives away. */
      readonly near: readonly { readonly value: number; readonly explanation: string }[];
    };

export interface QuizChoice {
  readonly text: string;
  readonly isRight: boolean;
  /** Why this choice is right or wrong. */
  readonly explanation: string;
}
