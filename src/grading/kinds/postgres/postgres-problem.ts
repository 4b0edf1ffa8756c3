import { messageOf } from "../../../core/errors.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import type { SqlInit } from "../sql/protocol.ts";
import type { StatementText } from "../sql/split-statements.ts";

/** What PostgreSQL threw at a statement, as a problem of the learner's file. Codes are SQLSTATE's. */
export function postgresProblemOf(
  thrown: unknown,
  init: SqlInit,
  statement: StatementText | undefined,
): SubmissionProblem {
  const message = messageOf(thrown);
  const code = memberText(thrown, "code");
  // 53200 out_of_memory; 54000 program_limit_exceeded is a size that no database holds.
  if (code === "53200") return { kind: "memory-limit", limitMb: init.memoryMb };
  const line = statement === undefined ? undefined : statement.line + linesBefore(thrown, statement.text);
  // 42501 insufficient_privilege
  if (code === "42501") return { kind: "refused", what: "sql", message, file: init.file, line };
  return { kind: "sql", file: init.file, line, message };
}

/** PostgreSQL counts characters of the statement from 1. */
function linesBefore(thrown: unknown, text: string): number {
  const position = Number(memberText(thrown, "position"));
  if (!(position > 0)) return 0;
  return [...text].slice(0, position - 1).filter((character) => character === "\n").length;
}

function memberText(value: unknown, name: string): string {
  if (typeof value !== "object" || value === null) return "";
  const member = (value as Record<string, unknown>)[name];
  return typeof member === "string" ? member : "";
}
