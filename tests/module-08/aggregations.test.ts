import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorkEvent } from "../../src/core/events.ts";
import { rowsOf } from "../../src/core/table.ts";
import { readStream } from "../data/lead-events/read.ts";
import { openWorkspace } from "./run.ts";

let workspace: Awaited<ReturnType<typeof openWorkspace>>;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const SMALL = { total: "3000", rate: "300" };
const events = readStream(
  { seed: 7, rate: 300, outOfOrder: 0.2, maxLagMs: 40_000, keys: 1_000, duplicates: 0, malformed: 0 },
  { to: 3_000 },
).map(({ event }) => ({ type: String(event.type), ms: Date.parse(String(event.event_time)) }));

describe("taller run aggregations", () => {
  test("complete without a watermark is the plain aggregation of all events", async () => {
    const ran = await run({ ...SMALL, mode: "complete", watermark: "none", aggregates: "count" });
    const wanted = new Map<string, number>();
    for (const { type, ms } of events) {
      const key = `${new Date(Math.floor(ms / 10_000) * 10_000).toISOString().slice(11, 19)} ${type}`;
      wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
    const last = batchTables(ran.events).at(-1) ?? [];
    const found = last.map((row) => [`${row.start} ${row.type}`, Number(row.events)] as const);
    expect(new Map(found)).toEqual(wanted);
    expect(ran.report?.rows).toEqual({
      read: 3_000,
      processed: 3_000,
      late: 0,
      duplicates: 0,
      deadLetters: 0,
    });
  });

  test("append shows each window once, and what came too late is in none", async () => {
    const ran = await run({ ...SMALL, total: "9000", watermark: "5 seconds", aggregates: "count" });
    const rows = batchTables(ran.events).flat();
    const keys = rows.map((row) => `${row.start} ${row.type}`);
    expect(new Set(keys).size).toBe(keys.length);
    const { read = 0, processed = 0, late = 0 } = ran.report?.rows ?? {};
    expect(read).toBe(9_000);
    expect(late).toBeGreaterThan(0);
    // What is not shown yet is in windows that are still open.
    expect(rows.reduce((sum, row) => sum + Number(row.events), 0)).toBeLessThan(processed);
  });

  test("an event is in two sliding windows of twice the slide", async () => {
    const ran = await run({
      ...SMALL,
      window: "sliding",
      mode: "complete",
      watermark: "none",
      aggregates: "count",
    });
    const last = batchTables(ran.events).at(-1) ?? [];
    expect(last.reduce((sum, row) => sum + Number(row.events), 0)).toBe(6_000);
  });

  test("every aggregate and kind of window runs; sessions end after a pause", async () => {
    const all = await run({
      ...SMALL,
      aggregates: "count,sum,avg,min,max",
      window: "none",
      mode: "update",
      by: "none",
    });
    const [row] = batchTables(all.events).at(-1) ?? [];
    expect(Number(row?.events)).toBe(3_000);
    expect(Number(row?.min_minutes)).toBeLessThanOrEqual(Number(row?.avg_minutes));
    expect(Number(row?.avg_minutes)).toBeLessThanOrEqual(Number(row?.max_minutes));
    const sessions = await run({ ...SMALL, window: "session", size: "3 seconds", by: "lead_id" });
    for (const one of batchTables(sessions.events).flat())
      expect(secondOfDay(one.end) - secondOfDay(one.start)).toBeGreaterThanOrEqual(3);
  });

  test("what a stream can't do is refused in words", async () => {
    await expect(run({ ...SMALL, watermark: "none", mode: "append" })).rejects.toMatchObject({
      code: "append-without-watermark",
    });
    await expect(run({ ...SMALL, aggregates: "median" })).rejects.toMatchObject({
      code: "unknown-aggregate",
    });
  });
});

function run(options: Record<string, string>) {
  return workspace.run("aggregations", options);
}

/** The result of each batch that had one, in order. */
function batchTables(emitted: readonly WorkEvent[]) {
  return emitted.flatMap((event) =>
    event.kind === "table" && /^Batch \d/.test(event.title.en)
      ? [rowsOf(event.table, event.table.rowCount)]
      : [],
  );
}

/** Of `23:59:50`; a session may go over midnight. */
function secondOfDay(time: unknown): number {
  const [hours = 0, minutes = 0, seconds = 0] = String(time).split(":").map(Number);
  return ((hours + 12) % 24) * 3_600 + minutes * 60 + seconds;
}
