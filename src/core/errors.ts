import type { Text } from "./text.ts";

/** Whose fault, in the terms of the exit codes: 1 data, 2 usage, 3 environment, 4 over a limit. */
export type Fault = "data" | "usage" | "environment" | "limit";

export interface UserErrorInput {
  readonly fault: Fault;
  /** English, kebab-case, stable: what `--json` shows and tests name. */
  readonly code: string;
  /** What happened, one sentence. */
  readonly what: Text;
  /** Where: a path with line, an address, a column. */
  readonly where?: string | undefined;
  /** What to type or do next, a line each. */
  readonly next?: readonly Text[] | undefined;
  readonly cause?: unknown;
}

/** An error that the user can act on. It prints what, where and what to type next, never a stack (unless `--debug`). */
export class UserError extends Error {
  readonly fault: Fault;
  readonly code: string;
  readonly what: Text;
  readonly where: string | undefined;
  readonly next: readonly Text[];

  constructor(input: UserErrorInput) {
    super(input.what.en, input.cause === undefined ? undefined : { cause: input.cause });
    this.name = "UserError";
    this.fault = input.fault;
    this.code = input.code;
    this.what = input.what;
    this.where = input.where;
    this.next = input.next ?? [];
  }
}

/** The work was stopped by Ctrl-C or by its caller's signal; nothing half-written is left. */
export class CancelledError extends Error {
  constructor(options?: { cause?: unknown }) {
    super("cancelled", options);
    this.name = "CancelledError";
  }
}

/** Throws {@link CancelledError} when the signal is already aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError({ cause: signal.reason });
}

/** The operating system's code of an error (`ENOENT`, `ENOSPC`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
