import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import type { Table } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { fitPca } from "../../src/ml/cluster/pca.ts";
import { labelsOf } from "../../src/ml/data/labels.ts";
import { type Matrix, matrixFromRows } from "../../src/ml/data/matrix.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { silhouetteSquaredEuclidean } from "../../src/ml/metrics/clustering.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { readModelFile, scoreTable, writeModelFile } from "../../src/ml/model/file.ts";
import { type Classifier, scoreMatrix } from "../../src/ml/model/model.ts";
import { MAX_SQL_LENGTH, modelToSql } from "../../src/ml/model/sql.ts";
import { fitPreparation } from "../../src/ml/prepare/pipeline.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { card } from "./pipelines.ts";

type Fit = (matrix: Matrix, labels: ArrayLike<number>) => Promise<Classifier>;
const TREES: readonly (readonly [string, Fit])[] = [
  ["boosting", (m, y) => fitBoosting(m, y, { seed: 1, trees: 20, minRowsPerLeaf: 1 })],
  ["forest", (m, y) => fitForest(m, y, { seed: 1, trees: 20 })],
  ["tree", (m, y) => fitTree(m, y, { seed: 1 })],
];
const ALL: typeof TREES = [...TREES, ["logistic", (m, y) => fitLogistic(m, y, { l2: 1e-4 })]];
const meanOf = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

describe("imbalanced data", () => {
  // 20 positives in 4,000 rows.
  const { matrix, labels } = cloud(4000, (x, i) => Number(x > 1 && i % 40 === 0));
  const positives = labels.reduce((sum, label) => sum + label, 0);

  test.each(ALL)("keeps the share of positives: %s", async (_, fitModel) => {
    expect(positives).toBeLessThan(30);
    const scores = scoreMatrix(await fitModel(matrix, labels), matrix);
    expect(meanOf(scores)).toBeGreaterThan((0.8 * positives) / 4000);
    expect(meanOf(scores)).toBeLessThan((1.2 * positives) / 4000);
    expect(rocAuc(labels, scores)).toBeGreaterThan(0.8);
  });

  test("weights bring the mean score near a half and keep the order", async () => {
    const weight = (4000 - positives) / positives;
    const weighted = [
      await fitBoosting(matrix, labels, { seed: 1, trees: 20, positiveWeight: weight }),
      await fitLogistic(matrix, labels, { classWeights: "balanced" }),
      await fitForest(matrix, labels, { seed: 1, trees: 20, positiveWeight: Math.round(weight) }),
    ];
    for (const model of weighted) {
      const scores = scoreMatrix(model, matrix);
      expect(meanOf(scores)).toBeGreaterThan(0.05);
      expect(rocAuc(labels, scores)).toBeGreaterThan(0.8);
    }
  });
});

describe("duplicated rows and columns", () => {
  test.each(TREES)(
    "rows that contradict each other get their share of positives: %s",
    async (_, fitModel) => {
      const rows = Array.from({ length: 1000 }, (__, i) => [i % 2]);
      const labels = rows.map(([x], i) => Number(x === 0 ? i % 20 === 0 : i % 4 === 1));
      const model = await fitModel(matrixFromRows(["x"], rows), labels);
      const [low = 0, high = 0] = scoreMatrix(model, matrixFromRows(["x"], [[0], [1]]));
      expect(Math.abs(low - 0.1)).toBeLessThan(0.06);
      expect(Math.abs(high - 0.5)).toBeLessThan(0.06);
    },
  );

  test.each(TREES)("every row twice gives about the same scores: %s", async (_, fitModel) => {
    const { matrix, labels } = cloud(300, (x) => Number(x > 0.3));
    const twice: Matrix = {
      ...matrix,
      columns: matrix.columns.map((column) => Float64Array.of(...column, ...column)),
      rowCount: 600,
    };
    const once = scoreMatrix(await fitModel(matrix, labels), matrix);
    const both = scoreMatrix(await fitModel(twice, Uint8Array.of(...labels, ...labels)), matrix);
    expect(Math.abs(meanOf(once) - meanOf(both))).toBeLessThan(0.05);
  });

  test("two equal columns share a linear model's weight and keep its scores", async () => {
    const { matrix, labels } = cloud(500, (x, i) => Number(x + (i % 3) > 1));
    const [x] = matrix.columns;
    if (x === undefined) throw new Error("no column");
    const single: Matrix = { ...matrix, features: matrix.features.slice(0, 1), columns: [x] };
    const double: Matrix = { ...matrix, features: matrix.features.slice(0, 2), columns: [x, x] };
    const ofOne = await fitLogistic(single, labels);
    const ofTwo = await fitLogistic(double, labels);
    const [a = 0, b = 0] = ofTwo.coefficients;
    expect(a).toBeCloseTo(b, 6);
    expect(a + b).toBeCloseTo(ofOne.coefficients[0] ?? 0, 6);
  });

  test("K-Means of many equal rows finds the distinct ones, and its silhouette is 1", async () => {
    const rows = Array.from(
      { length: 90 },
      (_, i) =>
        [
          [0, 0],
          [5, 1],
          [9, 9],
        ][i % 3] ?? [],
    );
    const matrix = matrixFromRows(["x", "y"], rows);
    const model = await fitKMeans(matrix, { seed: 1, k: 3 });
    expect(model.trainingCost).toBe(0);
    expect(silhouetteSquaredEuclidean(matrix, assignClusters(model, matrix))).toBeCloseTo(1, 12);
    await expect(fitKMeans(matrix, { seed: 1, k: 4 })).rejects.toMatchObject({ code: "few-rows" });
  });
});

