import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { diskError } from "../core/atomic-file.ts";
import { isOwnerGone, type Owner, thisProcess } from "./owner.ts";

/** A run's scratch folder, and the way to remove it. */
export interface Scratch {
  readonly dir: string;
  remove(): Promise<void>;
}

/** Makes a scratch folder below `parent`, after removing those of runs that were killed. */
export async function makeScratch(parent: string, task: string): Promise<Scratch> {
  try {
    await mkdir(parent, { recursive: true });
    await removeStale(parent);
    const dir = join(parent, nameFor(thisProcess(task)));
    await mkdir(dir);
    return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
  } catch (error) {
    throw diskError(error, parent);
  }
}

/** Removes what killed runs left; two that clean at once do each other no harm. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const dir = join(parent, name);
    const owner = ownerIn(name);
    const isStale = owner === undefined ? await isOlderThanAnHour(dir) : isOwnerGone(owner);
    if (isStale) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * The owner is in the folder's name, `task.pid.startedMs.host.random`: a folder and a file in it are two
 * steps, and a process killed between them would leave a folder of nobody's.
 */
function nameFor(owner: Owner): string {
  return `${owner.task}.${owner.pid}.${owner.startedMs}.${hostKey()}.${randomBytes(4).toString("hex")}`;
}

function ownerIn(name: string): Owner | undefined {
  const [, task, pid, startedMs, host] = /^(.+)\.(\d+)\.(\d+)\.([0-9a-f]{8})\.[0-9a-f]{8}$/.exec(name) ?? [];
  if (task === undefined) return undefined;
  return {
    task,
    pid: Number(pid),
    startedMs: Number(startedMs),
    host: host === hostKey() ? hostname() : "another machine",
  };
}

/** A machine's name may hold what a folder's may not. */
function hostKey(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

async function isOlderThanAnHour(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > 3_600_000;
}
