import { assignClusters, type KMeansModel, type KMeansOptions } from "../cluster/kmeans.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { type LogisticModel, requireNumbers } from "../linear/logistic.ts";
import { wssse } from "../metrics/clustering.ts";
import { mlError } from "../ml-error.ts";
import { fitScale, transformScale } from "../prepare/scale.ts";
import type { ForestOptions } from "../trees/forest.ts";

/**
 * The named libraries as an engine beside ours, with the settings that make them as right as they can be. Each is
 * imported when it is asked for. Above these rows they take minutes or diverge, so they refuse.
 */
export const MLJS_LIMITS = { forest: 2_000, logistic: 2_000, kmeans: 200_000 } as const;

export interface MljsForest {
  readonly kind: "mljs-forest";
  readonly features: readonly Feature[];
  /** The share of the trees that vote for the positive class, for each row. */
  readonly score: (matrix: Matrix) => Float64Array;
}

/**
 * ml-random-forest 2.1. It draws the features once a tree, not once a split. Its own probability loses the first
 * tree's vote, so the votes are counted here.
 */
export async function fitMljsForest(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: Pick<ForestOptions, "seed" | "trees" | "maxDepth">,
): Promise<MljsForest> {
  check(matrix, "forest");
  requireLabels(labels, matrix.rowCount);
  const library = (await import("ml-random-forest")) as unknown as ForestLibrary;
  const forest = new library.RandomForestClassifier({
    seed: options.seed | 0,
    nEstimators: options.trees ?? 20,
    maxFeatures: Math.min(matrix.columns.length, Math.ceil(Math.sqrt(matrix.columns.length)) + 1),
    replacement: false,
    useSampleBagging: true,
    noOOB: true,
    treeOptions: { maxDepth: options.maxDepth ?? 5, minNumSamples: 1 },
  });
  forest.train(rowsOf(matrix), Array.from(labels));
  const score = (fresh: Matrix): Float64Array => {
    requireFinite(fresh);
    const votes = forest.predictionValues(rowsOf(fresh)).to2DArray();
    return Float64Array.from(votes, (row) => row.reduce((sum, vote) => sum + vote, 0) / row.length);
  };
  return { kind: "mljs-forest", features: matrix.features, score };
}

/**
 * ml-logistic-regression 2.0. It fits no intercept and sums its gradient: a constant column and standardised features
 * go in, with a step of 4 ÷ (n·(p+1)), below which gradient descent can't diverge.
 */
export async function fitMljsLogistic(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: { readonly steps?: number } = {},
): Promise<LogisticModel> {
  check(matrix, "logistic");
  requireLabels(labels, matrix.rowCount);
  const { Matrix: MlMatrix } = await import("ml-matrix");
  const name: string = "ml-logistic-regression";
  // The library ships no declarations.
  const { default: LogisticRegression } = (await import(name)) as LogisticLibrary;
  const scale = fitScale(matrix);
  const rows = rowsOf(transformScale(scale, matrix)).map((row) => [...row, 1]);
  const p = matrix.columns.length;
  const numSteps = options.steps ?? 1000;
  const learningRate = 4 / (matrix.rowCount * (p + 1));
  const regression = new LogisticRegression({ numSteps, learningRate });
  regression.train(new MlMatrix(rows), MlMatrix.columnVector(Array.from(labels)));
  // One classifier a class, each for "not this class": the first one's probability is that of the positive.
  const weights = regression.classifiers[0]?.weights.to1DArray() ?? [];
  let intercept = weights[p] ?? Number.NaN;
  const coefficients = Float64Array.from(matrix.features, (feature, j) => {
    const { mean = 0, deviation = 0 } = scale.columns[feature.name] ?? {};
    const weight = deviation === 0 ? 0 : (weights[j] ?? Number.NaN) / deviation;
    intercept -= weight * mean;
    return weight;
  });
  return {
    kind: "logistic",
    features: matrix.features,
    coefficients,
    intercept,
    iterations: numSteps,
    isConverged: false,
  };
}

/** ml-kmeans 7, one start. Its labels lag one step when it is stopped early: assign them from the centres. */
export async function fitMljsKMeans(
  matrix: Matrix,
  options: Pick<KMeansOptions, "seed" | "k" | "maxIterations" | "tolerance">,
): Promise<KMeansModel> {
  check(matrix, "kmeans");
  const { seed, k, maxIterations = 20, tolerance = 1e-4 } = options;
  if (!(Number.isInteger(k) && k >= 1 && k < matrix.rowCount)) {
    throw new RangeError(`k is ${k}; ml-kmeans needs an integer from 1 to below the ${matrix.rowCount} rows`);
  }
  const { kmeans } = await import("ml-kmeans");
  const result = kmeans(rowsOf(matrix), k, { seed, maxIterations, tolerance, initialization: "kmeans++" });
  const model: KMeansModel = {
    kind: "kmeans",
    features: matrix.features,
    k,
    centres: Float64Array.from(result.centroids.flat()),
    trainingCost: 0,
    iterations: result.iterations,
    isConverged: result.converged,
  };
  return { ...model, trainingCost: wssse(matrix, assignClusters(model, matrix), model.centres) };
}

interface ForestLibrary {
  readonly RandomForestClassifier: new (
    options: Readonly<Record<string, unknown>>,
  ) => {
    train(rows: number[][], labels: number[]): void;
    predictionValues(rows: number[][]): { to2DArray(): number[][] };
  };
}

interface LogisticLibrary {
  readonly default: new (options: {
    numSteps: number;
    learningRate: number;
  }) => {
    readonly classifiers: readonly { readonly weights: { to1DArray(): number[] } }[];
    train(features: unknown, target: unknown): void;
  };
}

function check(matrix: Matrix, library: keyof typeof MLJS_LIMITS): void {
  requireRows(matrix);
  requireNumbers(matrix);
  requireFinite(matrix);
  const limit = MLJS_LIMITS[library];
  if (matrix.rowCount <= limit) return;
  throw mlError(
    "mljs-too-many-rows",
    {
      es: `La biblioteca mljs (${library}) admite hasta ${limit} filas y hay ${matrix.rowCount}.`,
      en: `The mljs library (${library}) takes up to ${limit} rows; there are ${matrix.rowCount}.`,
    },
    [{ es: "Usa el modelo propio de taller, o una muestra.", en: "Use taller's own model, or a sample." }],
  );
}

function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rowCount }, (_, i) =>
    matrix.columns.map((column) => column[i] ?? Number.NaN),
  );
}
