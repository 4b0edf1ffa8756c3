import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { rowsOf, type Table } from "../../src/core/table.ts";
import type { OutputMode } from "../../src/streaming/check-plan.ts";
import { count, type DataStream, streamOf, sum, window } from "../../src/streaming/data-stream.ts";
import { numbersOf } from "../../src/streaming/evaluate.ts";
import type { QueryProgress } from "../../src/streaming/query/progress.ts";
import { type MemorySource, memorySource } from "../../src/streaming/sources/memory.ts";
import { FEED_FIELDS, feed, temporaryFolder } from "./feed.ts";

type Row = readonly [ts: number, key: string, value: number];

const root = await temporaryFolder();
let folders = 0;

const DELAY = 6;
const SIZE = 10;

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 80 }),
    fc.constantFrom("a", "b", "ñ"),
    fc.integer({ min: -1000, max: 1000 }),
  ),
  { maxLength: 12 },
);
const feeds = fc.array(rows, { minLength: 1, maxLength: 8 });

/** What a stream of windows by key gives, with how late each row was. */
interface Played {
  /** Batch id → rows as `start|key|count|total`, as a sink that keeps a batch's last writing has them. */
  readonly content: ReadonlyMap<number, readonly string[]>;
  readonly progress: readonly QueryProgress[];
}

function grouped(source: MemorySource, slide: number): DataStream {
  return streamOf(source)
    .withWatermark("ts", DELAY * 1000)
    .groupBy(window("ts", SIZE * 1000, slide * 1000), "key")
    .agg(count(), sum("value").as("total"))
    .select("window.start", "key", "count", "total");
}

function textOf(table: Table): string[] {
  const starts = table.columns[0] === undefined ? [] : numbersOf(table.columns[0]);
  return rowsOf(table)
    .map((row, i) => `${(starts[i] ?? 0) / 1e6}|${row.key}|${row.count}|${row.total}`)
    .sort();
}

/** `kills`: the query's sink throws at these calls, before or after writing; it is then started again. */
async function play(
  given: readonly (readonly Row[])[],
  options: {
    readonly mode: OutputMode;
    readonly slide?: number;
    readonly kills?: readonly number[];
    readonly perTrigger?: number;
  },
): Promise<Played> {
  const source = memorySource(FEED_FIELDS, { feedsPerTrigger: options.perTrigger ?? 1 });
  for (const one of given) source.add(feed(...one));
  const content = new Map<number, readonly string[]>();
  const progress: QueryProgress[] = [];
  const folder = join(root, String(folders++));
  let calls = 0;
  for (;;) {
    const query = grouped(source, options.slide ?? SIZE)
      .writeStream.outputMode(options.mode)
      .trigger({ availableNow: true })
      .checkpointLocation(folder)
      .settings({
        retention: { deltasPerSnapshot: 3, minBatchesToRetain: 4 },
        onProgress: (one) => progress.push(one),
      })
      .foreachBatch((table, batchId) => {
        const call = calls++;
        const isKilled = options.kills?.includes(call) ?? false;
        if (isKilled && call % 2 === 0) throw new Error("killed before writing");
        content.set(batchId, textOf(table));
        if (isKilled) throw new Error("killed after writing");
      })
      .start();
    try {
      await query.awaitTermination();
      return { content, progress };
    } catch (error) {
      if (!String(error).includes("killed")) throw error;
    }
  }
}

/** The batch answer over rows: every group, with the windows of `slide`. */
function batchAnswer(
  all: readonly Row[],
  slide: number,
): Map<string, { count: number; total: number; end: number }> {
  const groups = new Map<string, { count: number; total: number; end: number }>();
  for (const [ts, key, value] of all) {
    for (let start = Math.floor(ts / slide) * slide; start > ts - SIZE; start -= slide) {
      const id = `${start}|${key}`;
      const group = groups.get(id) ?? { count: 0, total: 0, end: start + SIZE };
      groups.set(id, { count: group.count + 1, total: group.total + value, end: group.end });
    }
  }
  return groups;
}

function lines(groups: ReturnType<typeof batchAnswer>): string[] {
  return [...groups].map(([id, { count: rowCount, total }]) => `${id}|${rowCount}|${total}`).sort();
}

/**
 * An independent model of which rows of a window are declared late: a plain walk over the batches, by the rules'
 * own words (the window's end against the watermark of the batch before).
 */
function keptRows(
  given: readonly (readonly Row[])[],
  slide: number,
): { groups: ReturnType<typeof batchAnswer>; watermark: number } {
  const groups: ReturnType<typeof batchAnswer> = new Map();
  let late = 0;
  let watermark = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for (const one of given) {
    for (const [id, group] of batchAnswer(one, slide)) {
      if (group.end <= late) continue;
      const before = groups.get(id) ?? { count: 0, total: 0, end: group.end };
      groups.set(id, {
        count: before.count + group.count,
        total: before.total + group.total,
        end: group.end,
      });
    }
    for (const [ts] of one) newest = Math.max(newest, ts);
    late = watermark;
    watermark = Math.max(watermark, newest - DELAY);
  }
  return { groups, watermark };
}

const slides = fc.constantFrom(SIZE, 5, 4);

it("append = a batch aggregation of the rows that were not declared late, of the windows that are over", async () => {
  await fc.assert(
    fc.asyncProperty(feeds, slides, async (given, slide) => {
      const { content, progress } = await play(given, { mode: "append", slide });
      const expected = keptRows(given, slide);
      // A group that was shown must not come again: what is late is late for good.
      const over = new Map([...expected.groups].filter(([, group]) => group.end <= expected.watermark));
      expect([...content.values()].flat().sort()).toEqual(lines(over));
      expect(progress.at(-1)?.watermarkMs ?? 0).toBe(expected.watermark * 1000);
    }),
    { numRuns: 60 },
  );
});

it("complete = the batch answer over all rows, after any split into batches", async () => {
  await fc.assert(
    fc.asyncProperty(feeds, slides, fc.integer({ min: 1, max: 4 }), async (given, slide, perTrigger) => {
      const { content } = await play(given, { mode: "complete", slide, perTrigger });
      expect([...content.values()].at(-1)).toEqual(lines(batchAnswer(given.flat(), slide)));
    }),
    { numRuns: 40 },
  );
});

it("a restart at any point gives the same sink content", async () => {
  const kills = fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      feeds,
      fc.constantFrom<OutputMode>("append", "update", "complete"),
      kills,
      async (given, mode, at) => {
        const through = await play(given, { mode });
        const killed = await play(given, { mode, kills: at });
        // A batch without data that was owed when the query was killed is not made up (rule 6), so only what
        // both have written is compared batch by batch, and the last state by the rows with data.
        const withData = (played: Played): [number, readonly string[]][] =>
          [...played.content].filter(([id]) => id < given.length);
        expect(withData(killed)).toEqual(withData(through));
      },
    ),
    { numRuns: 40 },
  );
});

it("every input row is kept, late or without a window", async () => {
  await fc.assert(
    fc.asyncProperty(feeds, async (given) => {
      const { progress } = await play(given, { mode: "append" });
      const late = progress.reduce((all, one) => all + one.lateRows, 0);
      const kept = [...keptRows(given, SIZE).groups.values()].reduce((all, group) => all + group.count, 0);
      expect(kept + late).toBe(given.flat().length);
    }),
    { numRuns: 30 },
  );
});
