import { expect, it } from "vitest";
import type { Table } from "../../src/core/table.ts";
import { avg, count, streamOf, sum, window } from "../../src/streaming/data-stream.ts";
import { fromDoubles } from "../../src/streaming/micros.ts";
import { memorySink } from "../../src/streaming/sinks/memory.ts";
import { memorySource } from "../../src/streaming/sources/memory.ts";
import { FEED_FIELDS } from "./feed.ts";

const KEYS = 1_000_000;
const FEEDS = 10;

/** One row for each of a tenth of the keys. */
function tenth(part: number): Table {
  const rows = KEYS / FEEDS;
  return {
    fields: FEED_FIELDS,
    columns: [
      { kind: "timestamp", values: fromDoubles(new Float64Array(rows).fill(5e6)) },
      { kind: "string", values: Array.from({ length: rows }, (_, i) => `lead-${part * rows + i}`) },
      { kind: "int64", values: fromDoubles(new Float64Array(rows).fill(part)) },
    ],
    rowCount: rows,
  };
}

it("a million keys × 3 aggregates are held in at most 300 MB", async () => {
  const source = memorySource(FEED_FIELDS, { feedsPerTrigger: 1 });
  for (let part = 0; part < FEEDS; part++) source.add(tenth(part));
  const query = streamOf(source)
    .withWatermark("ts", "1 hour")
    .groupBy(window("ts", "1 minute"), "key")
    .agg(count(), sum("value"), avg("value"))
    .writeStream.outputMode("update")
    .to(memorySink())
    .start();
  await query.processAllAvailable();
  const [state] = query.lastProgress?.stateOperators ?? [];
  expect(state?.numRowsTotal).toBe(KEYS);
  expect(state?.memoryUsedBytes).toBeLessThan(300e6);
  await query.stop();
});
