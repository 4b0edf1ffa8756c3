import type { SubmissionProblem } from "../../src/grading/verdict.ts";

/** A hostile submission, what its verdict must say, and a benign one that uses the same things rightly. */
export interface Attack {
  /** A sentence: "a loop that never ends". */
  readonly name: string;
  /** Body of `async (world) => …`, or a whole file where it holds an `export`. */
  readonly attack: string;
  /** The same, giving 42. */
  readonly benign: string;
  /**
   * Parts of the problem, or of one of several where it depends on the machine which limit comes first; `failed`
   * where it gives a wrong answer and nothing else.
   */
  readonly expected: Partial<SubmissionProblem> | readonly Partial<SubmissionProblem>[] | "failed";
  /** Default: 10 s, 256 MB, 8 MB. */
  readonly limits?: { readonly timeMs?: number; readonly memoryMb?: number; readonly diskMb?: number };
  /** Skipped where this system or Node version has no such thing. */
  readonly isMissing?: boolean;
}
