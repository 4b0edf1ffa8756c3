import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { renameOver, syncFolder } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";
import { isAlive, lockPathOf, newWriterId, removeDeadLock, takeLock } from "./write-lock.ts";

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
  const id = newWriterId();
  const beside = sibling(path, "tmp", id);
  return {
    beside,
    async commit(prepare) {
      await syncTree(beside);
      const lock = await takeLock(path, id);
      try {
        if (prepare !== undefined) {
          await prepare();
          await syncTree(beside, "folders");
        }
        await swap(path, id);
      } finally {
        await lock.release();
      }
    },
    async abandon() {
      await rm(beside, { recursive: true, force: true });
    },
  };
}

/**
 * Ends what a killed writer of this path began: puts the whole new folder in place where only the last
 * rename was missing, and removes what is left over. Harmless at any time, also while another process
 * writes. Call it before a look at whether the path exists.
 */
export async function recoverTarget(path: string): Promise<void> {
  const { leftovers, isLocked } = await besides(path);
  if (isLocked) await removeDeadLock(lockPathOf(path));
  if (leftovers.length === 0) return;
  if (!(await exists(path))) await putInPlace(path, leftovers);
  if (await exists(path)) {
    for (const { kind, id } of leftovers) if (kind === "old") await discard(path, kind, id);
  }
  for (const { kind, id } of leftovers) {
    if (kind === "trash" || (kind === "tmp" && !isAlive(id))) await removeQuietly(sibling(path, kind, id));
  }
}

type LeftoverKind = "tmp" | "old" | "trash";

interface Leftover {
  readonly kind: LeftoverKind;
  /** Of its writer. */
  readonly id: string;
}

const MOST_ATTEMPTS = 10;

async function swap(path: string, id: string): Promise<void> {
  const beside = sibling(path, "tmp", id);
  if ((await stat(beside)).isDirectory()) {
    for (let attempt = 1; ; attempt++) {
      await moveAside(path, id);
      if (await moveIn(path, id)) break;
      if (attempt === MOST_ATTEMPTS) throw new Error(`${path} is replaced by others all the time`);
    }
  } else {
    await renameOver(beside, path);
  }
  await syncFolder(dirname(path));
  await discard(path, "old", id);
}

async function moveAside(path: string, id: string): Promise<void> {
  await discard(path, "old", id);
  try {
    await renameOver(path, sibling(path, "old", id));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/**
 * False when there is a folder in the way again. A reader may have done the rename for us, in the instant
 * between our two.
 */
async function moveIn(path: string, id: string): Promise<boolean> {
  try {
    await renameOver(sibling(path, "tmp", id), path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" && (await exists(path))) return true;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
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

/** What lies beside a path that a writer of it, dead or alive, has put there. */
async function besides(path: string): Promise<{ leftovers: Leftover[]; isLocked: boolean }> {
  const prefix = `.${basename(path)}.`;
  let names: string[];
  try {
    names = await readdir(dirname(path));
  } catch (error) {
    if (isRefusal(error) || systemCode(error) === "ENOTDIR") return { leftovers: [], isLocked: false };
    throw error;
  }
  const leftovers: Leftover[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const match = /^(tmp|old|trash)-(\d+-[0-9a-f]{8}-[0-9a-f]{8})$/.exec(name.slice(prefix.length));
    const [, kind, id] = match ?? [];
    if (id === undefined || (kind !== "tmp" && kind !== "old" && kind !== "trash")) continue;
    leftovers.push({ kind, id });
  }
  return { leftovers, isLocked: names.includes(basename(lockPathOf(path))) };
}

function sibling(path: string, kind: LeftoverKind, id: string): string {
  return join(dirname(path), `.${basename(path)}.${kind}-${id}`);
}

/** Many at once: measured on ext4, 4,000 files take 22 s one by one and 4 s so. */
const SYNCS_AT_ONCE = 16;

/** Files (unless only folders are asked for) and then folders of a tree to disk. */
async function syncTree(path: string, what: "all" | "folders" = "all"): Promise<void> {
  if (!(await stat(path)).isDirectory()) {
    if (what === "all") await syncFile(path);
    return;
  }
  const folders = [path];
  const files: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    (entry.isDirectory() ? folders : files).push(join(entry.parentPath, entry.name));
  }
  if (what === "all") await inParallel(files, syncFile);
  await inParallel(folders.reverse(), syncFolder);
}

async function inParallel(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  const rest = [...paths].reverse();
  const worker = async (): Promise<void> => {
    for (let path = rest.pop(); path !== undefined; path = rest.pop()) await work(path);
  };
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, worker));
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
