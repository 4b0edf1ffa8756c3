import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import { type Engine, type ParquetCodec, quoteName } from "../../engines/engine.ts";
import { unreadable } from "../checkpoint/metadata-log.ts";
import type { StreamSink } from "./sink.ts";

const COMPACT_EVERY = 10;
const MANIFEST = "_spark_metadata";

/** A Parquet file that a committed batch wrote. Written out: learners' types need not load the schema's library. */
export interface CommittedFile {
  /** As the manifest names it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly rows: number;
  readonly batchId: number;
}

const lineSchema: z.ZodMiniType<CommittedFile> = z.object({
  path: z.string(),
  size: z.number(),
  rows: z.number(),
  batchId: z.number(),
});

/** The number of a sink among all of this process: its view in the engine has a name of its own. */
let sinks = 0;

/**
 * Parquet files in a folder, exactly once: a batch's file is written first, then named in the manifest
 * `_spark_metadata/<batch id>`, which is replaced whole. A batch that is in the manifest is not written again; a file
 * that is in no manifest is not there for {@link committedFiles}. Append only. [FileStreamSink.scala]
 */
export function filesSink(options: {
  readonly engine: Engine;
  readonly path: string;
  readonly codec?: ParquetCodec | undefined;
}): StreamSink {
  const { engine, path } = options;
  const view = `taller_stream_sink_${sinks++}`;
  return {
    description: `FileSink[${path}]`,
    place: path,
    modes: ["append"],
    async write({ batchId, queryId, table }) {
      const entries = await entriesOf(path);
      if (entries.some((one) => one.id === batchId || (one.isCompact && one.id >= batchId))) return;
      const lines: CommittedFile[] = [];
      const name = `part-${String(batchId).padStart(5, "0")}-${queryId}.parquet`;
      if (table.rowCount > 0) {
        await engine.register(view, { kind: "table", table });
        const report = await engine.writeParquet(`SELECT * FROM ${quoteName(view)}`, {
          path: join(path, name),
          singleFile: true,
          codec: options.codec ?? "snappy",
        });
        lines.push({ path: name, size: report.sizeBytes, rows: report.rows, batchId });
      }
      const isCompact = (batchId + 1) % COMPACT_EVERY === 0;
      const all = isCompact ? [...(await committedFiles(path)), ...lines] : lines;
      const text = ["v1", ...all.map((line) => JSON.stringify(line))].join("\n");
      await writeFileAtomic(join(path, MANIFEST, isCompact ? `${batchId}.compact` : String(batchId)), text);
      if (isCompact)
        for (const one of entries)
          if (one.id < batchId) await rm(join(path, MANIFEST, one.name), { force: true });
    },
  };
}

/** The files of a sink's folder that batches have committed, by batch; nothing for a folder without a manifest. */
export async function committedFiles(path: string): Promise<CommittedFile[]> {
  const entries = await entriesOf(path);
  const compact = Math.max(-1, ...entries.filter((one) => one.isCompact).map((one) => one.id));
  const files: CommittedFile[] = [];
  for (const entry of entries) {
    if (entry.id < compact || (entry.id === compact && !entry.isCompact)) continue;
    const file = join(path, MANIFEST, entry.name);
    const [version, ...lines] = (await readFile(file, "utf8")).split("\n");
    if (version !== "v1") throw unreadable(file, `its first line is "${version}", not "v1"`);
    for (const line of lines) files.push(parseLine(line, file));
  }
  return files;
}

/** Removes what killed batches left: Parquet files of the folder that no manifest names. Only while no query writes there. */
export async function removeUncommitted(path: string): Promise<number> {
  const committed = new Set((await committedFiles(path)).map((file) => file.path));
  let removed = 0;
  for (const name of await readdir(path)) {
    if (!/^part-\d+-.*\.parquet/.test(name) || committed.has(name)) continue;
    if (!(await stat(join(path, name))).isFile()) continue;
    await rm(join(path, name), { force: true });
    removed++;
  }
  return removed;
}

function parseLine(line: string, file: string): CommittedFile {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (error) {
    throw unreadable(file, `"${line.slice(0, 60)}" names no file`, error);
  }
}

async function entriesOf(path: string): Promise<{ name: string; id: number; isCompact: boolean }[]> {
  let names: string[];
  try {
    names = await readdir(join(path, MANIFEST));
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
