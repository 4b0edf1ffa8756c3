import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { DataType, Table } from "../../src/core/table.ts";
import { fieldsOf } from "../../src/core/table-build.ts";
import { fromDoubles } from "../../src/streaming/micros.ts";

const types: Readonly<Record<string, DataType>> = {
  ts: { kind: "timestamp" },
  key: { kind: "string" },
  value: { kind: "int64" },
};

/** The columns of a feed: `ts`, `key`, `value`. */
export const FEED_FIELDS = fieldsOf(types);

/** A feed: event time in seconds, key, value. */
export function feed(...rows: readonly (readonly [ts: number, key?: string, value?: number])[]): Table {
  return {
    fields: FEED_FIELDS,
    columns: [
      { kind: "timestamp", values: fromDoubles(Float64Array.from(rows, ([ts]) => Math.round(ts * 1e6))) },
      { kind: "string", values: rows.map(([, key = "a"]) => key) },
      { kind: "int64", values: fromDoubles(Float64Array.from(rows, ([, , value = 1]) => value)) },
    ],
    rowCount: rows.length,
  };
}

/** A folder for a test file's own files, removed at its end. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-streaming-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
