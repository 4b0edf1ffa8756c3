import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Matrix, matrixFromRows } from "../../src/ml/data/matrix.ts";

const numbers = z.array(z.number());
const rows = z.array(numbers);
const scored = z.object({
  y: numbers,
  scores: numbers,
  rocAuc: z.number(),
  averagePrecision: z.number(),
  logLoss: z.number(),
  brier: z.number(),
  accuracy: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
});
const linear = z.object({ l2: z.number(), coefficients: numbers, intercept: z.number() });
const sklearnSchema = z.object({
  x: rows,
  y: numbers,
  heldX: rows,
  heldY: numbers,
  metrics: z.object({ free: scored, tied: scored, "all-tied": scored }),
  models: z.object({
    logistic: z.object({ plain: linear, l2: linear, balanced: linear }),
    tree: z.object({ held: numbers, importance: numbers }),
    boosting: z.object({ held: numbers }),
    boostingMissing: z.object({ x: z.array(z.array(z.number().nullable())), scores: numbers }),
    forest: z.object({ heldAuc: numbers }),
  }),
  clusters: z.object({
    x: rows,
    truth: numbers,
    labels: numbers,
    inertia: z.number(),
    silhouetteSquared: z.number(),
    silhouetteEuclidean: z.number(),
    adjustedRand: z.number(),
    pca: z.object({ variances: numbers, shares: numbers, axes: rows }),
  }),
});
/** What scikit-learn gave; tests/oracles/make.py says how. */
export const sklearn = sklearnSchema.parse(read("sklearn.json"));

const mllibSchema = z.object({
  logistic: z.record(z.string(), z.object({ coefficients: numbers, intercept: z.number() })),
  scores: numbers,
  areaUnderROC: z.number(),
  areaUnderPR: z.number(),
  treeClasses: numbers,
  forestAuc: numbers,
  boostingAuc: numbers,
  scaler: z.object({ mean: numbers, std: numbers }),
  kmeansCosts: numbers,
  overlappingCosts: numbers,
  silhouette: z.number(),
});
/** What Spark's MLlib gave. */
export const mllib = mllibSchema.parse(read("mllib.json"));

/** The rows as a matrix of numbers; null is missing. */
export function matrixOf(values: readonly (readonly (number | null)[])[]): Matrix {
  const names = (values[0] ?? []).map((_, j) => `x${j}`);
  return matrixFromRows(
    names,
    values.map((row) => row.map((value) => value ?? Number.NaN)),
  );
}

/** The largest distance between two lists of one length. */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} values`);
  let most = 0;
  for (let i = 0; i < a.length; i++)
    most = Math.max(most, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)));
  return most;
}

/** One of the files of tests/oracles. */
export function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../oracles/${name}`, import.meta.url), "utf8"));
}
