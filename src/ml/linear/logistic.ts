import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting, mlError } from "../ml-error.ts";
import { momentsOf } from "../prepare/scale.ts";
import { openTeam, threadsFor } from "../threads/team.ts";
import { type LbfgsResult, minimise } from "./lbfgs.ts";
import { logisticKernel, logisticMemory, sumOfChunks } from "./logistic-kernel.ts";

export interface LogisticOptions {
  /** λ of mean loss + λ/2·‖β‖² on the standardised features; default 0. scikit-learn's C is 1 ÷ (n·λ). */
  readonly l2?: number;
  /** Default 100. */
  readonly maxIterations?: number;
  /** On the gradient's largest entry; default 1e-8. */
  readonly tolerance?: number;
  /** `balanced`: n ÷ (2·n_class); default 1 for both. */
  readonly classWeights?: "balanced" | { readonly negative: number; readonly positive: number };
  /** Threads at most; fewer where more would not pay. The model is the same for any. Default: the cores, up to 4. */
  readonly threads?: number;
  /** "mljs": the library ml-logistic-regression, as right as it can be made, for few rows (MLJS_LIMITS). Default "taller". */
  readonly engine?: "taller" | "mljs";
}

export interface LogisticModel {
  readonly kind: "logistic";
  readonly features: readonly Feature[];
  /** On the original scale of the features; 0 for a constant one. */
  readonly coefficients: Float64Array;
  readonly intercept: number;
  readonly iterations: number;
  /** False when the iterations ran out, as with classes that a line separates and no L2. */
  readonly isConverged: boolean;
}

/**
 * Logistic regression with an intercept (never penalised), standardised inside with n−1 as MLlib does. Only numbers:
 * throws `category-feature` for a category, `missing-value` and `infinite-value`, and `one-class`.
 */
export async function fitLogistic(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: LogisticOptions = {},
  control: FitControl = {},
): Promise<LogisticModel> {
  const { l2 = 0, maxIterations = 100, tolerance = 1e-8 } = options;
  checkSetting("l2", l2, { min: 0 });
  checkSetting("maxIterations", maxIterations, { min: 1, integer: true });
  checkSetting("tolerance", tolerance, { min: 0 });
  if (options.engine === "mljs") {
    const { fitMljsLogistic } = await import("../mljs/logistic.ts");
    return fitMljsLogistic(matrix, labels, options, control);
  }
  requireRows(matrix);
  requireLabels(labels, matrix.rowCount);
  requireNumbers(matrix);
  requireFinite(matrix);
  const p = matrix.columns.length;
  const moments = matrix.columns.map((column, j) => checkedMoments(column, matrix.features[j]?.name ?? ""));
  const weights = weightsOf(labels, matrix.rowCount, options.classWeights);
  const memory = logisticMemory(matrix, labels, moments, weights);
  // Some ten passes over the data: what a fit takes.
  const threads = threadsFor(options.threads, 20 * matrix.rowCount * (p + 10));
  const team = await openTeam({ kernel: "logistic", input: memory, create: logisticKernel }, threads);
  let result: LbfgsResult;
  try {
    const total = totalWeight(labels, matrix.rowCount, weights);
    result = await minimise(
      (x, gradient) => {
        memory.point.set(x);
        team.run(0);
        return meanLoss(sumOfChunks(memory, gradient), { total, l2, x, gradient });
      },
      new Float64Array(p + 1),
      {
        maxIterations,
        tolerance,
        onIteration: (done, loss) => breathe(control, { done, total: maxIterations, loss }),
      },
    );
  } finally {
    await team.close();
  }
  let intercept = result.x[p] as number;
  const coefficients = new Float64Array(p);
  moments.forEach(({ mean, deviation }, j) => {
    if (deviation === 0) return;
    coefficients[j] = (result.x[j] as number) / deviation;
    intercept -= (coefficients[j] as number) * mean;
  });
  if (!Number.isFinite(intercept) || !coefficients.every(Number.isFinite)) {
    throw mlError("infinite-value", {
      es: "Un coeficiente no cabe en un número: cambia la unidad de las columnas más pequeñas.",
      en: "A coefficient does not fit in a number: change the unit of the smallest columns.",
    });
  }
  const { iterations, isConverged } = result;
  return { kind: "logistic", features: matrix.features, coefficients, intercept, iterations, isConverged };
}

/** Weighted mean log loss + λ/2·‖β‖² at x = (β, intercept) from the sum of the losses; `gradient` becomes its gradient. */
function meanLoss(
  loss: number,
  of: {
    readonly total: number;
    readonly l2: number;
    readonly x: Float64Array;
    readonly gradient: Float64Array;
  },
): number {
  const { total, l2, x, gradient } = of;
  const p = x.length - 1;
  let penalty = 0;
  for (let j = 0; j < p; j++) {
    gradient[j] = (gradient[j] as number) / total + l2 * (x[j] as number);
    penalty += (x[j] as number) ** 2;
  }
  gradient[p] = (gradient[p] as number) / total;
  return loss / total + (l2 * penalty) / 2;
}

function totalWeight(labels: ArrayLike<number>, n: number, weights: readonly [number, number]): number {
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[i] as number;
  return positives * weights[1] + (n - positives) * weights[0];
}

function weightsOf(
  labels: ArrayLike<number>,
  n: number,
  asked: LogisticOptions["classWeights"],
): readonly [number, number] {
  if (asked === undefined) return [1, 1];
  if (asked !== "balanced") {
    checkSetting("classWeights.negative", asked.negative, { min: 1e-9 });
    checkSetting("classWeights.positive", asked.positive, { min: 1e-9 });
    return [asked.negative, asked.positive];
  }
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[i] as number;
  return [n / (2 * (n - positives)), n / (2 * positives)];
}

function checkedMoments(column: Float64Array, name: string): { mean: number; deviation: number } {
  const moments = momentsOf(column);
  if (Number.isFinite(moments.mean) && Number.isFinite(moments.deviation)) return moments;
  throw mlError("infinite-value", {
    es: `La desviación de la columna ${name} no cabe en un número: cambia su unidad.`,
    en: `The deviation of column ${name} does not fit in a number: change its unit.`,
  });
}

/** Throws `category-feature` where a model that can't take a category meets one. */
export function requireNumbers(matrix: Matrix): void {
  const category = matrix.features.find((feature) => feature.kind === "category");
  if (category === undefined) return;
  throw mlError(
    "category-feature",
    {
      es: `${category.name} es una categoría, y este modelo solo admite números.`,
      en: `${category.name} is a category, and this model takes numbers only.`,
    },
    [{ es: "Pon antes one-hot.", en: "Put one-hot before it." }],
  );
}
