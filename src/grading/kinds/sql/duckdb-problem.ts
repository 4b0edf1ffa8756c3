import { messageOf } from "../../../core/errors.ts";
import { engineError } from "../../../engines/duckdb/errors.ts";
import { SqlError } from "../../../engines/engine.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import type { SqlInit } from "./protocol.ts";
import type { StatementText } from "./split-statements.ts";

/** What DuckDB threw at a statement, as a problem of the learner's file. */
export function duckdbProblemOf(
  thrown: unknown,
  init: SqlInit,
  statement: StatementText | undefined,
): SubmissionProblem {
  const error = engineError(thrown, { sql: statement?.text ?? "" });
  const message = messageOf(error);
  const lineWithin = (error instanceof SqlError ? error.line : undefined) ?? 1;
  const line = statement === undefined ? undefined : statement.line + lineWithin - 1;
  if (/max_temp_directory_size/.test(message)) return { kind: "disk-limit", limitMb: init.diskMb };
  if (error instanceof SqlError && error.code === "Out of Memory") {
    return { kind: "memory-limit", limitMb: init.memoryMb };
  }
  if (isRefusal(error, message)) return { kind: "refused", what: "sql", message, file: init.file, line };
  return { kind: "sql", file: init.file, line, message };
}

function isRefusal(error: unknown, message: string): boolean {
  return (
    (error instanceof SqlError && error.code === "Permission") ||
    /configuration has been locked|disabled (by|through) configuration/.test(message)
  );
}
