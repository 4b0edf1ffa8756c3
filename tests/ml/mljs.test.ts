import { RandomForestClassifier } from "ml-random-forest";
import { describe, expect, test } from "vitest";
import { assignClusters, fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { matrixFromRows } from "../../src/ml/data/matrix.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { adjustedRand } from "../../src/ml/metrics/clustering.ts";
import { rocAuc } from "../../src/ml/metrics/curves.ts";
import { MLJS_LIMITS } from "../../src/ml/mljs/limits.ts";
import { readModelFile, writeModelFile } from "../../src/ml/model/file.ts";
import { gainImportance } from "../../src/ml/model/importance.ts";
import { scoreMatrix } from "../../src/ml/model/model.ts";
import { fitForest } from "../../src/ml/trees/forest.ts";
import { largestGap, matrixOf, sklearn } from "./oracle.ts";

const train = matrixOf(sklearn.x);
const held = matrixOf(sklearn.heldX);
const card = { dataHash: "", rows: train.rowCount, seed: 1, metrics: {}, library: "ml-random-forest 2.1" };

describe("the engine mljs", () => {
  test("ml-logistic-regression, set up right, ends near our coefficients", async () => {
    const theirs = await fitLogistic(train, sklearn.y, { engine: "mljs" });
    const ours = await fitLogistic(train, sklearn.y);
    expect(largestGap(theirs.coefficients, ours.coefficients)).toBeLessThan(0.01);
    expect(theirs.intercept).toBeCloseTo(ours.intercept, 1);
  });

  test("ml-kmeans, the best of three starts, costs no less than ours and little more", async () => {
    const points = matrixOf(sklearn.clusters.x);
    const theirs = await fitKMeans(points, { seed: 1, k: 4, engine: "mljs" });
    const ours = await fitKMeans(points, { seed: 1, k: 4 });
    expect(theirs.trainingCost).toBeGreaterThan(ours.trainingCost * 0.999);
    expect(adjustedRand(assignClusters(theirs, points), sklearn.clusters.labels)).toBeGreaterThan(0.5);
  });

  test("ml-random-forest's trees vote as they do in the library, in scores, files and importances", async () => {
    const settings = { seed: 1, trees: 5, maxDepth: 3 };
    const forest = await fitForest(train, sklearn.y, { ...settings, engine: "mljs" });
    const library = new RandomForestClassifier({
      seed: 1,
      nEstimators: 5,
      maxFeatures: 4,
      replacement: false,
      useSampleBagging: true,
      noOOB: true,
      treeOptions: { maxDepth: 3, minNumSamples: 1 },
    });
    library.train(sklearn.x, sklearn.y);
    const votes = library.predictionValues(sklearn.heldX).to2DArray();
    const scores = scoreMatrix(forest, held);
    expect(scores).toEqual(
      Float64Array.from(votes, (row) => row.reduce((sum, v) => sum + v, 0) / row.length),
    );
    expect(rocAuc(sklearn.heldY, scores)).toBeGreaterThan(0.6);
    const schema = { schema: forest.features, steps: [] };
    const read = readModelFile(writeModelFile({ preparation: schema, model: forest, card }));
    expect(scoreMatrix(read.model, held)).toEqual(scores);
    const importances = gainImportance(forest).map((one) => one.importance);
    expect(importances.every((one) => one >= 0)).toBe(true);
    expect(importances.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
  });

  test("above their limits the libraries refuse, and say what to use", async () => {
    const many = (rows: number) =>
      matrixFromRows(
        ["a"],
        Array.from({ length: rows + 1 }, (_, i) => [i]),
      );
    const labels = Array.from({ length: MLJS_LIMITS.forest + 1 }, (_, i) => i % 2);
    const code = "mljs-too-many-rows";
    const engine = "mljs";
    await expect(fitForest(many(MLJS_LIMITS.forest), labels, { seed: 1, engine })).rejects.toMatchObject({
      code,
    });
    await expect(fitLogistic(many(MLJS_LIMITS.logistic), labels, { engine })).rejects.toMatchObject({ code });
    await expect(fitKMeans(many(MLJS_LIMITS.kmeans), { seed: 1, k: 2, engine })).rejects.toMatchObject({
      code,
    });
  });

  test("settings that the libraries lack are refused by name", async () => {
    const code = "mljs-setting";
    await expect(
      fitForest(train, sklearn.y, { seed: 1, positiveWeight: 3, engine: "mljs" }),
    ).rejects.toMatchObject({ code });
    await expect(fitLogistic(train, sklearn.y, { l2: 1, engine: "mljs" })).rejects.toThrow("no setting l2");
    await expect(fitKMeans(train, { seed: 1, k: 400, engine: "mljs" })).rejects.toMatchObject({
      code: "few-rows",
    });
  });

  test("a cancelled fit does not begin", async () => {
    const control = { signal: AbortSignal.abort() };
    await expect(fitForest(train, sklearn.y, { seed: 1, engine: "mljs" }, control)).rejects.toThrow(
      "cancelled",
    );
    await expect(fitLogistic(train, sklearn.y, { engine: "mljs" }, control)).rejects.toThrow("cancelled");
    await expect(fitKMeans(train, { seed: 1, k: 2, engine: "mljs" }, control)).rejects.toThrow("cancelled");
  });
});
