import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { cellOf } from "../../src/core/table.ts";
import { scoreTable } from "../../src/ml/model/file.ts";
import { modelToSql } from "../../src/ml/model/sql.ts";
import { FITS, fresh, pipelineOf } from "../ml/pipelines.ts";

// Needs PySpark and Java: `bash bench/setup.sh`. Without them it is skipped, unless TALLER_REQUIRE names spark.
const cache = process.env.TALLER_BENCH_CACHE ?? join(homedir(), ".cache", "taller-bench");
const python = join(cache, "venv", "bin", "python");
const isRequired = (process.env.TALLER_REQUIRE ?? "").split(",").includes("spark");
const isThere = existsSync(python);
const script = fileURLToPath(new URL("./ml_sql_spark.py", import.meta.url));
const answer = z.object({
  version: z.string(),
  types: z.array(z.string()),
  /** One list an expression, a value a row: the double's shortest text, null for NULL. */
  values: z.array(z.array(z.string().nullable())),
});

describe.skipIf(!isThere && !isRequired)(
  `a model as SQL on a real Spark${isThere ? "" : " (not installed: bash bench/setup.sh)"}`,
  () => {
    let folder: string;
    let expected: Float64Array[];
    let spark: z.infer<typeof answer>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "taller-ml-sql-"));
      const pipelines = await Promise.all(FITS.map(([, plans, fitModel]) => pipelineOf(plans, fitModel)));
      expected = pipelines.map((pipeline) => scoreTable(pipeline, fresh));
      const input = join(folder, "input.json");
      await writeFile(
        input,
        JSON.stringify({ ...rowsAsText(), sql: pipelines.map((p) => modelToSql(p, "spark")) }),
      );
      const { stdout } = await promisify(execFile)(python, [script, input], { maxBuffer: 1e8 });
      spark = answer.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test.each(FITS.map(([name], i) => [name, i] as const))("%s gives the same probability", (_, i) => {
      expect(spark.types[i]).toBe("double");
      const values = spark.values[i] ?? [];
      expect(values.length).toBe(fresh.rowCount);
      expected[i]?.forEach((p, row) => {
        const gap = Math.abs(Number(values[row] ?? Number.NaN) - p);
        expect(gap, `row ${row}: ${values[row]} for ${p}`).toBeLessThanOrEqual(1e-12 * p);
      });
    });
  },
);

/** Names, Spark's types and values as text: JSON has no NaN. */
function rowsAsText(): { names: string[]; types: string[]; rows: (string | null)[][] } {
  const kept = fresh.fields.filter((field) => field.name !== "bought");
  const types = kept.map(
    (field) => ({ float64: "double", int32: "int", string: "string" })[field.type.kind as "int32"],
  );
  const rows = Array.from({ length: fresh.rowCount }, (_, row) =>
    kept.map((field) => {
      const column = fresh.columns[fresh.fields.indexOf(field)];
      const cell = column === undefined ? null : cellOf(field, column, row);
      return cell === null ? null : String(cell);
    }),
  );
  return { names: kept.map((field) => field.name), types, rows };
}
