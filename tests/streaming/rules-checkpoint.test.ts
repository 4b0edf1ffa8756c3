import { appendFile, cp, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { rowsOf } from "../../src/core/table.ts";
import { count, type DataStream, streamOf, sum, window } from "../../src/streaming/data-stream.ts";
import type { StreamingQuery } from "../../src/streaming/query/query.ts";
import { type MemorySink, memorySink } from "../../src/streaming/sinks/memory.ts";
import { type MemorySource, memorySource } from "../../src/streaming/sources/memory.ts";
import { FEED_FIELDS, feed, temporaryFolder } from "./feed.ts";
import { play, watermark, windows } from "./play.ts";

const root = await temporaryFolder();
let folders = 0;
const newFolder = (): string => join(root, `checkpoint-${folders++}`);

const counted = (source: MemorySource): DataStream =>
  streamOf(source).withWatermark("ts", "0 seconds").groupBy(window("ts", "5 seconds")).agg(count());

function start(stream: DataStream, folder: string, sink: MemorySink = memorySink()): StreamingQuery {
  return stream.writeStream.checkpointLocation(folder).to(sink).start();
}

/** Runs a query over some feeds, then stops it. */
async function run(
  stream: DataStream,
  folder: string,
  source: MemorySource,
  feeds: readonly ReturnType<typeof feed>[],
): Promise<MemorySink> {
  const sink = memorySink();
  const query = start(stream, folder, sink);
  for (const one of feeds) {
    source.add(one);
    await query.processAllAvailable();
  }
  await query.stop();
  return sink;
}

const text = (...path: readonly string[]): Promise<string> => readFile(join(...path), "utf8");

describe("rule 13: the checkpoint folder", () => {
  it("has Spark's layout: metadata, offsets, commits and state, versioned, without a newline at the end", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS);
    const query = start(counted(source), folder);
    source.add(feed([7], [8]));
    await query.processAllAvailable();
    await query.stop();
    expect(JSON.parse(await text(folder, "metadata"))).toEqual({ id: query.id });
    const offsets = (await text(folder, "offsets", "0")).split("\n");
    expect(offsets).toHaveLength(3);
    expect(offsets[0]).toBe("v1");
    expect(JSON.parse(offsets[1] ?? "")).toMatchObject({
      batchWatermarkMs: 0,
      batchTimestampMs: expect.any(Number),
      conf: { "spark.sql.streaming.multipleWatermarkPolicy": "min" },
    });
    expect(offsets[2]).toBe("0");
    expect(await text(folder, "commits", "0")).toBe('v1\n{"nextBatchWatermarkMs":8000}');
    expect((await readdir(join(folder, "state", "0", "0"))).sort()).toEqual([
      "1.delta",
      "2.delta",
      "_metadata",
    ]);
    expect((await readdir(join(folder, "offsets"))).sort()).toEqual(["0", "1"]);
  });

  it("writes offsets before the sink and the commit after it", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS);
    const seen: { offsets: string[]; commits: string[] }[] = [];
    const names = (part: string): Promise<string[]> => readdir(join(folder, part)).catch(() => []);
    const query = counted(source)
      .writeStream.checkpointLocation(folder)
      .foreachBatch(async () => {
        seen.push({ offsets: await names("offsets"), commits: await names("commits") });
      })
      .start();
    source.add(feed([1]));
    await query.processAllAvailable();
    await query.stop();
    expect(seen[0]).toEqual({ offsets: ["0"], commits: [] });
    expect(await names("commits")).toContain("0");
  });

  it("clears away what no restart needs, and can still be restored", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS, { feedsPerTrigger: 1 });
    for (let i = 0; i < 60; i++) source.add(feed([i]));
    const retention = { deltasPerSnapshot: 5, minBatchesToRetain: 10 };
    const query = counted(source)
      .writeStream.checkpointLocation(folder)
      .settings({ retention })
      .to(memorySink())
      .start();
    await query.processAllAvailable();
    await query.stop();
    expect((await readdir(join(folder, "offsets"))).length).toBeLessThanOrEqual(11);
    expect((await readdir(join(folder, "commits"))).length).toBeLessThanOrEqual(12);
    expect((await readdir(join(folder, "state", "0", "0"))).length).toBeLessThanOrEqual(25);
    const sink = await run(counted(source), folder, source, [feed([90])]);
    expect(rowsOf(sink.table()).at(-1)).toMatchObject({ count: 5n });
  });

  it.each(["offsets", "commits"])(
    "a torn file in %s is refused with what is wrong and where",
    async (part) => {
      const folder = newFolder();
      const source = memorySource(FEED_FIELDS);
      await run(counted(source), folder, source, [feed([1])]);
      const [last] = (await readdir(join(folder, part))).sort().reverse();
      await truncate(join(folder, part, last ?? ""), 9);
      const query = start(counted(source), folder);
      await expect(query.awaitTermination()).rejects.toMatchObject({
        code: "checkpoint-unreadable",
        where: join(folder, part, last ?? ""),
      });
    },
  );

  it("a torn, changed or missing state file is refused", async () => {
    const base = newFolder();
    const source = memorySource(FEED_FIELDS);
    await run(counted(source), base, source, [feed([1]), feed([2])]);
    source.add(feed([3]));
    const damage: readonly ((path: string) => Promise<void>)[] = [
      (path) => truncate(path, 30),
      (path) => appendFile(path, "x"),
      (path) => writeFile(path, ""),
    ];
    for (const spoil of damage) {
      const folder = newFolder();
      await cp(base, folder, { recursive: true });
      await spoil(join(folder, "state", "0", "0", "2.delta"));
      const query = start(counted(source), folder);
      await expect(query.awaitTermination()).rejects.toMatchObject({ code: "checkpoint-unreadable" });
    }
  });

  it("a folder of something else is refused, and nothing in it is touched", async () => {
    const folder = newFolder();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "thesis.txt"), "mine");
    const query = start(counted(memorySource(FEED_FIELDS)), folder);
    await expect(query.awaitTermination()).rejects.toBeInstanceOf(UserError);
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
  });

  it("two queries on one folder: the second to write a batch is refused", async () => {
    const folder = newFolder();
    const [one, other] = [memorySource(FEED_FIELDS), memorySource(FEED_FIELDS)];
    const first = start(counted(one), folder);
    await first.processAllAvailable();
    const second = start(counted(other), folder);
    await second.processAllAvailable();
    one.add(feed([1]));
    await first.processAllAvailable();
    other.add(feed([1]));
    await expect(second.processAllAvailable()).rejects.toMatchObject({ code: "checkpoint-in-use" });
    await first.stop();
  });
});

