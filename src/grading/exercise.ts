import type { Clock } from "../core/effects.ts";
import type { Random } from "../core/random.ts";
import type { Cell, DataType, Table } from "../core/table.ts";
import type { Text } from "../core/text.ts";
import type { Engine } from "../engines/engine.ts";
import type { Failure } from "./verdict.ts";

/**
 * An exercise as its author writes it (`exercises/N-slug/exercise.ts`). A kind is a harness in the
 * sandbox plus the handle that the checks get. Texts live in `task.<lang>.md`, never here.
 */
export type Exercise = SqlExercise | TsExercise | RouterExercise | AnswersExercise | FilesExercise;

export type ExerciseKind = Exercise["kind"];

/** `defineExercise({...})`, the default export of `exercise.ts`; parsed strictly by `course/discovery`. */
export function defineExercise<const E extends Exercise>(exercise: E): E {
  return exercise;
}

interface ExerciseBase<H> {
  /** Raised when the task, its checks or its data change: old passes stay, the learner is told. */
  readonly version: number;
  /** Names in the workspace. Starter, solution, right and wrong are one file (`starter.sql`) or a folder with these names. */
  readonly files: readonly string[];
  /** The visible data, by the name under which the submission sees it. */
  readonly inputs?: Readonly<Record<string, InputSpec>> | undefined;
  /** Other data on which it is judged; the learner never sees these. */
  readonly hidden?: readonly HiddenSpec[] | undefined;
  readonly edges?: readonly EdgeSpec[] | undefined;
  /** Embedded services that the submission may reach. */
  readonly services?: readonly ServiceName[] | undefined;
  readonly limits?: Limits | undefined;
  /** In the order in which they are judged: the first that fails is what the learner is told to mend. */
  readonly checks: readonly Check<H>[];
  /** The check that the untouched starter fails. */
  readonly starterFails: string;
  /** Each `wrong/<mistake-id>` and the first check that it fails. */
  readonly wrong: Readonly<Record<string, string>>;
}

export interface SqlExercise extends ExerciseBase<SqlSubmission> {
  readonly kind: "sql";
  /** Default duckdb. */
  readonly engine?: "duckdb" | "postgres" | undefined;
  /** The views (or tables) that the file must leave; without it the file is one query, whose result is `result`. */
  readonly results?: readonly string[] | undefined;
}

export interface TsExercise extends ExerciseBase<TsSubmission> {
  readonly kind: "ts";
  /** The functions that the file must export. */
  readonly exports: readonly string[];
}

export interface RouterExercise extends ExerciseBase<RouterSubmission> {
  readonly kind: "router";
}

export interface AnswersExercise extends ExerciseBase<AnswersSubmission> {
  readonly kind: "answers";
}

export interface FilesExercise extends ExerciseBase<FilesSubmission> {
  readonly kind: "files";
}

export type ServiceName = "kafka" | "object-store" | "postgres" | "tracking";

export interface Limits {
  /** Of the whole grading of one case; default 5,000. */
  readonly timeMs?: number | undefined;
  /** Default 512. */
  readonly memoryMb?: number | undefined;
  /** What the submission may write; default 64. */
  readonly diskMb?: number | undefined;
}

export type InputSpec =
  /**
   * Rows of a dataset; of data that ship, `rows` with `seed` picks some at random. `sql` names a file of the
   * exercise's folder: a query over the view `raw`, whose result is the input.
   */
  | {
      readonly dataset: string;
      readonly rows?: number | undefined;
      readonly seed?: number | undefined;
      readonly variant?: string | undefined;
      readonly sql?: string | undefined;
    }
  /** Data made by the exercise itself. The same arguments must give the same table. */
  | { readonly generate: (options: GenerateOptions) => Table };

export interface GenerateOptions {
  readonly seed: number;
  readonly random: Random;
  /** The id of the edge case asked for; undefined for a plain set. */
  readonly edge: string | undefined;
}

/** Other data: another seed, and where wanted another size. */
export interface HiddenSpec {
  readonly seed: number;
  readonly rows?: number | undefined;
}

/**
 * `empty`: no rows; `one-row`: the first row; `all-null`: every nullable column null but those in `keep`.
 * `{ id }`: whatever the exercise's own `generate` gives for it.
 */
export type EdgeSpec =
  | "empty"
  | "one-row"
  | "all-null"
  | { readonly edge: "all-null"; readonly keep: readonly string[] }
  | { readonly edge: "custom"; readonly id: string };

/** What a check's function is given; one per case (visible, each hidden set, each edge). */
export interface CheckContext<H> {
  /** `visible`, `seed-101`, `edge-empty`, … */
  readonly case: string;
  readonly inputs: Readonly<Record<string, Table>>;
  /** The learner's, running in the sandbox. */
  readonly submission: H;
  /** The reference solution on the same data. Its results are cached. */
  readonly solution: H;
  /** A DuckDB of our own, for judging: it runs in our process and never runs learners' SQL. */
  engine(): Promise<Engine>;
  /** A temporary folder of this case, removed at the end. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
}

export type CheckResult = { readonly passed: true } | ({ readonly passed: false } & Failure);

interface CheckBase {
  /** English, kebab-case; its title stands in `task.<lang>.md` under `## check <id>: …`. */
  readonly id: string;
  /** Which cases it judges; default all. */
  readonly on?: "visible" | "hidden" | "all" | undefined;
}

