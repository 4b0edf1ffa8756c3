import { expect, test } from "vitest";
import { z } from "zod";
import { fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { silhouetteSquaredEuclidean } from "../../src/ml/metrics/clustering.ts";
import { prCurve, rocAuc } from "../../src/ml/metrics/curves.ts";
import { scoreMatrix } from "../../src/ml/model/model.ts";
import { fitScale } from "../../src/ml/prepare/scale.ts";
import { fitBoosting } from "../../src/ml/trees/boosting.ts";
import { fitForest } from "../../src/ml/trees/forest.ts";
import { largestGap, matrixOf, read, sklearn } from "./oracle.ts";

const numbers = z.array(z.number());
const mllibSchema = z.object({
  logistic: z.record(z.string(), z.object({ coefficients: numbers, intercept: z.number() })),
  scores: numbers,
  areaUnderROC: z.number(),
  areaUnderPR: z.number(),
  forestAuc: numbers,
  boostingAuc: z.number(),
  scaler: z.object({ mean: numbers, std: numbers }),
  kmeansCost: z.number(),
  silhouette: z.number(),
});

const mllib = mllibSchema.parse(read("mllib.json"));
const train = matrixOf(sklearn.x);
const held = matrixOf(sklearn.heldX);

test("areas under ROC and PR equal MLlib's", () => {
  expect(rocAuc(sklearn.heldY, mllib.scores)).toBeCloseTo(mllib.areaUnderROC, 12);
  expect(prCurve(sklearn.heldY, mllib.scores)?.auc).toBeCloseTo(mllib.areaUnderPR, 12);
});

test("the squared silhouette equals MLlib's", () => {
  const { x, labels } = sklearn.clusters;
  expect(silhouetteSquaredEuclidean(matrixOf(x), labels)).toBeCloseTo(mllib.silhouette, 12);
});

test.each(Object.entries(mllib.logistic))(
  "logistic regression equals MLlib's with regParam %s",
  async (l2, expected) => {
    const model = await fitLogistic(train, sklearn.y, { l2: Number(l2) });
    expect(largestGap(model.coefficients, expected.coefficients)).toBeLessThan(1e-5);
    expect(model.intercept).toBeCloseTo(expected.intercept, 5);
  },
);

test("the scaler's means and deviations are MLlib's", () => {
  const { columns } = fitScale(train);
  const moments = train.features.map(
    ({ name }) => columns[name] ?? { mean: Number.NaN, deviation: Number.NaN },
  );
  expect(
    largestGap(
      moments.map((one) => one.mean),
      mllib.scaler.mean,
    ),
  ).toBeLessThan(1e-12);
  expect(
    largestGap(
      moments.map((one) => one.deviation),
      mllib.scaler.std,
    ),
  ).toBeLessThan(1e-12);
});

test("a forest and boosting with MLlib's settings are as good as MLlib's", async () => {
  const forest = await fitForest(train, sklearn.y, { seed: 1, maxBins: 32 });
  const boosting = await fitBoosting(train, sklearn.y, {
    seed: 1,
    trees: 20,
    minRowsPerLeaf: 1,
    maxBins: 32,
  });
  expect(rocAuc(sklearn.heldY, scoreMatrix(forest, held))).toBeGreaterThan(
    Math.min(...mllib.forestAuc) - 0.02,
  );
  expect(rocAuc(sklearn.heldY, scoreMatrix(boosting, held))).toBeGreaterThan(mllib.boostingAuc - 0.02);
});

// MLlib's one start with this seed ends in a local minimum; scikit-learn's best of ten is checked in models.test.ts.
test("the best of three starts costs no more than MLlib's one", async () => {
  const model = await fitKMeans(matrixOf(sklearn.clusters.x), { seed: 1, k: 4, tolerance: 0 });
  expect(model.trainingCost).toBeLessThanOrEqual(mllib.kmeansCost * (1 + 1e-12));
});
