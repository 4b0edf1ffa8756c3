import type { Exercise, SqlExercise } from "../exercise.ts";
import { endPrestarted, prestartProcess } from "../sandbox/prestarted.ts";
import type { OpenedSubmission, OpenRequest, PreparedSubmission } from "./submission.ts";
import { checkFiles } from "./submitted-files.ts";

export {
  type HandleByKind,
  type OpenedSubmission,
  type OpenRequest,
  type PreparedSubmission,
  SubmissionError,
} from "./submission.ts";

/**
 * Makes a submission ready for all its cases. Throws a SubmissionError where it can't be read:
 * `missing-file`, `not-text`, `syntax` (line and column of the learner's file), `refused` (an import).
 */
export async function prepareSubmission<E extends Exercise>(
  spec: E,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission<E["kind"]>>;
export async function prepareSubmission(
  spec: Exercise,
  files: Readonly<Record<string, string>>,
): Promise<PreparedSubmission> {
  checkFiles(spec, files);
  // A kind's libraries are loaded when it is used: esbuild, a YAML parser.
  switch (spec.kind) {
    case "ts":
      return (await import("./ts/open.ts")).prepareTs(spec, files);
    case "answers":
      return (await import("./answers/open.ts")).prepareAnswers(spec, files);
    case "files":
      return (await import("./files/open.ts")).prepareFiles(spec, files);
    case "sql":
      return (await import("./sql/open.ts")).prepareSql(spec, files);
    case "router":
      return (await import("./router/open.ts")).prepareRouter(spec, files);
  }
}

/**
 * Opens one case. Nothing runs before the handle's first call (or its `start`). End it with `close`,
 * whatever happened.
 */
export function openSubmission<E extends Exercise>(request: OpenRequest<E>): OpenedSubmission<E["kind"]> {
  return request.prepared.open(request);
}

/**
 * Starts the next process for an exercise like this one ahead (`watch` does so after a verdict); it waits,
 * asleep, and is used once. Kinds without a process need none.
 */
export async function prestart(
  next: Pick<Exercise, "kind" | "limits"> & Pick<SqlExercise, "engine">,
): Promise<void> {
  switch (next.kind) {
    case "ts":
    case "router":
      return prestartProcess((await import("./ts/open.ts")).codeClaim(next.kind, next.limits));
    case "sql":
      return prestartProcess(
        await (await import("./sql/open.ts")).sqlClaim(next.engine ?? "duckdb", next.limits),
      );
    case "answers":
    case "files":
  }
}

/** Ends what `prestart` started and nobody used. */
export async function endPrestart(): Promise<void> {
  await endPrestarted();
}