describe("constant columns", () => {
  const { matrix, labels } = cloud(400, (x) => Number(x > 0));
  const constant = { ...matrix, columns: [...matrix.columns.slice(0, -1), new Float64Array(400).fill(0.1)] };

  test.each(ALL)("add nothing and take nothing away: %s", async (_, fitModel) => {
    const scores = scoreMatrix(await fitModel(constant, labels), constant);
    expect(rocAuc(labels, scores)).toBeGreaterThan(0.95);
  });

  test("only constants: K-Means has one cluster, PCA no variance", async () => {
    const same = matrixFromRows(
      ["a", "b"],
      Array.from({ length: 9 }, () => [3, 4]),
    );
    expect((await fitKMeans(same, { seed: 1, k: 1 })).trainingCost).toBe(0);
    expect(fitPca(same).shares).toEqual([0, 0]);
  });
});

describe("one row", () => {
  test("is one class, one cluster and no plane", async () => {
    const one = matrixFromRows(["a", "b"], [[1, 2]]);
    for (const [, fitModel] of ALL)
      await expect(fitModel(one, [1])).rejects.toMatchObject({ code: "one-class" });
    expect(await fitKMeans(one, { seed: 1, k: 1 })).toMatchObject({ trainingCost: 0, isConverged: true });
    expect(() => fitPca(one)).toThrow("have no plane");
  });

  test.each(ALL)("is scored as it is among others: %s", async (_, fitModel) => {
    const { matrix, labels } = cloud(200, (x) => Number(x > 0));
    const model = await fitModel(matrix, labels);
    const first = { ...matrix, columns: matrix.columns.map((column) => column.slice(0, 1)), rowCount: 1 };
    expect(scoreMatrix(model, first)[0]).toBe(scoreMatrix(model, matrix)[0]);
  });
});

describe("columns without a value", () => {
  const empty = matrixFromRows(
    ["a", "b"],
    Array.from({ length: 100 }, () => [Number.NaN, Number.NaN]),
  );
  const labels = Array.from({ length: 100 }, (_, i) => Number(i % 4 === 0));

  test.each(TREES)("give the share of positives: %s", async (_, fitModel) => {
    for (const p of scoreMatrix(await fitModel(empty, labels), empty))
      expect(Math.abs(p - 0.25)).toBeLessThan(0.06);
  });

  test("are refused by name where a number is needed", async () => {
    await expect(fitLogistic(empty, labels)).rejects.toMatchObject({ code: "missing-value" });
    await expect(fitKMeans(empty, { seed: 1, k: 2 })).rejects.toThrow("Column a has a missing value");
    const fields = fieldsOf({ a: { kind: "float64" }, c: { kind: "string" } });
    const table = tableFromRows(fields, [{ a: null, c: null }]);
    expect(() => fitPreparation(table, ["a"], [{ kind: "impute" }])).toThrow("no value at all");
    expect(() => fitPreparation(table, ["c"], [{ kind: "impute" }])).toThrow("no value at all");
    const { matrix } = fitPreparation(table, ["a", "c"], [{ kind: "scale" }, { kind: "one-hot" }]);
    expect(matrix.features.map((feature) => feature.name)).toEqual(["a", "c is missing"]);
  });
});

