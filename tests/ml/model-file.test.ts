import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import type { Table } from "../../src/core/table.ts";
import { fieldsOf, selectColumns, tableFromRows } from "../../src/core/table-build.ts";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { hashTable, ML_LIBRARY, trainingCard } from "../../src/ml/model/card.ts";
import {
  assignTable,
  type ClusterPipeline,
  readClusterFile,
  readModelFile,
  scoreTable,
  writeModelFile,
} from "../../src/ml/model/file.ts";
import { rowScorer, scoreMatrix } from "../../src/ml/model/model.ts";
import { fitPreparation, prepare, schemaDifferences } from "../../src/ml/prepare/pipeline.ts";
import { fitRfm, transformRfm } from "../../src/ml/prepare/rfm.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { card, FEATURES, FITS, fresh, pipelineOf, train } from "./pipelines.ts";

describe("a model file", () => {
  test.each(FITS)("gives the same bits after a round trip: %s", async (_, plans, fitModel) => {
    const pipeline = await pipelineOf(plans, fitModel);
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
    expect(() => readClusterFile(text)).toThrow("holds no clusters");
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
    const without = selectColumns(train, ["id", "AGE", "city"]);
    expect(schemaDifferences(preparation, without)).toEqual(["visits is missing"]);
    const inYears = { ...preparation, schema: [{ name: "age", kind: "number" as const, unit: "years" }] };
    const inMonths: Table = {
      ...train,
      fields: train.fields.map((field) => (field.name === "age" ? { ...field, unit: "months" } : field)),
    };
    expect(() => prepare(inYears, inMonths)).toThrow("age is in months; the model was fitted in years");
    expect(() => prepare(preparation, without)).toThrow("visits is missing");
  });

  test("of clusters keeps centres, scaling and the day that recency counts to", async () => {
    const fields = fieldsOf({ who: { kind: "string" }, day: { kind: "date" }, euros: { kind: "float64" } });
    const random = seededRandom(4);
    const purchases = tableFromRows(
      fields,
      Array.from({ length: 300 }, () => ({
        who: `c${random.below(60)}`,
        day: `2024-0${1 + random.below(9)}-1${random.below(10)}`,
        euros: random.below(9000) / 100,
      })),
    );
    const rfm = fitRfm(purchases, { customer: "who", date: "day", amount: "euros" });
    const { table: customers } = transformRfm(rfm, purchases);
    const names = ["recency", "frequency", "monetary"];
    const { preparation, matrix } = fitPreparation(customers, names, [{ kind: "scale" }]);
    const model = await fitKMeans(matrix, { seed: 1, k: 4 });
    const pipeline: ClusterPipeline = { preparation, model, card, rfm };
    const text = writeModelFile(pipeline);
    const read = readClusterFile(text);
    expect(read).toEqual(pipeline);
    expect(writeModelFile(read)).toBe(text);
    const again = transformRfm(read.rfm ?? rfm, purchases).table;
    expect(assignTable(read, again)).toEqual(assignTable(pipeline, customers));
    expect(() => readModelFile(text)).toThrow("holds clusters");
    expect(() => readClusterFile(text.replace('"k":4', '"k":5'))).toThrow("one centre a cluster");
    const other = fitPreparation(customers, ["recency"], []).matrix;
    expect(() => assignClusters(model, other)).toThrow("expects the columns");
  });
});

describe("a training card", () => {
  const fields = fieldsOf({ id: { kind: "int64" }, price: { kind: "float64" }, city: { kind: "string" } });
  const rows = [
    { id: 1n, price: 2.5, city: "Lima" },
    { id: 2n, price: null, city: null },
  ];
  const table = tableFromRows(fields, rows);

  test("hashes values, not how they are stored", () => {
    const stored: Table = {
      ...table,
      columns: table.columns.map((column, j) =>
        j === 2
          ? {
              kind: "dictionary",
              codes: Uint32Array.of(1, 0),
              dictionary: ["Quito", "Lima"],
              validity: Uint8Array.of(1, 0),
            }
          : column,
      ),
    };
    expect(hashTable(stored)).toBe(hashTable(table));
    expect(hashTable(table)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("hashes names, types, values and order", () => {
    const others = [
      tableFromRows(fields, [...rows].reverse()),
      tableFromRows(fields, [{ ...rows[0], price: 2.5000000000000004 }, rows[1] ?? {}]),
      tableFromRows(fields, [rows[0] ?? {}, { ...rows[1], city: "" }]),
      selectColumns(table, ["id", "price"]),
      { ...table, fields: table.fields.map((field) => ({ ...field, name: `${field.name}_` })) },
    ];
    expect(new Set([table, ...others].map(hashTable)).size).toBe(6);
  });

  test("names the version of the package", async () => {
    const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    expect(ML_LIBRARY).toBe(`taller ${manifest.version}`);
    expect(trainingCard(table, { seed: 3, metrics: { auc: 0.7 } })).toEqual({
      dataHash: hashTable(table),
      rows: 2,
      seed: 3,
      metrics: { auc: 0.7 },
      library: ML_LIBRARY,
    });
  });
});
