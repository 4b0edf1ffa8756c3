import { spawnSync } from "node:child_process";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancelledError } from "../../../src/core/errors.ts";
import { rowsOf } from "../../../src/core/table.ts";
import type { Engine, ParquetCodec, ParquetTarget } from "../../../src/engines/engine.ts";
import { recoverTarget } from "../../../src/engines/folder-swap.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { bundleChild, startChild } from "../crash/child.ts";
import { temporaryFolder } from "../temp-folder.ts";

let engine: Engine;
let targets = 0;
const folder = await temporaryFolder();
const ROWS = "SELECT i, i % 3 AS p, (i * 7919) % 10007 AS k, 'text ' || i AS s FROM range(100000) AS r(i)";

beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 2 });
});
afterAll(() => engine.close());

/** A path for a table in a folder of its own, so that what lies beside it can be seen. */
async function newTarget(): Promise<string> {
  const parent = join(folder, `target-${targets++}`);
  await mkdir(parent);
  return join(parent, "table");
}

async function rows(path: string, sql: string): Promise<unknown> {
  await engine.register("written", { kind: "parquet", paths: [path] });
  return rowsOf(await engine.query(sql));
}

const beside = async (path: string) => (await readdir(join(path, ".."))).sort();

describe("writeParquet", () => {
  it("reports each file with its rows, bytes and partition, as they are on disk", async () => {
    const path = await newTarget();
    const report = await engine.writeParquet(ROWS, { path, partitionBy: ["p"] });
    expect(report.rows).toBe(100_000);
    expect(new Set(report.files.map((file) => file.partition))).toEqual(new Set(["p=0", "p=1", "p=2"]));
    for (const file of report.files) expect((await stat(file.path)).size).toBe(file.sizeBytes);
    expect(report.sizeBytes).toBe(report.files.reduce((sum, file) => sum + file.sizeBytes, 0));
    expect(await rows(path, "SELECT p, count(*) AS n FROM written GROUP BY p ORDER BY p")).toEqual([
      { p: 0n, n: 33_334n },
      { p: 1n, n: 33_333n },
      { p: 2n, n: 33_333n },
    ]);
    expect(await beside(path)).toEqual(["table"]);
  });

  it.each<[ParquetCodec, string]>([
    ["snappy", "snappy"],
    ["zstd", "zstd"],
    ["gzip", "gzip"],
    ["lz4", "lz4_raw"],
    ["uncompressed", "uncompressed"],
  ])("writes a single file with the codec %s and the row groups asked for", async (codec, name) => {
    const path = join(await newTarget(), "..", "one.parquet");
    const report = await engine.writeParquet(ROWS, { path, singleFile: true, codec, rowGroupRows: 10_240 });
    expect(report.files).toEqual([expect.objectContaining({ path, rows: 100_000, partition: "" })]);
    const footer = await engine.describeParquet(path);
    expect(new Set(footer.columns.map((column) => column.codec))).toEqual(new Set([name]));
    expect(footer.files).toEqual([expect.objectContaining({ rowGroups: 10, rows: 100_000 })]);
    expect(await beside(path)).toEqual(["one.parquet"]);
  });

  it.each<[string, Partial<ParquetTarget>]>([
    ["one file", {}],
    ["partitions", { partitionBy: ["p"] }],
    ["many small partitions", { partitionBy: ["p", "q"] }],
  ])("sorts within each file, found in the file itself: %s", async (_, how) => {
    const path = await newTarget();
    const sql = `SELECT *, k % 11 AS q FROM (${ROWS}) ORDER BY random()`;
    const report = await engine.writeParquet(sql, { path, sortBy: ["k", "i"], rowGroupRows: 4_096, ...how });
    expect(report.rows).toBe(100_000);
    for (const file of report.files) {
      await engine.register("one", { kind: "parquet", paths: [file.path], hivePartitions: false });
      const order = await engine.query(
        `SELECT count(*) AS n, count(*) FILTER (WHERE k < before OR (k = before AND i < i_before)) AS wrong FROM (
           SELECT k, i, lag(k) OVER (ORDER BY n) AS before, lag(i) OVER (ORDER BY n) AS i_before
           FROM (SELECT k, i, file_row_number AS n FROM read_parquet('${file.path}', file_row_number = true)))`,
      );
      expect(rowsOf(order)).toEqual([{ n: BigInt(file.rows), wrong: 0n }]);
    }
  });

  it("names partitions as DuckDB itself does, whatever is in the value", async () => {
    const sql = `SELECT * FROM (VALUES (1, 'a b'), (2, 'ñ/%='), (3, NULL), (4, ''), (5, 'x:y?*[z]'), (6, '2024-01-05'), (7, '.')) AS v(i, p)`;
    const ours = await newTarget();
    const plain = await newTarget();
    await engine.writeParquet(sql, { path: ours, partitionBy: ["p"], sortBy: ["i"] });
    await engine.writeParquet(sql, { path: plain, partitionBy: ["p"] });
    expect((await readdir(ours)).sort()).toEqual((await readdir(plain)).sort());
    const read = "SELECT i, p FROM written ORDER BY i";
    expect(await rows(ours, read)).toEqual(await rows(plain, read));
  });

  it("replaces the whole folder, also by fewer partitions", async () => {
    const path = await newTarget();
    await engine.writeParquet(ROWS, { path, partitionBy: ["p"] });
    await engine.writeParquet(`SELECT * FROM (${ROWS}) WHERE p = 1`, { path, partitionBy: ["p"] });
    expect(await readdir(path)).toEqual(["p=1"]);
    expect(await beside(path)).toEqual(["table"]);
  });

  it("can read the table that it replaces", async () => {
    const path = await newTarget();
    await engine.writeParquet(ROWS, { path, partitionBy: ["p"] });
    await engine.register("itself", { kind: "parquet", paths: [path] });
    await engine.writeParquet("SELECT * FROM itself WHERE i < 10", { path, partitionBy: ["p"] });
    expect(rowsOf(await engine.query("SELECT count(*) AS n FROM itself"))).toEqual([{ n: 10n }]);
  });

  it("replaces only the partitions that the result has rows for, and touches no other file", async () => {
    const path = await newTarget();
    await engine.writeParquet(ROWS, { path, partitionBy: ["p"] });
    const before = await stat(join(path, "p=0", "data_0.parquet"));
    const target = { path, partitionBy: ["p"], mode: "replace-partitions" as const };
    await engine.writeParquet("SELECT CAST(1 AS BIGINT) AS i, 1 AS p, 1 AS k, 'new' AS s", target);
    const after = await stat(join(path, "p=0", "data_0.parquet"));
    expect([after.ino, after.mtimeMs, after.size]).toEqual([before.ino, before.mtimeMs, before.size]);
    expect(await rows(path, "SELECT p, count(*) AS n FROM written GROUP BY p ORDER BY p")).toEqual([
      { p: 0n, n: 33_334n },
      { p: 1n, n: 1n },
      { p: 2n, n: 33_333n },
    ]);
    await engine.writeParquet("SELECT * FROM written WHERE false", target);
    expect(await rows(path, "SELECT count(*) AS n FROM written")).toEqual([{ n: 66_668n }]);
  });

  it("loses no partition when two writers replace different ones at once", async () => {
    const path = await newTarget();
    const other = await openEngine("duckdb", { threads: 1 });
    const write = (by: Engine, p: number) =>
      by.writeParquet(`SELECT ${p} AS p, 1 AS i`, { path, partitionBy: ["p"], mode: "replace-partitions" });
    for (let p = 0; p < 10; p += 2) await Promise.all([write(engine, p), write(other, p + 1)]);
    await other.close();
    expect(await rows(path, "SELECT count(DISTINCT p) AS n FROM written")).toEqual([{ n: 10n }]);
  });

  it("keeps the columns of a result without rows, partitioned or not", async () => {
    for (const partitionBy of [[], ["p"]]) {
      const path = await newTarget();
      const report = await engine.writeParquet(`SELECT * FROM (${ROWS}) WHERE i < 0`, { path, partitionBy });
      expect(report.rows).toBe(0);
      expect(await rows(path, "SELECT count(*) AS n, count(p) AS p, count(s) AS s FROM written")).toEqual([
        { n: 0n, p: 0n, s: 0n },
      ]);
      await engine.writeParquet(ROWS, { path, partitionBy, mode: "replace" });
      expect(await rows(path, "SELECT count(*) AS n FROM written")).toEqual([{ n: 100_000n }]);
    }
  });

  it("binds values", async () => {
    const path = await newTarget();
    const report = await engine.writeParquet(
      `SELECT * FROM (${ROWS}) WHERE i < $1 AND s <> $2;`,
      { path, sortBy: ["i"] },
      {
        values: [10, "text 3"],
      },
    );
    expect(report.rows).toBe(9);
  });
});

