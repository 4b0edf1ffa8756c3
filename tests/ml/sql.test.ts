import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { type ScoringPipeline, scoreTable } from "../../src/ml/model/file.ts";
import { MAX_SQL_LEAVES, modelToSql } from "../../src/ml/model/sql.ts";
import { fitPreparation } from "../../src/ml/prepare/pipeline.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest } from "../../src/ml/trees/forest.ts";
import { FITS, fresh, pipelineOf } from "./pipelines.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine("duckdb", { threads: 1 });
});
afterAll(() => engine.close());

describe("a model as SQL", () => {
  test.each(FITS)("gives the same probability on DuckDB: %s", async (_, plans, fitModel) => {
    const pipeline = await pipelineOf(plans, fitModel);
    expectSame(await scoresInSql(pipeline, fresh), scoreTable(pipeline, fresh));
  });

  test("tells numbers, NULL, NaN, infinities and unseen categories apart, as scoring does", async () => {
    const pipeline = await missingMatters();
    const fields = fieldsOf({ x: { kind: "float64" }, c: { kind: "string" } });
    const rows = [null, Number.NaN, Infinity, -Infinity, 1e300, 5, 0, -5].flatMap((x) =>
      [null, "a", "b", "never seen", ""].map((c) => ({ x, c })),
    );
    const table = tableFromRows(fields, rows);
    const scores = await scoresInSql(pipeline, table);
    expectSame(scores, scoreTable(pipeline, table));
    const at = (x: number | null, c: string | null): number | null | undefined =>
      scores[rows.findIndex((row) => Object.is(row.x, x) && row.c === c)];
    // NaN is missing, and not the largest number, as plain SQL has it; an unseen category is not missing.
    expect(at(Number.NaN, "a")).toBe(at(null, "a"));
    expect(at(Number.NaN, "a")).not.toBe(at(Infinity, "a"));
    expect(at(5, "never seen")).not.toBe(at(5, null));
  });

  test("of a linear model gives NULL where a value that it needs is missing", async () => {
    const fields = fieldsOf({ x: { kind: "float64" } });
    const train = tableFromRows(fields, [{ x: 1 }, { x: 2 }, { x: 3 }, { x: 4 }]);
    const { preparation, matrix } = fitPreparation(train, ["x"], []);
    const model = await fitLogistic(matrix, [0, 1, 0, 1]);
    const odd = tableFromRows(fields, [{ x: null }, { x: Number.NaN }, { x: 2 }]);
    const [ofNull, ofNaN, ofTwo] = await scoresInSql({ preparation, model }, odd);
    expect([ofNull, ofNaN]).toEqual([null, null]);
    expect(ofTwo).toBeGreaterThan(0);
  });

  test("has doubles only: every number has an exponent", async () => {
    for (const [, plans, fitModel] of FITS) {
      const pipeline = await pipelineOf(plans, fitModel);
      for (const dialect of ["duckdb", "spark"] as const) {
        const sql = modelToSql(pipeline, dialect).replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
        const numbers = sql.match(/(?<![\w"`])\d[\d.]*(?:e[+-]?\d+)?/g) ?? [];
        expect(numbers.length).toBeGreaterThan(0);
        expect(numbers.filter((number) => !/e[+-]?\d+$/.test(number))).toEqual([]);
        expect(sql).not.toMatch(/NaN|Infinity/);
      }
    }
  });

  test("takes a thousand leaves and refuses more with the way to go", async () => {
    const ofTrees = (trees: number) =>
      pipelineOf([], (m, y) => fitForest(m, y, { seed: 1, trees, maxDepth: 5, minRowsPerLeaf: 5 }));
    const leavesOf = ({ model }: ScoringPipeline): number =>
      "trees" in model ? model.trees.feature.filter((f) => f < 0).length : 0;
    const most = await ofTrees(40);
    expect(leavesOf(most)).toBeGreaterThan(500);
    expect(leavesOf(most)).toBeLessThanOrEqual(MAX_SQL_LEAVES);
    expectSame(await scoresInSql(most, fresh), scoreTable(most, fresh));
    const more = await ofTrees(90);
    expect(leavesOf(more)).toBeGreaterThan(MAX_SQL_LEAVES);
    expect(() => modelToSql(more, "duckdb")).toThrow("too large for one SQL expression");
  });

  test("in Spark's dialect has Spark's quotes and escapes", async () => {
    const pipeline = await pipelineOf([{ kind: "one-hot" }, { kind: "impute" }], (m, y) => fitLogistic(m, y));
    const sql = modelToSql(pipeline, "spark");
    expect(sql).toContain("`city` = 'O\\'Higgins'");
    expect(sql).toContain("'C\\\\D'");
  });
});

/** A boosting model for which a missing x, a missing c and an unseen c each mean something of their own. */
async function missingMatters(): Promise<Pick<ScoringPipeline, "preparation" | "model">> {
  const fields = fieldsOf({ x: { kind: "float64" }, c: { kind: "string" } });
  const rows = Array.from({ length: 400 }, (_, i) => ({
    x: i % 4 === 0 ? null : (i % 23) - 11,
    c: i % 5 === 0 ? null : i % 3 === 0 ? "a" : "b",
  }));
  const table = tableFromRows(fields, rows);
  const labels = rows.map(({ x, c }, i) =>
    Number((x ?? -20) + (c === null ? -15 : c === "a" ? 4 : 0) + (i % 7) > 3),
  );
  const { preparation, matrix } = fitPreparation(table, ["x", "c"], []);
  return {
    preparation,
    model: await fitBoosting(matrix, labels, { seed: 1, trees: 20, maxDepth: 4, minRowsPerLeaf: 2 }),
  };
}

async function scoresInSql(
  pipeline: Pick<ScoringPipeline, "preparation" | "model">,
  table: Table,
): Promise<(number | null)[]> {
  await engine.register("scored", { kind: "table", table });
  const result = await engine.query(`SELECT ${modelToSql(pipeline, "duckdb")} AS p FROM scored`);
  const column = result.columns[0];
  if (column?.kind !== "float64") throw new Error(`the expression is ${column?.kind}, not DOUBLE`);
  return Array.from(column.values.subarray(0, result.rowCount), (value, row) =>
    column.validity?.[row] === 0 ? null : value,
  );
}

function expectSame(actual: readonly (number | null)[], expected: Float64Array): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((p, i) => {
    const gap = Math.abs((actual[i] ?? Number.NaN) - p);
    expect(gap, `row ${i}: ${actual[i]} for ${p}`).toBeLessThanOrEqual(1e-12 * p);
  });
}
