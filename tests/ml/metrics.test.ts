import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matrixFromRows } from "../../src/ml/data/matrix.ts";
import {
  adjustedRand,
  silhouetteByDefinition,
  silhouetteSquaredEuclidean,
} from "../../src/ml/metrics/clustering.ts";
import { accuracy, confusion, f1, precision, recall } from "../../src/ml/metrics/confusion.ts";
import { bestThreshold } from "../../src/ml/metrics/cost-threshold.ts";
import { prCurve, rocAuc } from "../../src/ml/metrics/curves.ts";
import {
  bootstrapInterval,
  pairedComparison,
  repeatedSplitInterval,
} from "../../src/ml/metrics/intervals.ts";
import { brierScore, calibrationBins, logLoss } from "../../src/ml/metrics/probability.ts";
import { matrixOf, sklearn } from "./oracle.ts";

const scoredRows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 20 })), {
  minLength: 2,
  maxLength: 60,
});
const split = (rows: [number, number][]) => ({
  y: rows.map(([label]) => label),
  s: rows.map(([, score]) => score / 20),
});

describe("metrics of scores", () => {
  test.each(Object.entries(sklearn.metrics))("equal scikit-learn's on %s scores", (_, one) => {
    const counts = confusion(one.y, one.scores);
    expect(rocAuc(one.y, one.scores)).toBeCloseTo(one.rocAuc, 13);
    expect(prCurve(one.y, one.scores)?.averagePrecision).toBeCloseTo(one.averagePrecision, 13);
    expect(logLoss(one.y, one.scores)).toBeCloseTo(one.logLoss, 12);
    expect(brierScore(one.y, one.scores)).toBeCloseTo(one.brier, 13);
    expect(accuracy(counts)).toBeCloseTo(one.accuracy, 14);
    expect(precision(counts) ?? 0).toBeCloseTo(one.precision, 14);
    expect(recall(counts)).toBeCloseTo(one.recall, 14);
    expect(f1(counts)).toBeCloseTo(one.f1, 14);
  });

  test("AUC is the share of pairs in the right order, a tie counting half", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const { y, s } = split(rows);
        let pairs = 0;
        let right = 0;
        y.forEach((yi, i) => {
          y.forEach((yj, j) => {
            const [si, sj] = [s[i] ?? 0, s[j] ?? 0];
            pairs += yi * (1 - yj);
            right += yi * (1 - yj) * (si > sj ? 1 : si === sj ? 0.5 : 0);
          });
        });
        expect(rocAuc(y, s)).toBe(pairs === 0 ? undefined : right / pairs);
      }),
    );
  });

  test("the best threshold costs no more than any other", () => {
    fc.assert(
      fc.property(
        scoredRows,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        (rows, fp, fn) => {
          const { y, s } = split(rows);
          const costAt = (threshold: number): number => {
            const c = confusion(y, s, threshold);
            return c.falsePositives * fp + c.falseNegatives * fn;
          };
          const best = bestThreshold(y, s, { falsePositive: fp, falseNegative: fn });
          expect(costAt(best.threshold)).toBe(best.cost);
          for (const threshold of [-Infinity, ...s])
            expect(costAt(threshold)).toBeGreaterThanOrEqual(best.cost);
        },
      ),
    );
  });

  test("calibration bins hold every row once", () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const { y, s } = split(rows);
        const bins = calibrationBins(y, s, 7);
        expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(rows.length);
        expect(bins.every((bin) => (bin.count === 0) === (bin.observed === undefined))).toBe(true);
      }),
    );
  });

  test("one class has no AUC and no rows no accuracy; NaN is refused", () => {
    expect(rocAuc([1, 1], [0.2, 0.4])).toBeUndefined();
    expect(prCurve([0, 0], [0.2, 0.4])).toBeUndefined();
    expect(accuracy(confusion([], []))).toBeUndefined();
    expect(() => rocAuc([1, 0], [Number.NaN, 0.4])).toThrow("not a number");
    expect(() => logLoss([1, 0], [1.5, 0.4])).toThrow("must be in [0, 1]");
  });
});

describe("intervals", () => {
  const { y, scores } = sklearn.metrics.free;
  const aucOf = (s: readonly number[]) => (rows: Int32Array) =>
    rocAuc(
      Array.from(rows, (row) => y[row] ?? 0),
      Array.from(rows, (row) => s[row] ?? 0),
    );

  test("a bootstrap interval holds its estimate and is the same for a seed", () => {
    const interval = bootstrapInterval(y.length, aucOf(scores), { seed: 4, samples: 200 });
    expect(interval).toEqual(bootstrapInterval(y.length, aucOf(scores), { seed: 4, samples: 200 }));
    expect(interval?.low).toBeLessThan(interval?.estimate ?? 0);
    expect(interval?.high).toBeGreaterThan(interval?.estimate ?? 1);
  });

  test("a paired comparison tells a better model from itself", () => {
    const worse = scores.map((score, i) => (i % 2 === 0 ? score : 1 - score));
    const options = { seed: 1, samples: 200 };
    const metrics = { a: aucOf(scores), b: aucOf(worse) };
    expect(pairedComparison(y.length, metrics, options)?.isDifferent).toBe(true);
    expect(pairedComparison(y.length, { a: metrics.a, b: metrics.a }, options)?.isDifferent).toBe(false);
  });

  test("repeated splits give numpy's percentiles", () => {
    expect(repeatedSplitInterval([1, 2, 3, 4, 5], 0.5)).toEqual({ estimate: 3, low: 2, high: 4, samples: 5 });
  });
});

describe("metrics of clusters", () => {
  const { x, labels, truth } = sklearn.clusters;
  const matrix = matrixOf(x);

  test("both silhouettes equal scikit-learn's", () => {
    expect(silhouetteSquaredEuclidean(matrix, labels)).toBeCloseTo(sklearn.clusters.silhouetteSquared, 13);
    expect(silhouetteByDefinition(matrix, labels, "euclidean")).toBeCloseTo(
      sklearn.clusters.silhouetteEuclidean,
      13,
    );
  });

  test("the closed form of the silhouette equals its definition", () => {
    const point = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }));
    const labelled = fc.array(fc.tuple(point, fc.integer({ min: 0, max: 3 })), {
      minLength: 3,
      maxLength: 30,
    });
    fc.assert(
      fc.property(labelled, (rows) => {
        const ids = rows.map(([, label]) => label);
        fc.pre(new Set(ids).size > 1);
        const points = matrixFromRows(
          ["a", "b"],
          rows.map(([p]) => p),
        );
        const defined = silhouetteByDefinition(points, ids, "squared-euclidean");
        expect(silhouetteSquaredEuclidean(points, ids)).toBeCloseTo(defined, 9);
      }),
    );
  });

  test("one cluster has no silhouette", () => {
    expect(() =>
      silhouetteSquaredEuclidean(
        matrix,
        labels.map(() => 0),
      ),
    ).toThrow("at least two clusters");
  });

  test("adjusted Rand equals scikit-learn's and ignores the names of the clusters", () => {
    const merged = labels.map((label) => label % 3);
    expect(adjustedRand(truth, merged)).toBeCloseTo(sklearn.clusters.adjustedRand, 13);
    expect(
      adjustedRand(
        truth,
        truth.map((label) => 9 - label),
      ),
    ).toBe(1);
  });
});
