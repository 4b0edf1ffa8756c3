import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import { MetadataLog, unreadable } from "./metadata-log.ts";

/** What a batch reads and with which watermark, as written before it runs. */
export interface BatchPlan {
  readonly batchWatermarkMs: number;
  readonly batchTimestampMs: number;
  /** Settings that a restart takes from here: the watermark policy, the partitions, … */
  readonly conf: Readonly<Record<string, string>>;
  /** The end offset of each source, JSON; undefined where the source had nothing yet. */
  readonly offsets: readonly (string | undefined)[];
}

const offsetSchema = z.object({
  batchWatermarkMs: z.number(),
  batchTimestampMs: z.number(),
  conf: z._default(z.record(z.string(), z.string()), {}),
});
const commitSchema = z.object({ nextBatchWatermarkMs: z.number() });
const metadataSchema = z.object({ id: z.string() });

/**
 * A query's checkpoint folder, in Spark's layout: `metadata`, `offsets/N` (before batch N), `commits/N` (after
 * it), `sources/<i>` and `state/<operator>/<partition>`. Rules 13 and 14. [OffsetSeqLog.scala, CommitLog.scala]
 */
export class Checkpoint {
  readonly folder: string;
  readonly queryId: string;
  /** False: a folder of this process alone, which no restart reads. */
  readonly isFlushed: boolean;
  private readonly offsets: MetadataLog;
  private readonly commits: MetadataLog;

  private constructor(folder: string, queryId: string, isFlushed: boolean) {
    this.folder = folder;
    this.queryId = queryId;
    this.isFlushed = isFlushed;
    this.offsets = new MetadataLog(join(folder, "offsets"), isFlushed);
    this.commits = new MetadataLog(join(folder, "commits"), isFlushed);
  }

  /** Opens a checkpoint, or begins one in a folder that is empty or not there. Refuses a folder of something else. */
  static async open(folder: string, { isFlushed = true } = {}): Promise<Checkpoint> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, "metadata");
    try {
      const metadata = parse(metadataSchema, await readFile(path, "utf8"), path);
      return new Checkpoint(folder, metadata.id, isFlushed);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    const names = (await readdir(folder)).filter((name) => !/^\..*\.tmp$/.test(name));
    if (names.length > 0)
      throw unreadable(folder, `there is no "metadata" beside ${names.slice(0, 3).join(", ")}`);
    const queryId = randomUUID();
    await writeFileAtomic(path, JSON.stringify({ id: queryId }));
    return new Checkpoint(folder, queryId, isFlushed);
  }

  sourceFolder(source: number): string {
    return join(this.folder, "sources", String(source));
  }

  stateFolder(operator: number): string {
    return join(this.folder, "state", String(operator));
  }

  /** The last batch that was planned; undefined for a new query. */
  async latestPlanned(): Promise<number | undefined> {
    return (await this.offsets.batchIds()).at(-1);
  }

  /** The last batch that was committed; undefined for none. */
  async latestCommitted(): Promise<number | undefined> {
    return (await this.commits.batchIds()).at(-1);
  }

  async plan(batchId: number, plan: BatchPlan): Promise<void> {
    const { offsets, ...head } = plan;
    await this.offsets.add(batchId, [JSON.stringify(head), ...offsets.map((offset) => offset ?? "-")]);
  }

  async planned(batchId: number): Promise<BatchPlan | undefined> {
    const lines = await this.offsets.get(batchId);
    if (lines === undefined) return undefined;
    const path = join(this.offsets.folder, String(batchId));
    const head = parse(offsetSchema, lines[0] ?? "", path);
    return { ...head, offsets: lines.slice(1).map((line) => (line === "-" ? undefined : line)) };
  }

  async commit(batchId: number, nextBatchWatermarkMs: number): Promise<void> {
    await this.commits.add(batchId, [JSON.stringify({ nextBatchWatermarkMs })]);
  }

  /** The watermark that a committed batch left for the next one. */
  async committed(batchId: number): Promise<number | undefined> {
    const lines = await this.commits.get(batchId);
    if (lines === undefined) return undefined;
    return parse(commitSchema, lines[0] ?? "", join(this.commits.folder, String(batchId)))
      .nextBatchWatermarkMs;
  }

  /** Removes the log entries of batches below this one. */
  async purge(below: number): Promise<void> {
    await this.offsets.purge(below);
    await this.commits.purge(below);
  }
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, `"${text.slice(0, 40)}" is no JSON`, error);
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw unreadable(path, `it lacks ${result.error.issues.map((issue) => issue.path.join(".")).join(", ")}`);
  return result.data;
}
