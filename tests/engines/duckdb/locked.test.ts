import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import { openLockedDuckDb } from "../../../src/engines/duckdb/locked.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { temporaryFolder } from "../temp-folder.ts";

let engine: Engine;
const folder = await temporaryFolder();
const outside = join(folder, "outside");
const allowed = join(folder, "allowed");

beforeAll(async () => {
  await mkdir(outside);
  await mkdir(allowed);
  await writeFile(join(outside, "secret.csv"), "a\ncanary\n");
  await writeFile(join(allowed, "open.csv"), "a\nfine\n");
  engine = await openLockedDuckDb({
    threads: 2,
    memoryBytes: 64 * 1024 ** 2,
    maxSpillBytes: 16 * 1024 ** 2,
    folders: [allowed],
    prepare: async (unlocked) => {
      const table = tableFromRows(fieldsOf({ n: { kind: "int32" } }), [{ n: 1 }, { n: 2 }]);
      await unlocked.register("input", { kind: "table", table });
    },
  });
});
afterAll(() => engine.close());

describe("a locked DuckDB", () => {
  it("runs ordinary SQL on its inputs, views and tables of its own included", async () => {
    await engine.execute(
      "CREATE OR REPLACE TEMP VIEW doubled AS SELECT n * 2 AS n FROM input; CREATE TABLE kept AS FROM doubled",
    );
    expect(rowsOf(await engine.query("SELECT sum(n) AS s FROM kept"))).toEqual([{ s: 6n }]);
    expect(rowsOf(await engine.query(`SELECT * FROM '${join(allowed, "open.csv")}'`))).toEqual([
      { a: "fine" },
    ]);
  });

  it.each([
    ["reads", (path: string) => `SELECT * FROM '${path}/secret.csv'`],
    ["reads as text", (path: string) => `SELECT * FROM read_text('${path}/secret.csv')`],
    ["reads through the folder that is allowed", () => `SELECT * FROM '${allowed}/../outside/secret.csv'`],
    ["lists", (path: string) => `SELECT * FROM glob('${path}/*')`],
    ["sniffs", (path: string) => `SELECT * FROM sniff_csv('${path}/secret.csv')`],
    ["writes", (path: string) => `COPY input TO '${path}/evil.csv'`],
    ["attaches", (path: string) => `ATTACH '${path}/evil.db' AS evil`],
    ["exports", (path: string) => `EXPORT DATABASE '${path}/evil'`],
    ["reads a file that every system has", () => "SELECT * FROM read_text('/etc/passwd')"],
    ["installs", () => "INSTALL httpfs"],
    ["loads", () => "LOAD httpfs"],
    ["reads from the network", () => "SELECT * FROM 'http://127.0.0.1:1/x.parquet'"],
  ])("refuses a statement that %s", async (_, sql) => {
    await expect(engine.query(sql(outside))).rejects.toMatchObject({ name: "SqlError" });
    expect(await readdir(outside)).toEqual(["secret.csv"]);
    expect(await readFile(join(outside, "secret.csv"), "utf8")).toBe("a\ncanary\n");
  });

  it.each([
    "SET threads = 64",
    "SET memory_limit = '100GB'",
    "SET TimeZone = 'Asia/Tokyo'",
    "SET temp_directory = '.'",
    "SET max_temp_directory_size = '1TB'",
    "SET allowed_directories = ['/']",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET profiling_output = 'x.json'",
    "SET log_query_path = 'x.sql'",
    "RESET threads",
  ])("keeps its settings: %s", async (sql) => {
    await expect(engine.execute(sql)).rejects.toMatchObject({
      code: "Invalid Input",
      message: expect.stringContaining("locked"),
    });
  });

  it("stops a query that wants more memory and disk than it may have", async () => {
    await expect(
      engine.query("SELECT * FROM range(100000000) ORDER BY hash(range)", { maxRows: 1 }),
    ).rejects.toMatchObject({
      code: "Out of Memory",
    });
    expect(rowsOf(await engine.query("SELECT count(*) AS n FROM input"))).toEqual([{ n: 2n }]);
  });

  it("explains without the counts that need a log", async () => {
    expect(await engine.explain("SELECT n, count(*) FROM input GROUP BY n")).toMatchObject({
      shuffles: 1,
      rowsScanned: 2,
      rowGroupsRead: undefined,
    });
  });
});
