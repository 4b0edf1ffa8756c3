import { requireLabels } from "../data/labels.ts";
import type { Matrix } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import type { LogisticModel, LogisticOptions } from "../linear/logistic.ts";
import { fitScale, transformScale } from "../prepare/scale.ts";
import { refuseSettings, requireMljs, rowsOf } from "./limits.ts";

/**
 * ml-logistic-regression 2.0, made as right as it can be. It fits no intercept and sums its gradient: a constant column
 * and standardised features go in, with a step of 4 ÷ (n·(p+1)), below which gradient descent can't diverge. It takes
 * `maxIterations` steps (default 1,000) and can't be stopped midway.
 */
export async function fitMljsLogistic(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: LogisticOptions,
  control: FitControl = {},
): Promise<LogisticModel> {
  requireMljs(matrix, "logistic");
  requireLabels(labels, matrix.rowCount);
  refuseSettings(options, ["l2", "classWeights", "tolerance"]);
  const numSteps = options.maxIterations ?? 1000;
  await breathe(control, { done: 0, total: numSteps });
  const { Matrix: MlMatrix } = await import("ml-matrix");
  const name: string = "ml-logistic-regression";
  // The library ships no declarations.
  const { default: LogisticRegression } = (await import(name)) as Library;
  const scale = fitScale(matrix);
  const rows = rowsOf(transformScale(scale, matrix)).map((row) => [...row, 1]);
  const p = matrix.columns.length;
  const learningRate = 4 / (matrix.rowCount * (p + 1));
  const regression = new LogisticRegression({ numSteps, learningRate });
  regression.train(new MlMatrix(rows), MlMatrix.columnVector(Array.from(labels)));
  await breathe(control, { done: numSteps, total: numSteps });
  // One classifier a class, each for "not this class": the first one's probability is that of the positive.
  const weights = regression.classifiers[0]?.weights.to1DArray() ?? [];
  let intercept = weights[p] ?? Number.NaN;
  const coefficients = Float64Array.from(matrix.features, (feature, j) => {
    const { mean = 0, deviation = 0 } = scale.columns[feature.name] ?? {};
    const weight = deviation === 0 ? 0 : (weights[j] ?? Number.NaN) / deviation;
    intercept -= weight * mean;
    return weight;
  });
  const { features } = matrix;
  return { kind: "logistic", features, coefficients, intercept, iterations: numSteps, isConverged: false };
}

interface Library {
  readonly default: new (options: {
    numSteps: number;
    learningRate: number;
  }) => {
    readonly classifiers: readonly { readonly weights: { to1DArray(): number[] } }[];
    train(features: unknown, target: unknown): void;
  };
}