describe("writeParquet refuses", () => {
  it.each<[string, Partial<ParquetTarget>, string]>([
    ["a target with data when it must be new", { mode: "fail" }, "target-exists"],
    ["a folder where a file is asked for", { singleFile: true }, "target-is-a-folder"],
    ["other partitions", { mode: "replace-partitions", partitionBy: ["k"] }, "partitions-differ"],
  ])("%s", async (_, how, code) => {
    const path = await newTarget();
    await engine.writeParquet(`SELECT * FROM (${ROWS}) LIMIT 10`, { path, partitionBy: ["p"] });
    await expect(engine.writeParquet(ROWS, { path, ...how })).rejects.toMatchObject({ code, fault: "usage" });
    expect(await rows(path, "SELECT count(*) AS n FROM written")).toEqual([{ n: 10n }]);
  });

  it("a folder with anything that is no table", async () => {
    const path = await newTarget();
    await mkdir(path);
    await writeFile(join(path, "thesis.docx"), "ten years of work");
    await expect(engine.writeParquet(ROWS, { path })).rejects.toMatchObject({
      code: "target-holds-other-files",
    });
    expect(await readdir(path)).toEqual(["thesis.docx"]);
  });

  it("a file where a folder is asked for", async () => {
    const path = await newTarget();
    await writeFile(path, "a file");
    await expect(engine.writeParquet(ROWS, { path })).rejects.toMatchObject({ code: "target-is-a-file" });
  });
});