describe("100,000 categories", () => {
  const n = 100_000;
  const fields = fieldsOf({ c: { kind: "string" }, y: { kind: "boolean" } });
  const random = seededRandom(3);
  // Each code once, then 300 rows of the few that are frequent.
  const rows = [
    ...Array.from({ length: n }, (_, i) => ({ c: `k${i}`, y: random.chance(0.3) })),
    ...Array.from({ length: 300 }, (_, i) => ({ c: `k${i % 3}`, y: i % 3 === 0 })),
  ];
  const table = tableFromRows(fields, rows);

  test("go through boosting and its file; the frequent ones are told apart", async () => {
    const { preparation, matrix } = fitPreparation(table, ["c"], []);
    const model = await fitBoosting(matrix, labelsOf(table, "y"), { seed: 1, trees: 30, maxDepth: 2 });
    const fresh = tableFromRows(fieldsOf({ c: { kind: "string" } }), [
      { c: "k0" },
      { c: "k1" },
      { c: "new" },
    ]);
    const scores = scoreTable({ preparation, model }, fresh);
    const [k0 = 0, k1 = 0, unseen = 0] = scores;
    expect(k0).toBeGreaterThan(unseen);
    expect(k1).toBeLessThan(unseen);
    expect(Math.abs(unseen - 0.3)).toBeLessThan(0.05);
    expect(scoreTable(readModelFile(writeModelFile({ preparation, model, card })), fresh)).toEqual(scores);
  });

  test("are refused by one-hot with what to do; SQL lists the smaller side", async () => {
    expect(() => fitPreparation(table, ["c"], [{ kind: "one-hot" }])).toThrow("one-hot takes up to 1000");
    const { preparation, matrix } = fitPreparation(table, ["c"], []);
    const model = await fitForest(matrix, labelsOf(table, "y"), { seed: 1, trees: 3, maxDepth: 3 });
    const sql = modelToSql({ preparation, model }, "duckdb");
    expect(sql.length).toBeLessThan(MAX_SQL_LENGTH / 10);
    expect(sql).toContain("'k0'");
  });
});

describe("numbers from 1e−300 to 1e300", () => {
  const { matrix, labels } = cloud(300, (x) => Number(x > 0));

  test.each([1e300, 1e-300])("do not change what a tree sees, times %s", async (unit) => {
    const scaled = { ...matrix, columns: matrix.columns.map((column) => column.map((v) => v * unit)) };
    for (const [, fitModel] of TREES) {
      const scores = scoreMatrix(await fitModel(scaled, labels), scaled);
      expect(rocAuc(labels, scores)).toBeGreaterThan(0.95);
    }
  });

  test.each([1e300, 1e-300])("do not change a linear model's scores, times %s", async (unit) => {
    const scaled = { ...matrix, columns: matrix.columns.map((column) => column.map((v) => v * unit)) };
    const expected = scoreMatrix(await fitLogistic(matrix, labels, { l2: 0.01 }), matrix);
    const scores = scoreMatrix(await fitLogistic(scaled, labels, { l2: 0.01 }), scaled);
    scores.forEach((p, i) => {
      expect(p).toBeCloseTo(expected[i] ?? 0, 6);
    });
    const { preparation, matrix: standard } = fitPreparation(
      tableOf(scaled),
      ["x0", "x1", "x2"],
      [{ kind: "scale" }],
    );
    expect(preparation.steps.length).toBe(1);
    const model = await fitKMeans(standard, { seed: 1, k: 2 });
    expect(model.trainingCost).toBeGreaterThan(0);
  });

  test("without a scaler are refused by K-Means and PCA, with what to do", async () => {
    const tiny = { ...matrix, columns: matrix.columns.map((column) => column.map((v) => v * 1e-300)) };
    const huge = { ...matrix, columns: matrix.columns.map((column) => column.map((v) => v * 1e300)) };
    await expect(fitKMeans(huge, { seed: 1, k: 2 })).rejects.toMatchObject({ code: "infinite-value" });
    await expect(fitKMeans(tiny, { seed: 1, k: 2 })).rejects.toMatchObject({ code: "tiny-distances" });
    expect(() => fitPca(huge)).toThrow("overflows");
    const smallest = matrixFromRows(["a"], [[0], [5e-324], [1e-323], [0]]);
    await expect(fitLogistic(smallest, [0, 1, 1, 0])).rejects.toMatchObject({ code: "infinite-value" });
  });
});

function tableOf(matrix: Matrix): Table {
  return {
    fields: matrix.features.map(({ name }) => ({ name, type: { kind: "float64" }, nullable: false })),
    columns: matrix.columns.map((values) => ({ kind: "float64", values })),
    rowCount: matrix.rowCount,
  };
}

/** Three normal columns; the label is made from the first and the row's number. */
function cloud(rowCount: number, label: (x: number, row: number) => number) {
  const random = seededRandom(8);
  const columns = Array.from({ length: 3 }, () =>
    Float64Array.from({ length: rowCount }, () => random.normal()),
  );
  const matrix: Matrix = {
    features: columns.map((_, j) => ({ name: `x${j}`, kind: "number" })),
    columns,
    rowCount,
  };
  return { matrix, labels: Uint8Array.from(columns[0] ?? [], label) };
}
