import { hostname, uptime } from "node:os";
import { systemCode } from "../core/errors.ts";

/** Who made a lock or a scratch folder: kept beside it, so that what a killed process left can be told from what is in use. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** What it is doing, for a message: the pipeline's id. */
  readonly task: string;
}

/** Real time, not a run's clock: it is compared with the system's own. */
export function thisProcess(task: string): Owner {
  return { pid: process.pid, host: hostname(), startedMs: Date.now(), task };
}

/**
 * True when the owner can't be alive: no such process on this machine, or the machine was started after it.
 * An owner on another machine (a shared folder) counts as gone after a day. A number that the system has
 * given to a new process makes an owner seem alive: then a person decides.
 */
export function isOwnerGone(owner: Owner): boolean {
  if (owner.host !== hostname()) return Date.now() - owner.startedMs > 86_400_000;
  // A minute of slack: both times come from a clock that may have been set since.
  if (owner.startedMs < Date.now() - uptime() * 1000 - 60_000) return true;
  return !isAlive(owner.pid);
}

/** The owner that {@link thisProcess} described, from its JSON; undefined for a torn or foreign file. */
export function parseOwner(text: string): Owner | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, host, startedMs, task } = value as Partial<Record<keyof Owner, unknown>>;
  return typeof pid === "number" &&
    typeof host === "string" &&
    typeof startedMs === "number" &&
    typeof task === "string"
    ? { pid, host, startedMs, task }
    : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and belongs to another user.
    return systemCode(error) === "EPERM";
  }
}
