import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import { isAlive, newWriterId } from "../write-lock.ts";

const PREFIX = "taller-spill-";

/** The path of a new spill folder, not made yet. What killed processes have left beside it is removed. */
export async function newSpillFolder(parent = tmpdir()): Promise<string> {
  for (const name of await namesIn(parent)) {
    if (!name.startsWith(PREFIX) || isAlive(name.slice(PREFIX.length))) continue;
    // Another process may be removing it too, or it is another user's: either way it is not ours to insist.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
  return join(parent, `${PREFIX}${newWriterId()}`);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
