import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";

/** A file that nobody has written to for so long, by a process that is gone, has no owner any more. */
const SILENT_MS = 60_000;

/** Removes what killed generators left half-written in a folder: their names hold the process's id. */
export async function sweepLeftovers(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /^\.(.+)\.(\d+)-[0-9a-f]{8}\.tmp$/.exec(name);
    if (owner?.[1]?.startsWith(prefix) !== true || isAlive(Number(owner[2]))) continue;
    const path = join(folder, name);
    const written = await stat(path).catch(() => undefined);
    if (written !== undefined && Date.now() - written.mtimeMs > SILENT_MS) await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
