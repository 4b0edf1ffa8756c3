import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { rowsOf } from "../../src/core/table.ts";
import { tableSource } from "../../src/course/lesson-session.ts";
import { findDataset } from "../../src/data/datasets.ts";
import { openEngine } from "../../src/engines/open.ts";

// Needs PySpark and Java: `bash bench/setup.sh`. Without them it is skipped, unless TALLER_REQUIRE names spark.
const cache = process.env.TALLER_BENCH_CACHE ?? join(homedir(), ".cache", "taller-bench");
const python = join(cache, "venv", "bin", "python");
const isRequired = (process.env.TALLER_REQUIRE ?? "").split(",").includes("spark");
const isThere = existsSync(python);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const counts = z.object({
  read: z.number(),
  valid: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
});
const ledgerShape = z.object({ expected: counts });
const run = promisify(execFile);

describe.skipIf(!isThere && !isRequired)(
  `the lesson's SQL on a real Spark${isThere ? "" : " (not installed: bash bench/setup.sh)"}`,
  () => {
    let folder: string;
    let spark: z.infer<typeof counts>;
    let ledger: z.infer<typeof ledgerShape>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "taller-spark-etl-"));
      const files = await findDataset("leads").materialise({ folder, rows: 20_000, seed: 7 });
      const [csv = ""] = files.paths;
      ledger = ledgerShape.parse(JSON.parse(readFileSync(files.ledgerPath ?? "", "utf8")));
      const sql = here("../../lessons/01-etl/sql");
      const [bySpark] = await Promise.all([
        run(python, [here("../../bench/peers/etl_spark.py"), csv, sql, join(folder, "spark"), "2"]),
        run(process.execPath, [here("../../bench/peers/etl_duckdb.mjs"), csv, sql, join(folder, "duckdb")]),
      ]);
      spark = counts.parse(JSON.parse(bySpark.stdout.trim().split("\n").at(-1) ?? ""));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test("counts what the generator's ledger says", () => {
      expect(spark).toEqual(counts.parse(ledger.expected));
    });

    test("leaves the same table as DuckDB, row by row", async () => {
      const engine = await openEngine("duckdb");
      for (const name of ["spark", "duckdb"])
        await engine.register(name, await tableSource(join(folder, name, "leads-clean")));
      const columns = (await engine.describe("SELECT * FROM duckdb")).map((field) => field.name).join(", ");
      const [found] = rowsOf(
        await engine.query(`
          SELECT
            (SELECT count(*) FROM spark) AS n,
            (SELECT count(*) FROM (SELECT ${columns} FROM spark EXCEPT SELECT ${columns} FROM duckdb)) AS more,
            (SELECT count(*) FROM (SELECT ${columns} FROM duckdb EXCEPT SELECT ${columns} FROM spark)) AS fewer`),
      );
      await engine.close();
      expect(found).toEqual({ n: BigInt(ledger.expected.valid), more: 0n, fewer: 0n });
    });
  },
);
