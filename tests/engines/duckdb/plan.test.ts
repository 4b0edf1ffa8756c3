import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { temporaryFolder } from "../temp-folder.ts";

let engine: Engine;
const folder = await temporaryFolder();

beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 2 });
  // 3 partitions × 50,000 rows, sorted, in row groups of 10,240: 5 in each file.
  await engine.writeParquet(
    "SELECT i, i % 3 AS p, i % 100 AS g, md5(CAST(i AS VARCHAR)) AS s FROM range(150000) AS r(i)",
    { path: join(folder, "events"), partitionBy: ["p"], sortBy: ["i"], rowGroupRows: 10_240 },
  );
  await engine.register("events", { kind: "parquet", paths: [join(folder, "events")] });
  await engine.execute("CREATE OR REPLACE TEMP VIEW one_p AS SELECT i, g, s FROM events WHERE p = 1");
  const table = tableFromRows(fieldsOf({ k: { kind: "int32" } }), [{ k: 1 }, { k: 2 }]);
  await engine.register("keys", { kind: "table", table });
});
afterAll(() => engine.close());

describe("explain, run", () => {
  it("counts the files that partition pruning left", async () => {
    expect(await engine.explain("SELECT sum(i) FROM events WHERE p = 1;")).toMatchObject({
      filesRead: 1,
      filesTotal: 3,
      rowGroupsRead: 5,
      rowGroupsTotal: 15,
      rowsScanned: 50_000,
    });
  });

  it("counts the row groups whose bytes were read, in each file", async () => {
    // Each file holds every third i: its row groups end near 30,720, 61,440, …
    expect(await engine.explain("SELECT sum(i) FROM events WHERE i BETWEEN 40000 AND 50000")).toMatchObject({
      filesRead: 3,
      filesTotal: 3,
      rowGroupsRead: 3,
      rowGroupsTotal: 15,
      rowsScanned: 30_720,
    });
  });

  it("sees through views, and binds values", async () => {
    const plan = await engine.explain("SELECT max(s) FROM one_p WHERE i < $1", { values: [100] });
    expect(plan).toMatchObject({ filesRead: 1, filesTotal: 3, rowGroupsRead: 1, rowGroupsTotal: 15 });
  });

  it("finds that a count needs no row group: the footers have it", async () => {
    expect(await engine.explain("SELECT count(*) FROM events")).toMatchObject({
      filesRead: 3,
      rowGroupsRead: 0,
      rowGroupsTotal: 15,
      rowsScanned: 0,
    });
  });

  it("gives each operator with its depth, detail and rows", async () => {
    const { operators, text } = await engine.explain("SELECT g, count(*) FROM events WHERE p = 0 GROUP BY g");
    const scan = operators.find((operator) => operator.name === "READ_PARQUET");
    expect(scan).toMatchObject({ rows: 50_000, detail: expect.stringContaining("Scanning Files: 1/3") });
    expect(operators[0]?.depth).toBe(0);
    expect(text).toContain("READ_PARQUET");
  });

  it("has no files for a query on tables, and their rows", async () => {
    expect(await engine.explain("SELECT * FROM keys WHERE k > 1")).toMatchObject({
      filesRead: 0,
      filesTotal: 0,
      rowGroupsRead: undefined,
      rowGroupsTotal: undefined,
      rowsScanned: 2,
    });
  });

  it("leaves no log on, and reads as before", async () => {
    await engine.explain("SELECT count(*) FROM events");
    const settings = await engine.query(
      "SELECT value FROM duckdb_settings() WHERE name IN ('enable_logging', 'enable_external_file_cache') ORDER BY name",
    );
    expect(settings.columns[0]).toMatchObject({ values: ["true", "0"] });
  });
});

describe("shuffles", () => {
  it.each([
    ["SELECT i + 1 FROM events WHERE g = 3", 0],
    ["SELECT count(*), sum(i) FROM events", 0],
    ["SELECT i FROM events ORDER BY i LIMIT 5", 0],
    ["SELECT g, count(*) FROM events GROUP BY g", 1],
    ["SELECT DISTINCT g FROM events", 1],
    ["SELECT i FROM events ORDER BY i", 1],
    ["SELECT * FROM events JOIN keys ON g = k", 1],
    ["SELECT * FROM events WHERE g IN (SELECT k FROM keys)", 1],
    ["SELECT i, row_number() OVER (PARTITION BY g ORDER BY i) AS n FROM events", 1],
    ["SELECT g, count(*) AS n FROM events JOIN keys ON g = k GROUP BY g ORDER BY n", 3],
    ["SELECT i FROM events UNION ALL SELECT k FROM keys", 0],
    ["SELECT i FROM events UNION SELECT k FROM keys", 1],
  ])("of %s: %i", async (sql, shuffles) => {
    expect((await engine.explain(sql, { run: false })).shuffles).toBe(shuffles);
  });
});

describe("explain, only planned", () => {
  it("does not run, and leaves unknown what only a run can tell", async () => {
    const plan = await engine.explain("SELECT CAST(error('it ran') AS STRING), i FROM events", {
      run: false,
    });
    expect(plan).toMatchObject({
      filesRead: 3,
      filesTotal: 3,
      rowGroupsRead: undefined,
      rowsScanned: undefined,
    });
    expect(plan.operators.every((operator) => operator.rows === undefined)).toBe(true);
  });

  it("knows the files that pruning by partition leaves", async () => {
    const plan = await engine.explain("SELECT * FROM one_p", { run: false });
    expect(plan).toMatchObject({ filesRead: 1, filesTotal: 3 });
  });
});

describe("describeParquet", () => {
  it("reports rows, files, partitions, types, codecs, sizes, nulls and ranges from the footers", async () => {
    const path = join(folder, "typed.parquet");
    await engine.writeParquet(
      `SELECT i::INT AS n, (i - 5)::DECIMAL(10,2) AS d, CASE WHEN i > 2 THEN 'v' || i END AS t,
         DATE '2024-01-05' + i::INT AS day FROM range(12) AS r(i)`,
      { path, singleFile: true, codec: "zstd" },
    );
    const report = await engine.describeParquet(path);
    expect(report.rows).toBe(12);
    expect(report.files).toEqual([expect.objectContaining({ path, rows: 12, rowGroups: 1, partition: "" })]);
    expect(report.columns).toMatchObject([
      { name: "n", type: "int32", codec: "zstd", nulls: 0, min: "0", max: "11" },
      { name: "d", type: "decimal(10,2)", nulls: 0, min: "-5.00", max: "6.00" },
      { name: "t", type: "string", nulls: 3, min: "v10", max: "v9" },
      { name: "day", type: "date", nulls: 0, min: "2024-01-05", max: "2024-01-16" },
    ]);
    expect(report.columns.every((column) => column.compressedBytes > 0)).toBe(true);
    const events = await engine.describeParquet(join(folder, "events"));
    expect(events.files.map((file) => [file.partition, file.rows, file.rowGroups])).toEqual([
      ["p=0", 50_000, 5],
      ["p=1", 50_000, 5],
      ["p=2", 50_000, 5],
    ]);
    expect(events.columns.find((column) => column.name === "i")).toMatchObject({ min: "0", max: "149999" });
  });
});
