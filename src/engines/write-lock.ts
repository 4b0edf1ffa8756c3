import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../core/errors.ts";

/** Seconds since 1970 when this process began. */
const startedSeconds = Math.round(Date.now() / 1000 - process.uptime());

/**
 * A new writer's id, by which others see whether it is still alive: `<pid>-<start>-<random>`, the last two of
 * 8 hexadecimal digits. The start tells a process from a former one of its number: in a container every run
 * may have the same.
 */
export function newWriterId(): string {
  return `${process.pid}-${startedSeconds.toString(16).padStart(8, "0")}-${randomBytes(4).toString("hex")}`;
}

/** True when the process that made the id runs, as far as can be known: another's start time can't. */
export function isAlive(id: string): boolean {
  const [pid, start] = id.split("-");
  if (Number(pid) === process.pid) {
    return Math.abs(Number.parseInt(start ?? "", 16) - startedSeconds) <= CLOCK_SLACK_SECONDS;
  }
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** The start is found from the clock, which may be set meanwhile. */
const CLOCK_SLACK_SECONDS = 2;

export function lockPathOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.lock`);
}

const LOCK_WAIT_MS = 60_000;

/** Only one writer of a path swaps at a time: a file that names its holder, taken over when that one is dead. */
export async function takeLock(path: string, id: string): Promise<{ release(): Promise<void> }> {
  const lockPath = lockPathOf(path);
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    let file: FileHandle;
    try {
      file = await open(lockPath, "wx");
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
      await removeDeadLock(lockPath);
      if (performance.now() > deadline)
        throw new Error(`another process holds ${lockPath}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    await file.writeFile(id);
    await file.close();
    return { release: () => rm(lockPath, { force: true }) };
  }
}

export async function removeDeadLock(lockPath: string): Promise<void> {
  let holder: string;
  let ageMs: number;
  try {
    const file = await open(lockPath, "r");
    try {
      holder = await file.readFile("utf8");
      ageMs = Date.now() - (await file.stat()).mtimeMs;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  // An empty one is being written, or its writer was killed between two calls.
  const isDead = holder === "" ? ageMs > 5_000 : !isAlive(holder);
  if (isDead) await rm(lockPath, { force: true });
}
