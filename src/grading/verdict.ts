import type { Cell, Table } from "../core/table.ts";
import type { Text } from "../core/text.ts";

/** What a grading says. Data only: `cli` turns it into words, `--json` into an object. */
export interface Verdict {
  /** `etl/clean` */
  readonly exercise: string;
  readonly version: number;
  readonly passed: boolean;
  readonly state: VerdictState;
  readonly seconds: number;
  /** Notes when all pass; shown first when a check fails. A type error never fails a correct result. */
  readonly typeErrors: readonly TypeErrorNote[];
  /** One per declared check, in the declared order. */
  readonly checks: readonly CheckOutcome[];
  /** Why no check could be judged (a syntax error, a crash, a limit); absent otherwise. */
  readonly problem?: SubmissionProblem | undefined;
  /** The data on which the problem came (`visible`, `seed-101`, …); absent when it came before any. */
  readonly problemCase?: string | undefined;
}

export type VerdictState = "passed" | "failed" | "error" | "timeout";

export interface TypeErrorNote {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface CheckOutcome {
  readonly id: string;
  /** null: not reached, because an earlier case failed or the submission did not run. */
  readonly passed: boolean | null;
  readonly failure?: Failure | undefined;
  /** The id of the recognised mistake. */
  readonly mistake?: string | undefined;
  /** The data on which it failed: `visible`, `seed-101`, `edge-empty`. */
  readonly case?: string | undefined;
}

export interface Failure {
  readonly reason: FailureReason;
  /** The smallest counter-example: few rows of the input or of the result. */
  readonly example?: Table | undefined;
  /** A mistake that the grader's own rule recognised. */
  readonly mistake?: string | undefined;
}

export type FailureReason =
  | {
      readonly kind: "columns";
      readonly result: string;
      readonly missing: readonly string[];
      readonly extra: readonly string[];
      /** Set when names are right but the order, which the task asks for, is not. */
      readonly expectedOrder?: readonly string[] | undefined;
    }
  | {
      readonly kind: "types";
      readonly result: string;
      /** Families (`boolean`, `integer`, `fraction`, `text`, `date`, `timestamp`); a type (`decimal(10,2)`) where the task fixes it. */
      readonly columns: readonly {
        readonly name: string;
        readonly expected: string;
        readonly actual: string;
      }[];
    }
  | {
      readonly kind: "rows";
      readonly result: string;
      readonly expectedRows: number;
      readonly actualRows: number;
      readonly missing: number;
      readonly extra: number;
      readonly changed: number;
      readonly differences: readonly RowDifference[];
    }
  /** `row` is the first one out of order, 1-based. */
  | { readonly kind: "order"; readonly result: string; readonly row: number; readonly by: readonly string[] }
  | {
      readonly kind: "value";
      readonly name: string | Text;
      readonly expected: Cell;
      readonly actual: Cell;
      readonly tolerance?: number | undefined;
      readonly unit?: string | undefined;
    }
  /** The expected answer is never shown. */
  | {
      readonly kind: "answer";
      readonly field: string;
      readonly given: Cell;
      readonly problem: "wrong" | "missing" | "form";
    }
  | {
      readonly kind: "files";
      readonly facts: readonly { readonly name: Text; readonly expected: string; readonly actual: string }[];
    }
  | {
      readonly kind: "plan";
      readonly facts: readonly { readonly name: Text; readonly expected: string; readonly actual: string }[];
    }
  | { readonly kind: "said"; readonly text: Text };

/** One row that differs, named by the values of its key. */
export type RowDifference =
  | {
      readonly kind: "missing" | "extra";
      readonly key: Readonly<Record<string, Cell>>;
      readonly row: Readonly<Record<string, Cell>>;
    }
  | {
      readonly kind: "changed";
      readonly key: Readonly<Record<string, Cell>>;
      readonly cells: readonly { readonly column: string; readonly expected: Cell; readonly actual: Cell }[];
    };

/** Why a submission gave nothing to judge. Lines and columns are those of the learner's file, 1-based. */
export type SubmissionProblem =
  | { readonly kind: "missing-file"; readonly file: string }
  | { readonly kind: "not-text"; readonly file: string }
  | {
      readonly kind: "syntax";
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly message: string;
    }
  | {
      readonly kind: "sql";
      readonly file: string;
      readonly line?: number | undefined;
      readonly message: string;
    }
  | { readonly kind: "missing-result"; readonly result: string; readonly found: readonly string[] }
  | { readonly kind: "missing-export"; readonly name: string; readonly found: readonly string[] }
  | {
      readonly kind: "threw";
      readonly message: string;
      readonly file?: string | undefined;
      readonly line?: number | undefined;
      readonly column?: number | undefined;
    }
  /** The sandbox refused something: reading, writing, network, child, worker, addon, kill, SQL. */
  | {
      readonly kind: "refused";
      readonly what: string;
      readonly message: string;
      readonly file?: string | undefined;
      readonly line?: number | undefined;
    }
  | { readonly kind: "time-limit"; readonly limitMs: number }
  | { readonly kind: "memory-limit"; readonly limitMb: number }
  | { readonly kind: "disk-limit"; readonly limitMb: number }
  | { readonly kind: "output-limit"; readonly limitMb: number }
  /** The process ended before the grader had its answer (`process.exit(0)`). */
  | { readonly kind: "ended-early"; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly kind: "not-data"; readonly message: string };