describe("rule 14: restarts", () => {
  const plan = [watermark(0), windows("w", 5)];
  const feeds = [[[1], [2]], [[7]], [[13]]] as const;

  it.each(["beforeSink", "afterSink"])(
    "a planned batch runs again, same id and rows: crash %s",
    async (when) => {
      const phases = [
        { trigger: "backlog", feeds: [0, 1, 2], crash: { batch: 2, when } },
        { trigger: "backlog", feeds: [] },
      ];
      const { batches } = await play(plan, feeds, { phases });
      const again = batches.filter((batch) => batch.batchId === 2);
      expect(again.map((batch) => batch.crashed ?? false)).toEqual([true, false]);
      expect(again[1]).toMatchObject({ watermark: 7, inputRows: 1, rows: [{ start: 0, count: 2 }] });
    },
  );

  it("a committed batch is not run again: the next id follows", async () => {
    const phases = [
      { trigger: "backlog", feeds: [0] },
      { trigger: "backlog", feeds: [1] },
    ];
    const { batches } = await play(plan, feeds, { phases });
    expect(batches.map((batch) => batch.batchId)).toEqual([0, 1, 2, 3]);
  });

  it("the query's id stays, the run's changes", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS);
    const queries = [start(counted(source), folder)];
    await queries[0]?.processAllAvailable();
    await queries[0]?.stop();
    queries.push(start(counted(source), folder));
    await queries[1]?.processAllAvailable();
    await queries[1]?.stop();
    expect(queries[1]?.id).toBe(queries[0]?.id);
    expect(queries[1]?.runId).not.toBe(queries[0]?.runId);
  });
});

