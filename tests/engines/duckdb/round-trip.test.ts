import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf, type Table } from "../../../src/core/table.ts";
import { emptyTable, takeRows } from "../../../src/core/table-build.ts";
import type { Engine, ParquetCodec } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { anyTable } from "../any-table.ts";
import { temporaryFolder } from "../temp-folder.ts";

let engine: Engine;
const folder = await temporaryFolder();

beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 2 });
});
afterAll(() => engine.close());

describe("a table of any types, with nulls", () => {
  it("comes back from DuckDB with the same fields and cells", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable(30), async (table) => {
        await engine.register("t", { kind: "table", table });
        expectSame(await engine.query("SELECT * FROM t"), table);
      }),
      { numRuns: 100 },
    );
  });

  it("comes back from Parquet with the same fields and cells, whatever the codec", async () => {
    let file = 0;
    await fc.assert(
      fc.asyncProperty(anyTable(30), anyCodec, async (table, codec) => {
        const path = join(folder, `${file++}.parquet`);
        await engine.register("t", { kind: "table", table });
        await engine.writeParquet("SELECT * FROM t", { path, singleFile: true, codec });
        await engine.register("p", { kind: "parquet", paths: [path] });
        expectSame(await engine.query("SELECT * FROM p"), table);
      }),
      { numRuns: 40 },
    );
  });

  it("comes back when its columns lie in memory that threads share", async () => {
    const values = new Float64Array(new SharedArrayBuffer(24));
    values.set([1.5, -2, 3]);
    const table: Table = {
      fields: [{ name: "x", type: { kind: "float64" }, nullable: true }],
      columns: [{ kind: "float64", values }],
      rowCount: 3,
    };
    await engine.register("shared", { kind: "table", table });
    expectSame(await engine.query("SELECT * FROM shared"), table);
  });

  it.each([2_047, 2_048, 2_049, 6_145])("comes back whole when it has %i rows", async (rows) => {
    const [base] = fc.sample(anyTable(60), { numRuns: 1, seed: rows });
    const table = takeRows(
      base ?? emptyTable([]),
      Array.from({ length: rows }, (_, row) => row % Math.max(1, base?.rowCount ?? 1)),
    );
    await engine.register("t", { kind: "table", table });
    expectSame(await engine.query("SELECT * FROM t"), table);
  });
});

function expectSame(actual: Table, expected: Table): void {
  expect(actual.fields).toEqual(expected.fields);
  expect(rowsOf(actual)).toEqual(rowsOf(expected));
}

const anyCodec = fc.constantFrom<ParquetCodec>("snappy", "zstd", "gzip", "lz4", "uncompressed");
