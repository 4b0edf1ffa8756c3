import type { Table } from "../../core/table.ts";
import type {
  AnswersSubmission,
  Exercise,
  ExerciseKind,
  FilesSubmission,
  RouterSubmission,
  SqlSubmission,
  TsSubmission,
} from "../exercise.ts";
import type { SubmissionProblem } from "../verdict.ts";

/** What the checks of a kind get. */
export interface HandleByKind {
  readonly sql: SqlSubmission;
  readonly ts: TsSubmission;
  readonly router: RouterSubmission;
  readonly answers: AnswersSubmission;
  readonly files: FilesSubmission;
}

/**
 * A submission made ready once for all the cases of one grading: TypeScript bundled, SQL's process shared.
 * Close it after the last case: for kind `sql` that ends the process in which the cases had their databases.
 */
export interface PreparedSubmission<K extends ExerciseKind = ExerciseKind> {
  readonly kind: K;
  readonly files: Readonly<Record<string, string>>;
  /** See `openSubmission`. */
  open(world: CaseWorld): OpenedSubmission<K>;
  close(): Promise<void>;
}

export interface OpenRequest<E extends Exercise = Exercise> extends CaseWorld {
  readonly spec: E;
  readonly prepared: PreparedSubmission<E["kind"]>;
}

/** What a case gives the submission. */
export interface CaseWorld {
  /** The case's data: tables for kind `sql`; the other kinds get data through their calls. */
  readonly inputs: Readonly<Record<string, Table>>;
  readonly signal?: AbortSignal | undefined;
  /** What `Date` says in the sandbox, milliseconds since 1970; default 2024-01-01T00:00:00Z. */
  readonly clockMs?: number | undefined;
  /** Of `Math.random` (and DuckDB's `random()`); default 1. */
  readonly seed?: number | undefined;
}

/** One case of one submission. */
export interface OpenedSubmission<K extends ExerciseKind = ExerciseKind> {
  readonly handle: HandleByKind[K];
  /** What it printed so far, cut at 64 kB; never part of an answer. */
  output(): string;
  /** Ends the process of the case and removes its folder. */
  close(): Promise<void>;
}

/** The submission can't serve a call: the verdict is its problem. Thrown by every call of a handle. */
export class SubmissionError extends Error {
  readonly problem: SubmissionProblem;

  constructor(problem: SubmissionProblem, options?: { cause?: unknown }) {
    super(problemMessage(problem), options);
    this.name = "SubmissionError";
    this.problem = problem;
  }
}

function problemMessage(problem: SubmissionProblem): string {
  return "message" in problem ? `${problem.kind}: ${problem.message}` : problem.kind;
}
