import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renameOver, syncFolder } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";

/*
 * How a folder is replaced so that a kill at any instant leaves the old one or the new one.
 *
 * The new content of `dir/NAME` is written to `dir/.NAME.tmp-ID` and fsynced. A file is then renamed over.
 * No system that Node runs on can exchange two folders, so a folder takes two renames:
 *
 *   1. NAME        → .NAME.old-ID      only once .NAME.tmp-ID is whole: an `old` proves that its `tmp` is
 *   2. .NAME.tmp-ID → NAME
 *   3. .NAME.old-ID → .NAME.trash-ID   then removed; a half-removed folder is never taken for a whole one
 *
 * A kill between 1 and 2 leaves no NAME. `recoverTarget` then does step 2: every reader and writer of the
 * engines calls it first. Two that do so at once do no harm: the second rename finds nothing to move.
 */

/** New content of a path while it is written. */
export interface Replacement {
  /** Where to write: a folder to fill, or a file to make. */
  readonly beside: string;
  /** Puts it in place; `prepare` runs while no other writer of this path can swap. */
  commit(prepare?: () => Promise<void>): Promise<void>;
  /** Removes it; the target is as it was. */
  abandon(): Promise<void>;
}

/** Begins to replace a file or folder; its parent is made if missing. */
export async function beginReplacement(path: string): Promise<Replacement> {
  await mkdir(dirname(path), { recursive: true });
  await recoverTarget(path);
  const id = `${process.pid}-${randomBytes(4).toString("hex")}`;
  liveIds.add(id);
  const beside = sibling(path, "tmp", id);
  return {
    beside,
    async commit(prepare) {
      const lock = await takeLock(path, id);
      try {
        await prepare?.();
        await syncTree(beside);
        await swap(path, id);
      } finally {
        await lock.release();
        liveIds.delete(id);
      }
    },
    async abandon() {
      await rm(beside, { recursive: true, force: true });
      liveIds.delete(id);
    },
  };
}

/**
 * Ends what a killed writer of this path began: puts the whole new folder in place where only the last
 * rename was missing, and removes what is left over. Harmless at any time, also while another process
 * writes. Call it before a look at whether the path exists.
 */
export async function recoverTarget(path: string): Promise<void> {
  const leftovers = await leftoversOf(path);
  if (leftovers.length === 0) return;
  if (!(await exists(path))) await putInPlace(path, leftovers);
  if (await exists(path)) {
    for (const { kind, id } of leftovers) if (kind === "old") await discard(path, kind, id);
  }
  for (const { kind, id } of leftovers) {
    if (kind === "trash" || (kind === "tmp" && !isAlive(id))) await removeQuietly(sibling(path, kind, id));
  }
}

/** Ids of replacements of this process that are under way. */
const liveIds = new Set<string>();

type LeftoverKind = "tmp" | "old" | "trash";

interface Leftover {
  readonly kind: LeftoverKind;
  /** `<pid>-<8 hexadecimal digits>` of its writer. */
  readonly id: string;
}

async function swap(path: string, id: string): Promise<void> {
  const beside = sibling(path, "tmp", id);
  if ((await stat(beside)).isDirectory()) {
    await moveAside(path, id);
    await moveIn(path, id);
  } else {
    await renameOver(beside, path);
  }
  await syncFolder(dirname(path));
  await discard(path, "old", id);
}

async function moveAside(path: string, id: string): Promise<void> {
  try {
    await renameOver(path, sibling(path, "old", id));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** A reader may have done it for us, in the instant between our two renames. */
async function moveIn(path: string, id: string): Promise<void> {
  try {
    await renameOver(sibling(path, "tmp", id), path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || !(await exists(path))) throw error;
  }
}

async function putInPlace(path: string, leftovers: readonly Leftover[]): Promise<void> {
  const olds = leftovers.filter(({ kind }) => kind === "old");
  const whole = olds.find(({ id }) => leftovers.some((other) => other.kind === "tmp" && other.id === id));
  if (whole !== undefined) await moveIn(path, whole.id);
  const last = olds.at(-1);
  if (whole === undefined && last !== undefined) {
    await rename(sibling(path, "old", last.id), path).catch((error: unknown) => {
      if (systemCode(error) !== "ENOENT") throw error;
    });
  }
}

async function discard(path: string, kind: LeftoverKind, id: string): Promise<void> {
  const trash = sibling(path, "trash", id);
  try {
    await rename(sibling(path, kind, id), trash);
  } catch (error) {
    if (isRefusal(error)) return;
    throw error;
  }
  await removeQuietly(trash);
}

/** What can't be removed now (a read-only disk, a file that Windows holds open) is left for the next time. */
async function removeQuietly(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return ["ENOENT", "EACCES", "EPERM", "EROFS", "EBUSY", "ENOTEMPTY"].includes(systemCode(error) ?? "");
}

async function leftoversOf(path: string): Promise<Leftover[]> {
  const prefix = `.${basename(path)}.`;
  let names: string[];
  try {
    names = await readdir(dirname(path));
  } catch (error) {
    if (isRefusal(error) || systemCode(error) === "ENOTDIR") return [];
    throw error;
  }
  const leftovers: Leftover[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const match = /^(tmp|old|trash)-(\d+-[0-9a-f]{8})$/.exec(name.slice(prefix.length));
    const [, kind, id] = match ?? [];
    if (id === undefined || (kind !== "tmp" && kind !== "old" && kind !== "trash")) continue;
    leftovers.push({ kind, id });
  }
  return leftovers;
}

function sibling(path: string, kind: LeftoverKind, id: string): string {
  return join(dirname(path), `.${basename(path)}.${kind}-${id}`);
}

/** A process of that number runs. Our own number with an id that we don't know is a former process's. */
function isAlive(id: string): boolean {
  const pid = Number(id.split("-")[0]);
  if (pid === process.pid) return liveIds.has(id);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

const LOCK_WAIT_MS = 60_000;

/** Only one writer of a path swaps at a time: a file that names its holder, taken over when that one is dead. */
async function takeLock(path: string, id: string): Promise<{ release(): Promise<void> }> {
  const lockPath = join(dirname(path), `.${basename(path)}.lock`);
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

async function removeDeadLock(lockPath: string): Promise<void> {
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

/** Every file and folder of a tree to disk, the leaves first. */
async function syncTree(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) {
    await syncFile(path);
    return;
  }
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await syncTree(child);
    else await syncFile(child);
  }
  await syncFolder(path);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