describe("writeParquet leaves the table as it was, and nothing beside it", () => {
  const failing = [
    ["an error in the query", "SELECT nothing FROM nowhere"],
    [
      "an error after the first rows",
      `SELECT i, CAST(CASE WHEN i = 99999 THEN 'x' ELSE '1' END AS INT) AS p FROM (${ROWS})`,
    ],
  ] as const;
  for (const [what, sql] of failing) {
    it.each<[string, Partial<ParquetTarget>]>([
      ["plain", {}],
      ["partitioned", { partitionBy: ["p"] }],
      ["sorted", { partitionBy: ["p"], sortBy: ["i"] }],
    ])(`after ${what}, %s`, async (_, how) => {
      const path = await newTarget();
      await engine.writeParquet("SELECT 1 AS i, 1 AS p", { path, partitionBy: ["p"] });
      await expect(engine.writeParquet(sql, { path, ...how })).rejects.toMatchObject({ name: "SqlError" });
      expect(await rows(path, "SELECT count(*) AS n FROM written")).toEqual([{ n: 1n }]);
      expect(await beside(path)).toEqual(["table"]);
    });
  }

  it.each<[string, Partial<ParquetTarget>]>([
    ["one file", {}],
    ["partitions", { partitionBy: ["p"] }],
    ["sorted partitions", { partitionBy: ["p"], sortBy: ["i"] }],
  ])("after a cancel: %s", async (_, how) => {
    const path = await newTarget();
    await engine.writeParquet("SELECT 1 AS i, 1 AS p", { path, partitionBy: ["p"] });
    const stop = new AbortController();
    const long = "SELECT i, i % 3 AS p, md5(CAST(i AS VARCHAR)) AS s FROM range(200000000) AS r(i)";
    const writing = engine.writeParquet(long, { path, ...how }, { signal: stop.signal });
    await waitFor(async () => (await beside(path)).length > 1);
    stop.abort();
    await expect(writing).rejects.toBeInstanceOf(CancelledError);
    expect(await rows(path, "SELECT count(*) AS n FROM written")).toEqual([{ n: 1n }]);
    expect(await beside(path)).toEqual(["table"]);
  });
});

describe("a table whose writer is killed", () => {
  it("is found by the next reader when only the last rename was missing", async () => {
    const path = await newTarget();
    const id = `${spawnSync(process.execPath, ["-e", ""]).pid}-00000000-00000000`;
    await engine.writeParquet("SELECT 'old' AS version", { path: join(path, "..", `.table.old-${id}`) });
    await engine.writeParquet("SELECT 'new' AS version", { path: join(path, "..", `.table.tmp-${id}`) });
    expect(await rows(path, "SELECT * FROM written")).toEqual([{ version: "new" }]);
    expect(await beside(path)).toEqual(["table"]);
  });

  it.each(["replace", "replace-partitions", "single"])("holds one whole version: %s", async (mode) => {
    const script = await bundleChild(
      "write-child",
      join(import.meta.dirname, "..", "..", "..", "node_modules", ".cache"),
    );
    let killedWhileWriting = 0;
    for (let kill = 0; kill < 3; kill++) {
      const path = await newTarget();
      const { child, ended, stdout } = startChild(script, [path, mode, "60000"]);
      await waitFor(async () => stdout().includes("\n"));
      // Anywhere in the writes that follow: the child's own speed spreads the instants.
      const from = stdout().length;
      await waitFor(async () => stdout().length > from + kill || (await beside(path)).length > 1);
      child.kill("SIGKILL");
      expect((await ended).signal).toBe("SIGKILL");
      if ((await beside(path)).length > 1) killedWhileWriting++;
      await recoverTarget(path);
      expect(await rows(path, "SELECT count(DISTINCT version) AS v, count(*) AS n FROM written")).toEqual([
        { v: 1n, n: 60_000n },
      ]);
      expect(await beside(path)).toEqual(["table"]);
    }
    expect(killedWhileWriting).toBeGreaterThan(0);
  });
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("it did not happen in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
