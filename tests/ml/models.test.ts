import { describe, expect, test } from "vitest";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { fitPca } from "../../src/ml/cluster/pca.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { adjustedRand } from "../../src/ml/metrics/clustering.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { gainImportance } from "../../src/ml/model/importance.ts";
import { scoreMatrix } from "../../src/ml/model/model.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest, fitTree } from "../../src/ml/trees/forest.ts";
import { largestGap, matrixOf, sklearn } from "./oracle.ts";

const train = matrixOf(sklearn.x);
const held = matrixOf(sklearn.heldX);
const { y, heldY } = sklearn;

describe("logistic regression", () => {
  test.each(["plain", "l2", "balanced"] as const)("equals scikit-learn's (%s)", async (name) => {
    const expected = sklearn.models.logistic[name];
    const weights = name === "balanced" ? ({ classWeights: "balanced" } as const) : {};
    const model = await fitLogistic(train, y, { l2: expected.l2, ...weights });
    expect(model.isConverged).toBe(true);
    expect(largestGap(model.coefficients, expected.coefficients)).toBeLessThan(1e-5);
    expect(model.intercept).toBeCloseTo(expected.intercept, 5);
  });
});

describe("trees", () => {
  test("a single tree gives scikit-learn's probabilities and importances", async () => {
    const model = await fitTree(train, y, { seed: 1, maxDepth: 3 });
    expect(largestGap(scoreMatrix(model, held), sklearn.models.tree.held)).toBeLessThan(1e-12);
    const importances = gainImportance(model).map((one) => one.importance);
    expect(largestGap(importances, sklearn.models.tree.importance)).toBeLessThan(1e-12);
  });

  test("boosting gives HistGradientBoosting's probabilities", async () => {
    const model = await fitBoosting(train, y, { seed: 1, trees: 30, maxDepth: 3 });
    expect(largestGap(scoreMatrix(model, held), sklearn.models.boosting.held)).toBeLessThan(1e-5);
  });

  test("boosting on gaps gives HistGradientBoosting's probabilities", async () => {
    const { x, scores } = sklearn.models.boostingMissing;
    const matrix = matrixOf(x);
    const model = await fitBoosting(matrix, y, { seed: 1, trees: 30, maxDepth: 3 });
    expect(largestGap(scoreMatrix(model, matrix), scores)).toBeLessThan(1e-5);
  });

  test("a forest is as good as scikit-learn's", async () => {
    const model = await fitForest(train, y, { seed: 1 });
    const auc = rocAuc(heldY, scoreMatrix(model, held));
    const worst = Math.min(...sklearn.models.forest.heldAuc);
    expect(auc).toBeGreaterThan(worst - 0.02);
  });
});

describe("clusters", () => {
  test("K-Means finds scikit-learn's clusters and cost", async () => {
    const points = matrixOf(sklearn.clusters.x);
    const model = await fitKMeans(points, { seed: 1, k: 4, tolerance: 0 });
    expect(model.trainingCost).toBeCloseTo(sklearn.clusters.inertia, 8);
    expect(adjustedRand(assignClusters(model, points), sklearn.clusters.labels)).toBe(1);
  });

  test("PCA gives scikit-learn's plane", () => {
    const { pca } = sklearn.clusters;
    const plane = fitPca(matrixOf(sklearn.clusters.x));
    expect(largestGap(plane.variances, pca.variances)).toBeLessThan(1e-10);
    expect(largestGap(plane.shares, pca.shares)).toBeLessThan(1e-12);
    plane.axes.forEach((axis, k) => {
      const dot = axis.reduce((sum, value, j) => sum + value * (pca.axes[k]?.[j] ?? Number.NaN), 0);
      expect(Math.abs(dot)).toBeCloseTo(1, 12);
    });
  });
});
