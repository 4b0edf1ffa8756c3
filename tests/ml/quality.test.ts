import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import type { Matrix } from "../../src/ml/data/matrix.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { scoreMatrix } from "../../src/ml/model/model.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { largestGap, matrixOf, mllib, read, sklearn } from "./oracle.ts";

const numbers = z.array(z.number());
const quality = z
  .object({
    x: z.array(numbers),
    y: numbers,
    rare: numbers,
    heldX: z.array(numbers),
    heldY: numbers,
    heldRare: numbers,
    forestAuc: numbers,
    forestRareAuc: numbers,
    boosting: numbers,
    boostingRare: numbers,
    boostingCategories: numbers,
    xgboost: numbers,
    xgboostAuc: z.number(),
    points: z.array(numbers),
    inertia: z.number(),
  })
  .parse(read("quality.json"));
const { y, rare, heldY, heldRare } = quality;
const train = matrixOf(quality.x);
const held = matrixOf(quality.heldX);
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const auc = (labels: readonly number[], scores: Float64Array): number => rocAuc(labels, scores) ?? Number.NaN;

describe("boosting on 2,000 rows", () => {
  const hist = { seed: 1, trees: 50, maxDepth: 4 };

  test.each([
    ["balanced", y, quality.boosting],
    ["one positive in fifty", rare, quality.boostingRare],
  ] as const)("gives HistGradientBoosting's probabilities: %s", async (_, labels, expected) => {
    const scores = scoreMatrix(await fitBoosting(train, labels, hist), held);
    expect(largestGap(scores, expected)).toBeLessThan(1e-4);
  });

  test("gives HistGradientBoosting's probabilities with a category", async () => {
    const matrix = withCategory(train);
    const model = await fitBoosting(matrix, y, hist);
    expect(largestGap(scoreMatrix(model, matrix), quality.boostingCategories)).toBeLessThan(1e-4);
  });

  // xgboost sums in single precision, which moves a score in its fifth digit and may turn a tie.
  test("gives xgboost's probabilities on the training rows, and its AUC", async () => {
    const model = await fitBoosting(train, y, { ...hist, minRowsPerLeaf: 1 });
    const gaps = [...scoreMatrix(model, train)].map((p, i) => Math.abs(p - (quality.xgboost[i] ?? 0)));
    expect(mean(gaps)).toBeLessThan(1e-3);
    expect(Math.abs(auc(heldY, scoreMatrix(model, held)) - quality.xgboostAuc)).toBeLessThan(0.002);
  });

  test("with MLlib's settings is as good as MLlib's, to 0.01 of AUC", async () => {
    const model = await fitBoosting(train, y, { seed: 1, trees: 20, maxBins: 32, minRowsPerLeaf: 1 });
    expect(auc(heldY, scoreMatrix(model, held))).toBeGreaterThan(mean(mllib.boostingAuc) - 0.01);
  });
});

describe("forests of five seeds", () => {
  const meanAuc = async (labels: readonly number[], heldLabels: readonly number[], settings: object) => {
    const areas: number[] = [];
    for (let seed = 0; seed < 5; seed++)
      areas.push(auc(heldLabels, scoreMatrix(await fitForest(train, labels, { seed, ...settings }), held)));
    return mean(areas);
  };

  test.each([
    ["scikit-learn's", y, heldY, quality.forestAuc, {}],
    ["scikit-learn's on rare positives", rare, heldRare, quality.forestRareAuc, { trees: 50 }],
    ["MLlib's", y, heldY, mllib.forestAuc, { maxBins: 32 }],
  ] as const)(
    "are as good as %s, within the spread of their seeds",
    async (_, labels, heldLabels, theirs, settings) => {
      const ours = await meanAuc(labels, heldLabels, settings);
      const noise = Math.max(0.003, 2 * deviation(theirs));
      expect(ours).toBeGreaterThan(mean(theirs) - noise);
      expect(ours).toBeLessThan(mean(theirs) + 2 * noise);
    },
  );
});

describe("a tree", () => {
  test("predicts MLlib's classes", async () => {
    const model = await fitTree(matrixOf(sklearn.x), sklearn.y, { seed: 1, maxDepth: 3 });
    const classes = [...scoreMatrix(model, matrixOf(sklearn.heldX))].map((p) => Number(p > 0.5));
    expect(classes).toEqual(mllib.treeClasses);
  });
});

describe("K-Means on clouds that touch", () => {
  test("finds the best that scikit-learn's sixty starts and MLlib's eight seeds find", async () => {
    const settings = { seed: 1, k: 6, starts: 20, tolerance: 0, maxIterations: 300 };
    const { trainingCost } = await fitKMeans(matrixOf(quality.points), settings);
    expect(trainingCost).toBeLessThan(quality.inertia * (1 + 1e-9));
    expect(trainingCost).toBeLessThanOrEqual(Math.min(...mllib.overlappingCosts) * (1 + 1e-9));
  });
});

/** The last column as a category. */
function withCategory(matrix: Matrix): Matrix {
  const dictionary = ["0", "1", "2", "3", "4", "5", "6", "7"];
  const features = matrix.features.map((feature, j) =>
    j === matrix.features.length - 1
      ? { name: feature.name, kind: "category" as const, dictionary }
      : feature,
  );
  return { ...matrix, features };
}
