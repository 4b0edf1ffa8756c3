import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DELAYS_MINUTES,
  flightsByArrival,
  measureDelay,
} from "../../lessons/08-streaming/pipelines/streaming/flights.ts";
import { columnOf, type Table } from "../../src/core/table.ts";
import { findDataset } from "../../src/data/datasets.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";

const sql = readFileSync(new URL("../../lessons/08-streaming/sql/flights.sql", import.meta.url), "utf8");
const HOUR = 3_600_000_000;

let engine: Engine;
let feeds: readonly Table[];
beforeAll(async () => {
  engine = await openEngine("duckdb");
  const { paths } = await findDataset("flights").materialise({ folder: "" });
  await engine.register("flights", { kind: "parquet", paths });
  feeds = await flightsByArrival(engine, sql, 1);
});
afterAll(() => engine.close());

describe("the real flights as a late stream", () => {
  test("are in the order in which they land, all of them, a quarter of an hour a batch", async () => {
    const [counted] = (
      await engine.query("SELECT count(*) AS n FROM flights WHERE date < CAST('2001-01-02' AS TIMESTAMP)")
    ).columns;
    const total = feeds.reduce((sum, feed) => sum + feed.rowCount, 0);
    expect(total).toBeGreaterThan(10_000);
    expect(counted?.kind === "int64" ? Number(counted.values[0]) : 0).toBe(total);
    const landed = feeds.flatMap((feed) => landings(feed));
    expect([...landed].sort((a, b) => a - b)).toEqual(landed);
    for (const feed of feeds) {
      const quarters = new Set(landings(feed).map((at) => Math.floor(at / (HOUR / 4))));
      expect(quarters.size).toBe(1);
    }
  });

  test("each delay loses what a recount of Spark's rule loses, a longer one less, for more state", async () => {
    const { signal } = new AbortController();
    const measured = await Promise.all(DELAYS_MINUTES.map((delay) => measureDelay(feeds, delay, signal)));
    expect(measured.map(({ late }) => late)).toEqual(DELAYS_MINUTES.map((delay) => recount(feeds, delay)));
    const lost = measured.map(({ late }) => late);
    expect([...lost].sort((a, b) => b - a)).toEqual(lost);
    expect(lost[0]).toBeGreaterThan(lost[3] ?? 0);
    const groups = measured.map(({ maxStateRows }) => maxStateRows);
    expect([...groups].sort((a, b) => a - b)).toEqual(groups);
  });
});

/** Rules 2–4 of SPARK-SEMANTICS.md §1: a batch drops by the watermark of the batch before, which knows those before it. */
function recount(batches: readonly Table[], delayMinutes: number): number {
  let late = 0;
  let seen = 0;
  let [watermark, previous] = [0, 0];
  for (const batch of batches) {
    const times = departures(batch);
    late += times.filter((time) => (Math.floor(time / HOUR) + 1) * HOUR <= previous).length;
    seen = Math.max(seen, ...times);
    previous = watermark;
    watermark = Math.max(watermark, seen - delayMinutes * 60_000_000);
  }
  return late;
}

function departures(table: Table): number[] {
  const { column } = columnOf(table, "date");
  return column.kind === "timestamp" ? Array.from(column.values, Number) : [];
}

function landings(table: Table): number[] {
  const { column } = columnOf(table, "delay");
  const delays = column.kind === "int32" ? column.values : [];
  return departures(table).map((time, row) => time + (delays[row] ?? 0) * 60_000_000);
}
