import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { diskError } from "../core/atomic-file.ts";
import { systemCode, throwIfCancelled } from "../core/errors.ts";
import { isOwnerGone, type Owner, parseOwner, thisProcess } from "./owner.ts";

export interface LockInput {
  /** The lock's file; its folder is made if missing. */
  readonly path: string;
  /** What the holder does, for the one who waits. */
  readonly task: string;
  readonly signal?: AbortSignal | undefined;
  /** Told once, when the lock is somebody else's and the wait begins. */
  readonly onWait?: ((holder: Owner) => void) | undefined;
  /** How long it waits between two looks; default 50. */
  readonly pollMs?: number | undefined;
}

/**
 * Waits until the lock is ours and gives the function that releases it. A lock whose process is gone is
 * taken over. Throws CancelledError when the signal ends the wait.
 */
export async function acquireLock(input: LockInput): Promise<() => void> {
  const { path, signal } = input;
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw diskError(error, path);
  });
  for (let hasTold = false; ; ) {
    throwIfCancelled(signal);
    const mine = thisProcess(input.task);
    if (tryCreate(path, mine)) return () => release(path, mine);
    const holder = holderOf(path);
    if (holder === "gone") {
      if (takeOver(path, mine)) return () => release(path, mine);
    } else if (holder !== "none" && holder !== "unclear" && !hasTold) {
      hasTold = true;
      input.onWait?.(holder);
    }
    await sleep(input.pollMs ?? 50, undefined, { signal }).catch(() => throwIfCancelled(signal));
  }
}

/** Ten seconds are ten thousand times what a guard, or the writing of a lock's file, takes. */
const LEFT_BEHIND_MS = 10_000;

/** Creates the lock whole or not at all: written beside, then linked, so that nobody reads half an owner. */
function tryCreate(path: string, owner: Owner): boolean {
  const beside = `${path}.${owner.pid}-${owner.startedMs}-${created++}`;
  try {
    writeNew(beside, owner);
    linkSync(beside, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    // A file system without hard links (exFAT): created in place; a reader may see it half-written for an instant.
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") return tryCreateInPlace(path, owner);
    throw diskError(error, path);
  } finally {
    rmSync(beside, { force: true });
  }
}
let created = 0;

function tryCreateInPlace(path: string, owner: Owner): boolean {
  try {
    writeNew(path, owner);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw diskError(error, path);
  }
}

function writeNew(path: string, owner: Owner): void {
  const file = openSync(path, "wx");
  try {
    writeSync(file, JSON.stringify(owner));
  } finally {
    closeSync(file);
  }
}

/**
 * Replaces the lock of a process that is gone. Only inside the guard is a lock of another's removed, and
 * its owner is read again there: two that find the same dead owner don't remove each other's new lock.
 * Everything inside is synchronous, so that a guard is held for less than a millisecond.
 */
function takeOver(path: string, owner: Owner): boolean {
  const guard = `${path}.guard`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw diskError(error, path);
    removeOldGuard(guard);
    return false;
  }
  try {
    if (holderOf(path) !== "gone") return false;
    rmSync(path, { force: true });
    return tryCreate(path, owner);
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/** A process that was killed inside the guard left it. */
function removeOldGuard(guard: string): void {
  try {
    if (Date.now() - statSync(guard).mtimeMs > LEFT_BEHIND_MS) rmdirSync(guard);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Who holds the lock; `unclear`: a file without an owner, which may be one that is being written. */
function holderOf(path: string): Owner | "none" | "unclear" | "gone" {
  try {
    const owner = parseOwner(readFileSync(path, "utf8"));
    if (owner !== undefined) return isOwnerGone(owner) ? "gone" : owner;
    return Date.now() - statSync(path).mtimeMs > LEFT_BEHIND_MS ? "gone" : "unclear";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "none";
    throw error;
  }
}

/** Ours by process and time: a lock that was taken from us by hand is not removed under its new holder. */
function release(path: string, mine: Owner): void {
  const holder = holderOf(path);
  if (typeof holder === "string") return;
  if (holder.pid !== mine.pid || holder.host !== mine.host || holder.startedMs !== mine.startedMs) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
