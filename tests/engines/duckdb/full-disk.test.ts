import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../../src/core/table.ts";
import type { Engine, ParquetTarget } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { temporaryFolder } from "../temp-folder.ts";

/** A disk of 3 MB, where this system lets us mount one (root on Linux). */
const folder = await temporaryFolder();
const disk = join(folder, "disk");
mkdirSync(disk);
const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).status === 0;

describe.runIf(isMounted)("a full disk", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await openEngine("duckdb", { threads: 2 });
  });
  afterAll(async () => {
    await engine.close();
    spawnSync("umount", [disk]);
  });

  it.each<[string, Partial<ParquetTarget>]>([
    ["one file in a folder", {}],
    ["partitions", { partitionBy: ["p"] }],
    ["sorted partitions", { partitionBy: ["p"], sortBy: ["i"] }],
  ])("is told in words with the table's path, and leaves the old table alone: %s", async (_, how) => {
    const path = join(disk, "table");
    await engine.writeParquet("SELECT 1 AS i, 1 AS p", { path, partitionBy: ["p"] });
    const sql = "SELECT i, i % 3 AS p, md5(CAST(i AS VARCHAR)) AS s FROM range(300000) AS r(i)";
    await expect(engine.writeParquet(sql, { path, ...how })).rejects.toMatchObject({
      name: "UserError",
      code: "disk-enospc",
      where: path,
    });
    expect(await readdir(disk)).toEqual(["table"]);
    await engine.register("kept", { kind: "parquet", paths: [path] });
    expect(rowsOf(await engine.query("SELECT count(*) AS n FROM kept"))).toEqual([{ n: 1n }]);
  });
});
