import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import { unreadable } from "../checkpoint/metadata-log.ts";

/** A file that a batch of the source's log took in. */
export interface SeenFile {
  readonly path: string;
  /** When it was last changed, milliseconds. */
  readonly timestamp: number;
  readonly batchId: number;
}

const COMPACT_EVERY = 10;
const lineSchema = z.object({ path: z.string(), timestamp: z.number(), batchId: z.number() });

/**
 * The log of files that were taken in, `sources/<i>/N`: `v1`, then a line a file. Every tenth is `N.compact`, with all
 * that came before; what it holds is then removed. [FileStreamSourceLog.scala, CompactibleFileStreamLog.scala]
 */
export class SeenFiles {
  readonly files: SeenFile[] = [];
  private readonly folder: string;
  private latest = -1;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(folder: string): Promise<SeenFiles> {
    const log = new SeenFiles(folder);
    const entries = await entriesOf(folder);
    const compact = Math.max(-1, ...entries.filter((one) => one.isCompact).map((one) => one.id));
    for (const entry of entries) {
      if (entry.id < compact || (entry.id === compact && !entry.isCompact)) continue;
      log.files.push(...(await readEntry(join(folder, entry.name))));
      log.latest = Math.max(log.latest, entry.id);
    }
    return log;
  }

  /** The last entry's number; −1 for none. */
  get latestId(): number {
    return this.latest;
  }

  /** Adds an entry and gives its number. */
  async add(files: readonly Omit<SeenFile, "batchId">[]): Promise<number> {
    const batchId = this.latest + 1;
    const entry = files.map((file) => ({ ...file, batchId }));
    const isCompact = (batchId + 1) % COMPACT_EVERY === 0;
    const lines = (isCompact ? [...this.files, ...entry] : entry).map((file) => JSON.stringify(file));
    const name = isCompact ? `${batchId}.compact` : String(batchId);
    await writeFileAtomic(join(this.folder, name), ["v1", ...lines].join("\n"));
    this.files.push(...entry);
    this.latest = batchId;
    if (isCompact)
      for (const one of await entriesOf(this.folder))
        if (one.id < batchId) await rm(join(this.folder, one.name), { force: true });
    return batchId;
  }
}

async function entriesOf(folder: string): Promise<{ name: string; id: number; isCompact: boolean }[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const match = /^(\d+)(\.compact)?$/.exec(name);
      return match === null ? [] : [{ name, id: Number(match[1]), isCompact: match[2] !== undefined }];
    })
    .sort((a, b) => a.id - b.id);
}

async function readEntry(path: string): Promise<SeenFile[]> {
  const [version, ...lines] = (await readFile(path, "utf8")).split("\n");
  if (version !== "v1") throw unreadable(path, `its first line is "${version}", not "v1"`);
  return lines.map((line) => {
    try {
      return lineSchema.parse(JSON.parse(line));
    } catch (error) {
      throw unreadable(path, `"${line.slice(0, 60)}" names no file`, error);
    }
  });
}
