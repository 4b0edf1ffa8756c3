import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/effects.ts";
import { rowsOf } from "../../src/core/table.ts";
import { count, streamOf, window } from "../../src/streaming/data-stream.ts";
import type { QueryProgress } from "../../src/streaming/query/progress.ts";
import { nextStartMs, triggerOf } from "../../src/streaming/query/trigger.ts";
import { memorySink } from "../../src/streaming/sinks/memory.ts";
import { memorySource } from "../../src/streaming/sources/memory.ts";
import { FEED_FIELDS, feed } from "./feed.ts";

describe("rule 17: triggers", () => {
  const backlog = (): ReturnType<typeof memorySource> => {
    const source = memorySource(FEED_FIELDS, { feedsPerTrigger: 2 });
    for (let i = 0; i < 5; i++) source.add(feed([i]));
    return source;
  };

  it("the default runs as soon as there is something to do", async () => {
    const source = backlog();
    const sink = memorySink();
    const query = streamOf(source).writeStream.to(sink).start();
    await query.processAllAvailable();
    expect([...sink.batches.values()].map((table) => table.rowCount)).toEqual([2, 2, 1]);
    source.add(feed([9]));
    await query.processAllAvailable();
    expect(sink.batches.get(3)?.rowCount).toBe(1);
    await query.stop();
  });

  it("AvailableNow drains what was there at the start, in as many batches as the limits need, and ends", async () => {
    const source = backlog();
    const sink = memorySink();
    const query = streamOf(source)
      .writeStream.trigger({ availableNow: true })
      .foreachBatch(async (_table, batchId, batch) => {
        await sink.write(batch);
        if (batchId === 0) source.add(feed([100]));
      })
      .start();
    await query.awaitTermination();
    expect([...sink.batches.values()].map((table) => table.rowCount)).toEqual([2, 2, 1]);
  });

  it("Once takes everything in one batch, whatever the limits, and ends", async () => {
    const sink = memorySink();
    await streamOf(backlog()).writeStream.trigger({ once: true }).to(sink).start().awaitTermination();
    expect([...sink.batches.values()].map((table) => table.rowCount)).toEqual([5]);
  });

  it("a fixed interval starts at its multiples; a batch that overran is followed at once", () => {
    expect(triggerOf({ processingTime: "10 seconds" })).toEqual({ kind: "interval", intervalMs: 10_000 });
    expect(triggerOf({ processingTime: 0 })).toEqual({ kind: "default" });
    expect(nextStartMs(20_000, 10_000, 23_000)).toBe(30_000);
    expect(nextStartMs(23_500, 10_000, 24_000)).toBe(30_000);
    expect(nextStartMs(20_000, 10_000, 47_000)).toBe(47_000);
  });

  it("a fixed interval runs a batch an interval", async () => {
    const source = backlog();
    const starts: number[] = [];
    const query = streamOf(source)
      .writeStream.trigger({ processingTime: "50 milliseconds" })
      .settings({ onProgress: (one) => starts.push(Date.parse(one.timestamp)) })
      .to(memorySink())
      .start();
    for (const end = Date.now() + 20_000; starts.length < 3 && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 5));
    await query.stop();
    // A start may be late and is never early: two starts lie in two different intervals.
    expect(new Set(starts.map((start) => Math.floor(start / 50))).size).toBe(3);
  });
});

