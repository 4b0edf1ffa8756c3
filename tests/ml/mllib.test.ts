import { expect, test } from "vitest";
import { fitKMeans } from "../../src/ml/cluster/kmeans.ts";
import { fitLogistic } from "../../src/ml/linear/logistic.ts";
import { silhouetteSquaredEuclidean } from "../../src/ml/metrics/clustering.ts";
import { prCurve, rocAuc } from "../../src/ml/metrics/curves.ts";
import { fitScale } from "../../src/ml/prepare/scale.ts";
import { largestGap, matrixOf, mllib, sklearn } from "./oracle.ts";

const train = matrixOf(sklearn.x);

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

test("the best of three starts costs no more than the best of MLlib's five seeds", async () => {
  const model = await fitKMeans(matrixOf(sklearn.clusters.x), { seed: 1, k: 4, tolerance: 0 });
  expect(model.trainingCost).toBeLessThanOrEqual(Math.min(...mllib.kmeansCosts) * (1 + 1e-12));
});
