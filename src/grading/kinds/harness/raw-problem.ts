import type { RawProblem, RefusedWhat } from "../../sandbox/protocol.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import { RefusedError } from "./close-doors.ts";
import { NotDataError } from "./plain-data.ts";

/** Thrown by a harness that knows the problem already. */
export class ProblemError extends Error {
  readonly problem: SubmissionProblem;

  constructor(problem: SubmissionProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

const MAX_MESSAGE = 2_000;
const MAX_STACK = 16_000;
const toText = String;

/** What a thrown value says, in the verdict's words. Reads it with care: it is the submission's own object. */
export function rawProblemOf(thrown: unknown): RawProblem {
  try {
    if (thrown instanceof ProblemError) return { problem: thrown.problem };
    if (thrown instanceof NotDataError) return { problem: { kind: "not-data", message: thrown.message } };
    const message = textOf(memberOf(thrown, "message") ?? thrown).slice(0, MAX_MESSAGE);
    const stack = memberOf(thrown, "stack");
    const where = typeof stack === "string" ? stack.slice(0, MAX_STACK) : undefined;
    const refused = refusedOf(thrown);
    if (refused !== undefined) {
      return { problem: { kind: "refused", what: refused.what, message: refused.detail }, stack: where };
    }
    return { problem: { kind: "threw", message: named(thrown, message) }, stack: where };
  } catch {
    return { problem: { kind: "threw", message: "" } };
  }
}

/** Node's own refusals (`ERR_ACCESS_DENIED`) name the permission and the resource. */
function refusedOf(thrown: unknown): { what: RefusedWhat; detail: string } | undefined {
  if (thrown instanceof RefusedError) return { what: thrown.what, detail: thrown.message };
  if (memberOf(thrown, "code") === "ERR_DLOPEN_DISABLED") return { what: "addon", detail: "" };
  if (memberOf(thrown, "code") !== "ERR_ACCESS_DENIED") return undefined;
  const permission = textOf(memberOf(thrown, "permission") ?? "");
  const detail = textOf(memberOf(thrown, "resource") ?? "").slice(0, MAX_MESSAGE);
  const byPermission: Record<string, RefusedWhat> = {
    FileSystemRead: "read",
    FileSystemWrite: "write",
    ChildProcess: "child-process",
    WorkerThreads: "worker",
    Net: "network",
    Addon: "addon",
  };
  return {
    what: byPermission[permission] ?? "process",
    detail: detail || textOf(memberOf(thrown, "message")),
  };
}

function named(thrown: unknown, message: string): string {
  const name = memberOf(thrown, "name");
  return typeof name === "string" && name !== "" && thrown instanceof Error ? `${name}: ${message}` : message;
}

function memberOf(value: unknown, name: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : toText(value);
}
