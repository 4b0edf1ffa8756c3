import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { type Matrix, matrixFromRows } from "../../src/ml/data/matrix.ts";
import { fitDummy } from "../../src/ml/linear/dummy.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { permutationImportance } from "../../src/ml/model/importance.ts";
import { type Classifier, scoreMatrix } from "../../src/ml/model/model.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";

type Fit = (matrix: Matrix, labels: number[]) => Promise<Classifier>;
const TREES: readonly (readonly [string, Fit])[] = [
  ["boosting", (m, y) => fitBoosting(m, y, { seed: 1, trees: 5, minRowsPerLeaf: 1 })],
  ["forest", (m, y) => fitForest(m, y, { seed: 1, trees: 5 })],
  ["tree", (m, y) => fitTree(m, y, { seed: 1 })],
];
const ALL: typeof TREES = [...TREES, ["logistic", (m, y) => fitLogistic(m, y, { l2: 0.01 })]];
const wild = fc.oneof(
  fc.constantFrom(0, -0, 1, 1e300, -1e300, 1e-300, 5e-324, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity),
  fc.double({ noNaN: true }),
);

describe("every model", () => {
  test.each(ALL)("refuses one class, no rows and labels that are not 0 or 1: %s", async (_, fitModel) => {
    const matrix = matrixFromRows(["a"], [[1], [2]]);
    await expect(fitModel(matrix, [1, 1])).rejects.toMatchObject({ code: "one-class" });
    await expect(fitModel(matrixFromRows(["a"], []), [])).rejects.toMatchObject({ code: "no-rows" });
    await expect(fitModel(matrixFromRows(["a"], [[1]]), [0])).rejects.toMatchObject({ code: "one-class" });
    await expect(fitModel(matrix, [0, 2])).rejects.toMatchObject({ code: "label-value" });
  });

  test.each(ALL)(
    "learns nothing from a constant column but the share of positives: %s",
    async (_, fitModel) => {
      const matrix = matrixFromRows(
        ["a"],
        Array.from({ length: 200 }, () => [7]),
      );
      const labels = Array.from({ length: 200 }, (_, i) => Number(i % 5 === 0));
      for (const p of scoreMatrix(await fitModel(matrix, labels), matrix)) expect(p).toBeCloseTo(0.2, 2);
    },
  );

  test.each(ALL)("gives the same bits for a seed: %s", async (_, fitModel) => {
    const { matrix, labels } = noisy(150);
    expect(scoreMatrix(await fitModel(matrix, labels), matrix)).toEqual(
      scoreMatrix(await fitModel(matrix, labels), matrix),
    );
  });

  test.each(ALL)("stops when it is cancelled: %s", async (name) => {
    const { matrix, labels } = noisy(100);
    const control = { signal: AbortSignal.abort() };
    const fits: Record<string, () => Promise<unknown>> = {
      boosting: () => fitBoosting(matrix, labels, { seed: 1 }, control),
      forest: () => fitForest(matrix, labels, { seed: 1 }, control),
      tree: () => fitTree(matrix, labels, { seed: 1 }, control),
      logistic: () => fitLogistic(matrix, labels, {}, control),
    };
    await expect(fits[name]?.()).rejects.toThrow("cancelled");
  });
});

