import { SubmissionError } from "../../src/grading/kinds/open.ts";
import type { SubmissionProblem } from "../../src/grading/verdict.ts";

/** The problem with which a call failed; fails itself when there was none. */
export async function problemOf(call: Promise<unknown>): Promise<SubmissionProblem> {
  const outcome: unknown = await call.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (outcome instanceof SubmissionError) return outcome.problem;
  throw outcome instanceof Error ? outcome : new Error(`no problem, but ${JSON.stringify(outcome)}`);
}
