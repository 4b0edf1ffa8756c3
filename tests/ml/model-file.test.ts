import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../src/core/table.ts";
import { concatTables } from "../../src/core/table-build.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";
import { labelsOf } from "../../src/ml/data/labels.ts";
import type { Matrix } from "../../src/ml/data/matrix.ts";
import { fitDummy } from "../../src/ml/linear/dummy.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import {
  readModelFile,
  type ScoringPipeline,
  schemaDifferences,
  scoreTable,
  writeModelFile,
} from "../../src/ml/model/file.ts";
import { type Classifier, rowScorer, scoreMatrix } from "../../src/ml/model/model.ts";
import { modelToSql } from "../../src/ml/model/sql.ts";
import { fitPreparation, prepare } from "../../src/ml/prepare/pipeline.ts";
import type { StepPlan } from "../../src/ml/prepare/step.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { leads, oddLeads } from "./tables.ts";

const FEATURES = ["age", "visits", "city"];
const LINEAR: StepPlan[] = [{ kind: "impute" }, { kind: "scale" }, { kind: "one-hot" }];
type Fit = (matrix: Matrix, labels: Uint8Array) => Classifier | Promise<Classifier>;
const FITS: readonly (readonly [string, readonly StepPlan[], Fit])[] = [
  ["boosting", [], (m, y) => fitBoosting(m, y, { seed: 1, trees: 10, maxDepth: 3 })],
  [
    "boosting on imputed",
    [{ kind: "impute" }],
    (m, y) => fitBoosting(m, y, { seed: 1, trees: 10, maxDepth: 3 }),
  ],
  ["forest", [], (m, y) => fitForest(m, y, { seed: 1, trees: 8, maxDepth: 4 })],
  ["tree", [], (m, y) => fitTree(m, y, { seed: 1 })],
  ["logistic", LINEAR, (m, y) => fitLogistic(m, y, { l2: 0.01 })],
  [
    "logistic with missing kept apart",
    [{ kind: "one-hot" }, { kind: "impute" }],
    (m, y) => fitLogistic(m, y),
  ],
  ["dummy", [], (m, y) => fitDummy(m, y)],
];

const train = leads(600, 11);
const fresh = concatTables([leads(300, 12), oddLeads()]);

async function pipelineOf(plans: readonly StepPlan[], fitModel: Fit): Promise<ScoringPipeline> {
  const { preparation, matrix } = fitPreparation(train, FEATURES, plans);
  const model = await fitModel(matrix, labelsOf(train, "bought"));
  const card = {
    dataHash: "sha256:0",
    rows: train.rowCount,
    seed: 1,
    metrics: { auc: 0.75 },
    library: "0.1.0",
  };
  return { preparation, model, card };
}

describe("a model file", () => {
  test.each(FITS)("gives the same bits after a round trip: %s", async (_, plans, fit) => {
    const pipeline = await pipelineOf(plans, fit);
    const text = writeModelFile(pipeline);
    const read = readModelFile(text);
    expect(writeModelFile(read)).toBe(text);
    expect(read.model.features).toEqual(pipeline.model.features);
    expect(scoreTable(read, fresh)).toEqual(scoreTable(pipeline, fresh));
  });

  test("a table's scores are those of its rows and of its chunks", async () => {
    const pipeline = await pipelineOf([], (m, y) => fitForest(m, y, { seed: 2 }));
    const whole = scoreTable(pipeline, fresh);
    const matrix = prepare(pipeline.preparation, fresh);
    const score = rowScorer(pipeline.model);
    for (let i = 0; i < whole.length; i++) {
      const row = Float64Array.from(matrix.columns, (column) => column[i] ?? 0);
      expect(score(row)).toBe(whole[i]);
    }
  });

  test("rows coded by another dictionary, or of other columns, are refused", async () => {
    const { model } = await pipelineOf([], (m, y) => fitTree(m, y, { seed: 1 }));
    const other = fitPreparation(fresh, FEATURES, []).matrix;
    expect(() => scoreMatrix(model, other)).toThrow("of another dictionary");
    expect(() => scoreMatrix(model, fitPreparation(train, ["age"], []).matrix)).toThrow(
      "expects the columns",
    );
  });

  test("what is no model file is refused with its reason", async () => {
    const text = writeModelFile(await pipelineOf([], (m, y) => fitTree(m, y, { seed: 1 })));
    expect(() => readModelFile("{")).toThrow("not JSON");
    expect(() => readModelFile("{}")).toThrow("not a taller model");
    expect(() => readModelFile(text.replace('"version":1', '"version":99'))).toThrow("version is 99");
    expect(() => readModelFile(text.replace('"kind":"tree"', '"kind":"bush"'))).toThrow("the part model");
    expect(() =>
      readModelFile(text.replace(/"left":\{"type":"i32","values":\[\d+/, '"left":{"type":"i32","values":[0')),
    ).toThrow("trees are damaged");
  });

  test("the difference between a schema and a table is named", async () => {
    const { preparation } = fitPreparation(train, FEATURES, []);
    const other: Table = {
      ...train,
      fields: train.fields.map((field) =>
        field.name === "age" ? { ...field, type: { kind: "string" } } : field,
      ),
    };
    expect(schemaDifferences(preparation, train)).toEqual([]);
    expect(schemaDifferences(preparation, other)).toEqual(["age is string; the model has a number"]);
  });
});

describe("a model as SQL", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine("duckdb", { threads: 1 });
    await engine.register("fresh", { kind: "table", table: fresh });
  });
  afterAll(() => engine.close());

  test.each(FITS)("gives the same probability on DuckDB: %s", async (_, plans, fit) => {
    const pipeline = await pipelineOf(plans, fit);
    const expected = scoreTable(pipeline, fresh);
    const sql = `SELECT ${modelToSql(pipeline, "duckdb")} AS p FROM fresh`;
    expect(sql).not.toMatch(/NaN|Infinity/);
    const result = await engine.query(sql);
    const column = result.columns[0];
    const scores = column?.kind === "float64" ? column.values : new Float64Array(0);
    expect(scores.length).toBe(expected.length);
    expected.forEach((p, i) => {
      expect(Math.abs((scores[i] ?? Number.NaN) - p), `row ${i}: ${scores[i]} for ${p}`).toBeLessThanOrEqual(
        1e-12 * p,
      );
    });
  });

  test("a large model is refused with the way to go", async () => {
    const pipeline = await pipelineOf([], (m, y) => fitForest(m, y, { seed: 1, trees: 60, maxDepth: 8 }));
    expect(() => modelToSql(pipeline, "duckdb")).toThrow("too large for one SQL expression");
  });

  test("Spark's text has its own quotes and escapes", async () => {
    const pipeline = await pipelineOf([{ kind: "one-hot" }, { kind: "impute" }], (m, y) => fitLogistic(m, y));
    const sql = modelToSql(pipeline, "spark");
    expect(sql).toContain("`city` = 'O\\'Higgins'");
    expect(sql).toContain("'C\\\\D'");
  });
});
