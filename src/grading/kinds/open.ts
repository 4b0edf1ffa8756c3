import type { Exercise } from "../exercise.ts";
import type { OpenedSubmission, OpenRequest, PreparedSubmission } from "./submission.ts";

export {
  type HandleByKind,
  type OpenedSubmission,
  type OpenRequest,
  type PreparedSubmission,
  SubmissionError,
} from "./submission.ts";

/**
 * Makes a submission ready for all its cases. Throws a {@link SubmissionError} where it can't be read:
 * `missing-file`, `not-text`, `syntax` (line and column of the learner's file), `refused` (an import).
 */
export async function prepareSubmission<E extends Exercise>(
  spec: E,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission<E["kind"]>> {
  void files;
  throw new Error(`kind ${spec.kind} has no harness yet`);
}

/**
 * Opens one case. Nothing runs before the handle's first call (or its `start`). Ends with `close`, whatever
 * happened.
 */
export function openSubmission<E extends Exercise>(request: OpenRequest<E>): OpenedSubmission<E["kind"]> {
  throw new Error(`kind ${request.spec.kind} has no harness yet`);
}

/** Starts the next process of this kind ahead (`watch` does so after a verdict); a process is used once. */
export function prestart(kind: Exercise["kind"]): void {
  void kind;
}