/** A check is data: what is printed as expected comes from the same value that is compared. */
export type Check<H> =
  | SchemaCheck
  | RowsCheck
  | ValueCheck<H>
  | AnswersCheck
  | FilesCheck<H>
  | PlanCheck<H>
  | CustomCheck<H>;

/** Column names (case aside) and type families of a result, against the solution's. */
export interface SchemaCheck extends CheckBase {
  readonly kind: "schema";
  /** Default: every result. */
  readonly results?: readonly string[] | undefined;
  /** True only where the task asks for this order of columns. */
  readonly isOrdered?: boolean | undefined;
  /** Types that the task fixes to the letter, by column. */
  readonly exactTypes?: Readonly<Record<string, DataType>> | undefined;
}

/** Rows of a result, against the solution's, as a multiset unless the task asks for an order. */
export interface RowsCheck extends CheckBase {
  readonly kind: "rows";
  readonly result?: string | undefined;
  /** Names the rows in the verdict; need not be unique. */
  readonly key: readonly string[];
  /** Only these columns are judged; default all of the solution's. */
  readonly columns?: readonly string[] | undefined;
  /** Only which keys are there is judged, not the other columns. */
  readonly keysOnly?: boolean | undefined;
  readonly orderBy?: readonly string[] | undefined;
  /** Largest |a − b| / max(1, |b|) that counts as equal for fractions; default 1e-9. */
  readonly tolerance?: number | undefined;
}

/** One number (or other cell) computed from the submission, against an expected one. */
export interface ValueCheck<H> extends CheckBase {
  readonly kind: "value";
  /** What is compared; a text that is no name of a column or a path in both languages. */
  readonly name: string | Text;
  readonly actual: (context: CheckContext<H>) => Promise<Cell>;
  readonly expected: (context: CheckContext<H>) => Promise<Cell>;
  readonly tolerance?: number | undefined;
  readonly unit?: string | undefined;
}

/** One field of an answers file. Numbers may be written in either locale's form. */
export interface AnswersCheck extends CheckBase {
  readonly kind: "answers";
  readonly field: string;
  readonly expected: (context: CheckContext<AnswersSubmission>) => Promise<Cell>;
  readonly tolerance?: number | undefined;
  /** Wrong answers that give a mistake away, by mistake id. */
  readonly mistakes?:
    | Readonly<Record<string, (context: CheckContext<AnswersSubmission>) => Promise<Cell>>>
    | undefined;
}

/** Facts about files that the submission (or the grader, carrying it out) wrote. */
export interface FilesCheck<H> extends CheckBase {
  readonly kind: "files";
  readonly run: (context: CheckContext<H>) => Promise<CheckResult>;
}

/** Facts about a plan: files and row groups read, shuffles. */
export interface PlanCheck<H> extends CheckBase {
  readonly kind: "plan";
  readonly run: (context: CheckContext<H>) => Promise<CheckResult>;
}

export interface CustomCheck<H> extends CheckBase {
  readonly kind: "custom";
  readonly run: (context: CheckContext<H>) => Promise<CheckResult>;
}

/** A running submission; what crosses is data: tables, numbers, texts, plain objects and arrays of these. */
export interface RunningSubmission {
  /** Starts the process; the other calls start it when needed. */
  start(): Promise<void>;
  /** Ends the process at once (SIGKILL), as a crash does; what it wrote in its folder stays. */
  kill(): Promise<void>;
  /** A new process on the same folder. */
  restart(): Promise<void>;
}

export interface SqlSubmission extends RunningSubmission {
  /** Runs the file (again, on a second call: for "a second run changes nothing"). */
  run(): Promise<void>;
  /** One of the results it leaves; runs the file first when it has not run. */
  result(name?: string): Promise<Table>;
  /** The grader's own query, on the submission's database. */
  query(sql: string): Promise<Table>;
}

export interface TsSubmission extends RunningSubmission {
  /** Calls an exported function (awaited) and gives what it returns. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
}

export interface RouterSubmission extends RunningSubmission {
  request(request: RouterRequest): Promise<RouterResponse>;
}

export interface RouterRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON unless it is a string. */
  readonly body?: unknown;
}

export interface RouterResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The parsed body, undefined when it is no JSON. */
  readonly json: unknown;
}

export interface AnswersSubmission {
  /** The fields of the YAML file. */
  read(): Promise<Readonly<Record<string, unknown>>>;
}

export interface FilesSubmission {
  /** By file name: the text, and the parsed structure of YAML (one document or several) and JSON. */
  read(): Promise<Readonly<Record<string, SubmittedFile>>>;
}

export interface SubmittedFile {
  readonly text: string;
  readonly documents: readonly unknown[];
}
