import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEngine } from "../../src/engines/open.ts";
import { scoreTable } from "../../src/ml/model/file.ts";
import { scoreTables } from "../../src/ml/model/scorer.ts";
import { FITS, pipelineOf } from "./pipelines.ts";

test("rows go from Parquet to Parquet a table at a time, and get the scores that they get at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "taller-ml-parquet-"));
  const reader = await openEngine("duckdb", { threads: 1 });
  const writer = await openEngine("duckdb", { threads: 1 });
  try {
    const [, plans, fitModel] = FITS[0] ?? [];
    if (plans === undefined || fitModel === undefined) throw new Error("there is no first model");
    const pipeline = await pipelineOf(plans, fitModel);
    const input = join(folder, "in.parquet");
    await writer.writeParquet(
      `SELECT i AS id, CASE WHEN i % 7 = 0 THEN NULL ELSE CAST(i % 80 AS DOUBLE) END AS age,
         CAST(i % 30 AS INTEGER) AS visits, CASE i % 4 WHEN 0 THEN 'Lima' WHEN 1 THEN 'Quito' WHEN 2 THEN 'Cusco' END AS city
       FROM range(250000) AS r(i)`,
      { path: input, singleFile: true },
    );
    await reader.register("input", { kind: "parquet", paths: [input] });
    let parts = 0;
    for await (const table of scoreTables(pipeline, reader.stream("SELECT * FROM input ORDER BY id"))) {
      await writer.register("part", { kind: "table", table });
      const path = join(folder, "out", `part-${parts}.parquet`);
      await writer.writeParquet("SELECT id, score FROM part", { path, singleFile: true });
      parts++;
    }
    expect(parts).toBeGreaterThan(1);
    await writer.register("scored", { kind: "parquet", paths: [join(folder, "out")] });
    const scored = await writer.query("SELECT id, score FROM scored ORDER BY id");
    const whole = await reader.query("SELECT * FROM input ORDER BY id");
    expect(scored.rowCount).toBe(250_000);
    expect(scored.columns[1]).toEqual({ kind: "float64", values: scoreTable(pipeline, whole) });
  } finally {
    await reader.close();
    await writer.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("a column that is there already is not overwritten", async () => {
  const [, plans = [], fitModel] = FITS[0] ?? [];
  if (fitModel === undefined) throw new Error("there is no first model");
  const pipeline = await pipelineOf(plans, fitModel);
  async function* one() {
    const engine = await openEngine("duckdb", { threads: 1 });
    try {
      yield await engine.query("SELECT 1.5e0 AS age, 3 AS visits, 'Lima' AS city, 'A' AS Score");
    } finally {
      await engine.close();
    }
  }
  await expect(scoreTables(pipeline, one()).next()).rejects.toMatchObject({ code: "column-exists" });
  const named = await scoreTables(pipeline, one(), { into: "p" }).next();
  expect(named.value?.fields.map((field) => field.name)).toEqual(["age", "visits", "city", "Score", "p"]);
});
