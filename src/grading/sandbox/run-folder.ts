import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import { isAlive, killMarked } from "./processes.ts";

const PREFIX = "taller-run-";

/** Paths of the runs that have not ended; when our process ends first, they go with it. */
const living = new Set<string>();
process.once("exit", () => {
  for (const path of living) rmSync(path, { recursive: true, force: true });
});

/** A run's temporary folder: the only place where its submission can write, and what marks its processes. */
export interface RunFolder {
  /** Absolute, without symbolic links: the permission flags compare real paths. */
  readonly path: string;
  /** In the arguments and the environment of every process of the run. */
  readonly marker: string;
}

/** Makes a run's folder; its name carries our process id, so that a later start can tell it was left behind. */
export function makeRunFolder(): RunFolder {
  const path = mkdtempSync(join(realpathSync(tmpdir()), `${PREFIX}${process.pid}-`));
  living.add(path);
  return { path, marker: basename(path) };
}

/** Kills what is left of the run and removes its folder. */
export async function removeRunFolder(folder: RunFolder): Promise<void> {
  await killMarked(folder.marker);
  await rm(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  living.delete(folder.path);
}

/** Bytes of the files under a folder; files that vanish meanwhile count nothing. */
export async function folderBytes(path: string): Promise<number> {
  let total = 0;
  for (const entry of await entriesOf(path)) {
    const entryPath = join(path, entry.name);
    if (entry.isDirectory()) total += await folderBytes(entryPath);
    else total += (await stat(entryPath).catch(() => undefined))?.size ?? 0;
  }
  return total;
}

/** No run lasts that long untouched; a younger folder may be that of a `taller` in another container. */
const LEFT_AFTER_MS = 10 * 60_000;

/**
 * Ends what a killed `taller` left behind: an endless loop would otherwise keep a core for ever. Folders
 * whose process lives are another run's and stay.
 */
export async function sweepLeftRuns(): Promise<void> {
  const root = realpathSync(tmpdir());
  for (const { name } of await entriesOf(root)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(root, name);
    const touchedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - touchedMs < LEFT_AFTER_MS) continue;
    // Another user's can't be removed, and is not ours to remove.
    await removeRunFolder({ path, marker: name }).catch(() => undefined);
  }
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}
