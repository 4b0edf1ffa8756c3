import { expect, test } from "vitest";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { matrixFromRows } from "../../src/ml/data/matrix.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { adjustedRand } from "../../src/ml/metrics/clustering.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { fitMljsForest, fitMljsKMeans, fitMljsLogistic } from "../../src/ml/mljs/mljs.ts";
import { largestGap, matrixOf, sklearn } from "./oracle.ts";

const train = matrixOf(sklearn.x);
const held = matrixOf(sklearn.heldX);

test("ml-logistic-regression, set up right, ends near our coefficients", async () => {
  const theirs = await fitMljsLogistic(train, sklearn.y);
  const ours = await fitLogistic(train, sklearn.y);
  expect(largestGap(theirs.coefficients, ours.coefficients)).toBeLessThan(0.01);
  expect(theirs.intercept).toBeCloseTo(ours.intercept, 1);
});

test("ml-kmeans finds the same clusters", async () => {
  const points = matrixOf(sklearn.clusters.x);
  const theirs = await fitMljsKMeans(points, { seed: 1, k: 4 });
  const ours = await fitKMeans(points, { seed: 1, k: 4 });
  expect(theirs.trainingCost).toBeGreaterThan(ours.trainingCost * 0.999);
  expect(adjustedRand(assignClusters(theirs, points), sklearn.clusters.labels)).toBeGreaterThan(0.5);
});

test("ml-random-forest ranks held-out rows better than chance, with every tree's vote", async () => {
  const forest = await fitMljsForest(train, sklearn.y, { seed: 1, trees: 5, maxDepth: 3 });
  const scores = forest.score(held);
  expect(rocAuc(sklearn.heldY, scores)).toBeGreaterThan(0.6);
  expect(scores.every((share) => share >= 0 && share <= 1)).toBe(true);
});

test("above their limits the libraries refuse", async () => {
  const many = matrixFromRows(
    ["a"],
    Array.from({ length: 2001 }, (_, i) => [i]),
  );
  const labels = many.columns[0]?.map((_, i) => i % 2) ?? [];
  await expect(fitMljsForest(many, labels, { seed: 1 })).rejects.toMatchObject({
    code: "mljs-too-many-rows",
  });
  await expect(fitMljsLogistic(many, labels)).rejects.toMatchObject({ code: "mljs-too-many-rows" });
});
