import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { diskError } from "../core/atomic-file.ts";
import { systemCode } from "../core/errors.ts";
import { isOwnerGone, parseOwner, thisProcess } from "./owner.ts";

/** A run's scratch folder, and the way to remove it. */
export interface Scratch {
  readonly dir: string;
  remove(): Promise<void>;
}

const OWNER_FILE = "owner.json";

/** Makes a scratch folder below `parent`, after removing those of runs that were killed. */
export async function makeScratch(parent: string, task: string): Promise<Scratch> {
  try {
    await mkdir(parent, { recursive: true });
    await removeStale(parent);
    // Made under a name that the clean-up leaves alone for as long as it has no owner.
    const dir = await mkdtemp(join(parent, `${task}-`));
    await writeFile(join(dir, OWNER_FILE), JSON.stringify(thisProcess(task)));
    return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
  } catch (error) {
    throw diskError(error, parent);
  }
}

/** Removes what killed runs left; two that clean at once do each other no harm. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const dir = join(parent, name);
    const owner = await ownerOf(dir);
    const isStale = owner === "unknown" ? await isOlderThanAnHour(dir) : isOwnerGone(owner);
    if (isStale) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function ownerOf(dir: string) {
  try {
    return parseOwner(await readFile(join(dir, OWNER_FILE), "utf8")) ?? "unknown";
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return "unknown";
    throw error;
  }
}

/** A folder without an owner may be one that is being made this instant. */
async function isOlderThanAnHour(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > 3_600_000;
}