describe("a query that runs", () => {
  it("reports each batch with the fields of Spark's StreamingQueryProgress", async () => {
    let now = 1_700_000_000_000;
    const clock: Clock = { now: () => (now += 500), elapsed: () => now };
    const seen: QueryProgress[] = [];
    const source = memorySource(FEED_FIELDS);
    const query = streamOf(source)
      .withWatermark("ts", "2 seconds")
      .groupBy(window("ts", "5 seconds"))
      .agg(count())
      .writeStream.queryName("windows")
      .settings({ clock, onProgress: (one) => seen.push(one) })
      .to(memorySink())
      .start();
    await query.processAllAvailable();
    source.add(feed([10], [12], [20]));
    await query.processAllAvailable();
    await query.stop();
    expect(query.recentProgress).toEqual(seen);
    expect(seen[0]).toMatchObject({
      id: query.id,
      runId: query.runId,
      name: "windows",
      batchId: 0,
      numInputRows: 3,
      eventTime: {
        avg: "1970-01-01T00:00:14.000Z",
        max: "1970-01-01T00:00:20.000Z",
        min: "1970-01-01T00:00:10.000Z",
        watermark: "1970-01-01T00:00:00.000Z",
      },
      stateOperators: [
        {
          operatorName: "stateStoreSave",
          numRowsTotal: 2,
          numRowsUpdated: 2,
          numRowsRemoved: 0,
          numRowsDroppedByWatermark: 0,
          memoryUsedBytes: expect.any(Number),
        },
      ],
      sources: [{ startOffset: undefined, endOffset: "0", numInputRows: 3 }],
      sink: { description: "MemorySink", numOutputRows: 0 },
      isDataBatch: true,
    });
    expect(Object.keys(seen[0]?.durationMs ?? {}).sort()).toEqual([
      "addBatch",
      "commitOffsets",
      "getBatch",
      "latestOffset",
      "queryPlanning",
      "triggerExecution",
      "walCommit",
    ]);
    expect(seen[1]).toMatchObject({
      batchId: 1,
      isDataBatch: false,
      watermarkMs: 18_000,
      sink: { numOutputRows: 1 },
    });
  });

  it("ends with what a sink threw; a restart begins with that batch", async () => {
    const source = memorySource(FEED_FIELDS);
    source.add(feed([1]));
    const query = streamOf(source)
      .writeStream.foreachBatch(() => {
        throw new Error("the sink is full");
      })
      .start();
    await expect(query.awaitTermination()).rejects.toThrow("the sink is full");
    expect(query.isActive).toBe(false);
    expect(query.exception).toMatchObject({ message: "the sink is full" });
    await query.stop();
  });

  it("stops after the batch that runs", async () => {
    const source = memorySource(FEED_FIELDS);
    source.add(feed([1]));
    let finished = 0;
    const query = streamOf(source)
      .writeStream.foreachBatch(async () => {
        void query.stop();
        await new Promise((resolve) => setImmediate(resolve));
        finished++;
      })
      .start();
    await query.awaitTermination();
    expect(finished).toBe(1);
    expect(query.lastProgress?.batchId).toBe(0);
  });

  it("waits for its end no longer than it is told", async () => {
    const query = streamOf(memorySource(FEED_FIELDS)).writeStream.to(memorySink()).start();
    expect(await query.awaitTermination(20)).toBe(false);
    await query.stop();
    expect(await query.awaitTermination(20)).toBe(true);
  });

  it("sorts a complete result, limits an append one over the whole stream, and drops repeated rows", async () => {
    const run = async (
      build: (source: ReturnType<typeof memorySource>) => ReturnType<typeof streamOf>,
      mode: "append" | "update" | "complete",
    ) => {
      const source = memorySource(FEED_FIELDS, { feedsPerTrigger: 1 });
      source.add(feed([3, "b"], [1, "a"]));
      source.add(feed([2, "a"], [2, "c"]));
      const sink = memorySink();
      await build(source)
        .writeStream.outputMode(mode)
        .trigger({ availableNow: true })
        .to(sink)
        .start()
        .awaitTermination();
      return rowsOf(sink.table()).map((row) => row.key);
    };
    expect(
      await run(
        (source) =>
          streamOf(source).groupBy("key").count().orderBy({ column: "count", descending: true }, "key"),
        "complete",
      ),
    ).toEqual(["a", "b", "c"]);
    expect(await run((source) => streamOf(source).limit(3), "append")).toEqual(["b", "a", "a"]);
    expect(await run((source) => streamOf(source).select("key").distinct(), "update")).toEqual([
      "b",
      "a",
      "a",
      "c",
    ]);
  });
});