describe("trees", () => {
  test.each(TREES)(
    "give a probability for any numbers, missing and infinite too: %s",
    async (_, fitModel) => {
      const rows = fc.array(fc.tuple(wild, wild), { minLength: 2, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(rows, rows, async (train, fresh) => {
          const labels = train.map((_, i) => i % 2);
          const model = await fitModel(matrixFromRows(["a", "b"], train), labels);
          for (const p of scoreMatrix(model, matrixFromRows(["a", "b"], fresh))) {
            expect(p >= 0 && p <= 1).toBe(true);
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  test.each(TREES)("do not change when a column is stretched: %s", async (_, fitModel) => {
    const { matrix, labels } = noisy(150);
    const columns = matrix.columns.map((column) => column.map((value) => value * 8));
    const stretched = { ...matrix, columns };
    expect(scoreMatrix(await fitModel(stretched, labels), stretched)).toEqual(
      scoreMatrix(await fitModel(matrix, labels), matrix),
    );
  });

  test.each(TREES)("separate rows whose only difference is a missing value: %s", async (_, fitModel) => {
    const rows = Array.from({ length: 80 }, (_, i) => [i % 2 === 0 ? Number.NaN : i]);
    const labels = rows.map((_, i) => Number(i % 2 === 0));
    const matrix = matrixFromRows(["a"], rows);
    expect(rocAuc(labels, scoreMatrix(await fitModel(matrix, labels), matrix))).toBe(1);
  });

  test.each(TREES)("bear 100,000 categories: %s", async (_, fitModel) => {
    const dictionary = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const codes = Float64Array.from({ length: 2000 }, (_, i) => i * 50);
    const matrix: Matrix = {
      features: [{ name: "c", kind: "category", dictionary }],
      columns: [codes],
      rowCount: 2000,
    };
    const scores = scoreMatrix(
      await fitModel(
        matrix,
        Array.from(codes, (_, i) => Number(i < 100)),
      ),
      matrix,
    );
    expect(scores.every((p) => p >= 0 && p <= 1)).toBe(true);
  });

  test("boosting with early stopping keeps the trees up to the lowest loss", async () => {
    const { matrix, labels } = noisy(300);
    const model = await fitBoosting(matrix, labels, {
      seed: 1,
      trees: 200,
      earlyStopping: { share: 0.3, rounds: 3 },
    });
    const lowest = model.validationLoss.indexOf(Math.min(...model.validationLoss));
    expect(model.validationLoss.length).toBeLessThan(200);
    expect(model.trees.roots.length).toBe(lowest + 1);
  });

  test("a shuffled column that matters costs AUC, one that does not costs nothing", async () => {
    const { matrix, labels } = noisy(300);
    const model = await fitBoosting(matrix, labels, { seed: 1, trees: 20 });
    const [matters, constant] = permutationImportance(model, matrix, (s) => rocAuc(labels, s), { seed: 1 });
    expect(matters?.name).toBe("x");
    expect(matters?.drop).toBeGreaterThan(0.1);
    expect(constant?.drop).toBe(0);
  });
});

describe("linear models and K-Means", () => {
  test("a linear model names the column that it can't bear", async () => {
    await expect(fitLogistic(matrixFromRows(["a"], [[1], [Number.NaN]]), [0, 1])).rejects.toThrow(
      "Column a has a missing",
    );
    await expect(fitLogistic(matrixFromRows(["a"], [[1.7e308], [-1.7e308]]), [0, 1])).rejects.toThrow(
      "does not fit",
    );
  });

  test("separable classes end unconverged or with finite coefficients, never with NaN", async () => {
    const model = await fitLogistic(matrixFromRows(["a"], [[1], [2], [3], [4]]), [0, 0, 1, 1]);
    expect(Number.isFinite(model.intercept + (model.coefficients[0] ?? Number.NaN))).toBe(true);
  });

  test("the baseline takes one class", () => {
    expect(fitDummy(matrixFromRows(["a"], [[1]]), [1]).probability).toBe(1);
  });

  test("K-Means refuses more clusters than distinct rows, and huge numbers", async () => {
    const same = matrixFromRows(["a"], [[1], [1], [2]]);
    await expect(fitKMeans(same, { seed: 1, k: 3 })).rejects.toMatchObject({ code: "few-rows" });
    const huge = matrixFromRows(["a"], [[1e300], [-1e300]]);
    await expect(fitKMeans(huge, { seed: 1, k: 2 })).rejects.toMatchObject({ code: "infinite-value" });
  });

  test("with as many clusters as rows the cost is 0", async () => {
    const model = await fitKMeans(matrixFromRows(["a"], [[1], [5], [9]]), { seed: 1, k: 3 });
    expect(model.trainingCost).toBe(0);
  });
});

function noisy(rowCount: number): { matrix: Matrix; labels: number[] } {
  const random = seededRandom(3);
  const rows = Array.from({ length: rowCount }, () => [random.normal(), 1]);
  const labels = rows.map(([x = 0]) => Number(random.chance(1 / (1 + Math.exp(-2 * x)))));
  return { matrix: matrixFromRows(["x", "one"], rows), labels };
}
