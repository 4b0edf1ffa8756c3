import { access, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode, UserError } from "../../core/errors.ts";

/**
 * A folder of numbered files, one per batch, each written once and whole (`v1`, then lines, no newline at the
 * end): Spark's HDFSMetadataLog. A file is fsynced and renamed into place, so it is there whole or not at all.
 */
export class MetadataLog {
  readonly folder: string;
  private readonly isFlushed: boolean;

  constructor(folder: string, isFlushed = true) {
    this.folder = folder;
    this.isFlushed = isFlushed;
  }

  /** Adds a batch's lines; another query that has written the same batch is an error. */
  async add(batchId: number, lines: readonly string[]): Promise<void> {
    const path = join(this.folder, String(batchId));
    if (await exists(path)) throw concurrent(path);
    await writeFileAtomic(path, ["v1", ...lines].join("\n"), { isFlushed: this.isFlushed });
  }

  /** A batch's lines without the version; undefined when it is not there. */
  async get(batchId: number): Promise<readonly string[] | undefined> {
    const path = join(this.folder, String(batchId));
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
    const [version, ...lines] = text.split("\n");
    if (version !== "v1") throw unreadable(path, `its first line is "${version}", not "v1"`);
    return lines;
  }

  /** Ascending. */
  async batchIds(): Promise<number[]> {
    let names: string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    }
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Removes the batches below this one. */
  async purge(below: number): Promise<void> {
    for (const batchId of await this.batchIds())
      if (batchId < below) await rm(join(this.folder, String(batchId)), { force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** A file of a checkpoint that can't be what the engine wrote. */
export function unreadable(path: string, why: string, cause?: unknown): UserError {
  return new UserError({
    fault: "data",
    code: "checkpoint-unreadable",
    what: {
      es: `El checkpoint no se puede leer: ${why}. Está roto o lo ha escrito otro programa.`,
      en: `The checkpoint can't be read: ${why}. It is torn, or another program wrote it.`,
    },
    where: path,
    next: [
      {
        es: "usa otra carpeta de checkpoint, o borra esta: la consulta empezará de cero",
        en: "use another checkpoint folder, or remove this one: the query then starts anew",
      },
    ],
    cause,
  });
}

function concurrent(path: string): UserError {
  return new UserError({
    fault: "environment",
    code: "checkpoint-in-use",
    what: {
      es: "Otra consulta está escribiendo en este checkpoint: cada consulta necesita el suyo.",
      en: "Another query writes to this checkpoint: each query needs its own.",
    },
    where: path,
  });
}