describe("rule 15: incompatible restarts", () => {
  const restart = async (before: object, after: object): Promise<unknown> => {
    const phases = [
      { trigger: "backlog", feeds: [0, 1] },
      { trigger: "backlog", feeds: [2], plan: [watermark(0), after] },
    ];
    const outcome = await play([watermark(0), before], [[[1]], [[7]], [[13]]], { phases });
    return outcome.stops.map((stop) => stop.condition);
  };
  const group = { op: "group", input: "w", keys: ["ts"], aggregates: ["count(*)"], as: "out" };

  it("refuses other keys, other aggregates and another kind of operator", async () => {
    const before = windows("w", 5);
    expect(await restart(before, windows("w", 5, { keys: ["key"] }))).toEqual([
      "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE",
    ]);
    expect(await restart(before, group)).toEqual(["STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE"]);
    expect(await restart(before, windows("w", 5, { aggregates: ["avg(value)"] }))).toEqual([
      "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE",
    ]);
    const dedup = { op: "dropDuplicates", input: "w", columns: ["ts"], as: "out" };
    expect(await restart(before, dedup)).toEqual(["STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA"]);
  });

  it("accepts a stateless operator that comes, and other windows", async () => {
    expect(await restart(windows("w", 5), windows("w", 10))).toEqual([]);
    const filter = { op: "filter", input: "in", where: { column: "ts", gt: 0 }, as: "f" };
    const phases = [
      { trigger: "backlog", feeds: [0] },
      { trigger: "backlog", feeds: [1], plan: [filter, watermark(0, "f"), windows("w", 5)] },
    ];
    expect((await play([watermark(0), windows("w", 5)], [[[1]], [[7]]], { phases })).stops).toEqual([]);
  });

  it("refuses another number of sources and another place of a sink", async () => {
    const folder = newFolder();
    const [one, other] = [memorySource(FEED_FIELDS), memorySource(FEED_FIELDS)];
    await run(counted(one), folder, one, [feed([1])]);
    const both = streamOf(one)
      .union(streamOf(other))
      .withWatermark("ts", 0)
      .groupBy(window("ts", "5 seconds"))
      .agg(count());
    await expect(start(both, folder).awaitTermination()).rejects.toMatchObject({
      code: "restart-with-other-sources",
    });
    const there = newFolder();
    const at = (place: string): MemorySink => ({ ...memorySink(), place });
    const query = start(counted(one), there, at("/here"));
    await query.processAllAvailable();
    await query.stop();
    await expect(start(counted(one), there, at("/there")).awaitTermination()).rejects.toMatchObject({
      code: "restart-with-other-place",
    });
  });

  it("warns of a changed mode, delay or window, which Spark accepts in silence", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS);
    await run(counted(source), folder, source, [feed([1])]);
    const warnings: string[] = [];
    const query = streamOf(source)
      .withWatermark("ts", "9 seconds")
      .groupBy(window("ts", "5 seconds"))
      .agg(count())
      .writeStream.outputMode("update")
      .checkpointLocation(folder)
      .settings({ onWarning: (warning) => warnings.push(warning.en) })
      .to(memorySink())
      .start();
    await query.processAllAvailable();
    await query.stop();
    expect(warnings).toHaveLength(2);
  });
});

describe("the state of a checkpoint", () => {
  it("gives back sums beyond 2⁵³, nulls and texts after a restart", async () => {
    const folder = newFolder();
    const source = memorySource(FEED_FIELDS);
    const grouped = (): DataStream => streamOf(source).groupBy("key").agg(sum("value").as("total"));
    const big = {
      ...feed([1, "ñandú"]),
      columns: feed([1, "ñandú"]).columns.with(2, {
        kind: "int64",
        values: BigInt64Array.of(4_611_686_018_427_387_904n),
      }),
    };
    const write = async (): Promise<unknown> => {
      const sink = memorySink();
      const query = grouped().writeStream.outputMode("update").checkpointLocation(folder).to(sink).start();
      await query.processAllAvailable();
      await query.stop();
      return rowsOf(sink.table());
    };
    source.add(big);
    await write();
    source.add(feed([1, "ñandú", -1]));
    expect(await write()).toEqual([{ key: "ñandú", total: 4_611_686_018_427_387_903n }]);
  });
});
