import { type Random, seededRandom } from "../../core/random.ts";
import { type Feature, type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { requireNumbers } from "../linear/logistic.ts";
import { wssse } from "../metrics/clustering.ts";
import { checkSetting, mlError } from "../ml-error.ts";
import { Lloyd, type Points, squaredDistance } from "./lloyd.ts";

export interface KMeansOptions {
  readonly seed: number;
  readonly k: number;
  /** Iterations a start; default 20 (MLlib). */
  readonly maxIterations?: number;
  /** Converged when no centre moves further than this; default 1e-4 (MLlib). */
  readonly tolerance?: number;
  /** Starts by k-means++; the lowest WSSSE wins. Default 3: one start is not monotone in k. */
  readonly starts?: number;
}

export interface KMeansModel {
  readonly kind: "kmeans";
  readonly features: readonly Feature[];
  readonly k: number;
  /** k × p, row-major. */
  readonly centres: Float64Array;
  /** Sum of squared distances to the nearest centre on the rows of the fit. */
  readonly trainingCost: number;
  readonly iterations: number;
  readonly isConverged: boolean;
}

/**
 * K-Means with squared Euclidean distances: k-means++ (Arthur and Vassilvitskii 2007), Lloyd's steps with Hamerly's
 * bounds (2010); an empty cluster keeps its centre. Numbers only, all finite. Throws `few-rows` when there are fewer
 * distinct rows than k.
 */
export async function fitKMeans(
  matrix: Matrix,
  options: KMeansOptions,
  control: FitControl = {},
): Promise<KMeansModel> {
  const { k, maxIterations = 20, tolerance = 1e-4, starts = 3 } = options;
  checkSetting("k", k, { min: 1, integer: true });
  checkSetting("maxIterations", maxIterations, { min: 1, integer: true });
  checkSetting("tolerance", tolerance, { min: 0 });
  checkSetting("starts", starts, { min: 1, integer: true });
  requireRows(matrix);
  requireNumbers(matrix);
  requireFinite(matrix);
  const points = pointsOf(matrix);
  let best: { centres: Float64Array; iterations: number; isConverged: boolean; cost: number } | undefined;
  for (let start = 0; start < starts; start++) {
    const centres = spread(points, k, seededRandom(options.seed, start));
    const run = new Lloyd(points, centres);
    let isConverged = false;
    let iterations = 0;
    while (iterations < maxIterations && !isConverged) {
      await breathe(control, { done: start * maxIterations + iterations, total: starts * maxIterations });
      isConverged = run.step() <= tolerance;
      iterations++;
    }
    const cost = wssse(matrix, assign(points, centres), centres);
    if (!Number.isFinite(cost)) throw tooLarge();
    if (best === undefined || cost < best.cost) best = { centres, iterations, isConverged, cost };
  }
  if (best === undefined) throw new RangeError("K-Means needs at least one start");
  const { centres, iterations, isConverged, cost } = best;
  return {
    kind: "kmeans",
    features: matrix.features,
    k,
    centres,
    trainingCost: cost,
    iterations,
    isConverged,
  };
}

/** The nearest centre of each row; the first of those that tie. */
export function assignClusters(model: KMeansModel, matrix: Matrix): Int32Array {
  requireFinite(matrix);
  return assign(pointsOf(matrix), model.centres);
}

function pointsOf(matrix: Matrix): Points {
  const n = matrix.rowCount;
  const p = matrix.columns.length;
  const values = new Float64Array(n * p);
  matrix.columns.forEach((column, j) => {
    for (let i = 0; i < n; i++) values[i * p + j] = column[i] as number;
  });
  return { values, n, p };
}

/** k-means++: each centre is a row drawn with a chance proportional to its squared distance to the nearest so far. */
function spread(points: Points, k: number, random: Random): Float64Array {
  const { values, n, p } = points;
  const centres = new Float64Array(k * p);
  const nearest = new Float64Array(n).fill(Infinity);
  let chosen = random.below(n);
  for (let c = 0; c < k; c++) {
    centres.set(values.subarray(chosen * p, (chosen + 1) * p), c * p);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const d = squaredDistance(values, i * p, centres, c * p, p);
      if (d < (nearest[i] as number)) nearest[i] = d;
      total += nearest[i] as number;
    }
    if (c === k - 1) break;
    if (!Number.isFinite(total)) throw tooLarge();
    if (total === 0) throw fewRows(k, c + 1);
    chosen = drawByWeight(nearest, random.double() * total);
  }
  return centres;
}

function drawByWeight(weights: Float64Array, target: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if ((weights[i] as number) === 0) continue;
    last = i;
    sum += weights[i] as number;
    if (sum > target) return i;
  }
  return last;
}

function assign(points: Points, centres: Float64Array): Int32Array {
  const { values, n, p } = points;
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let best = Infinity;
    for (let c = 0; c * p < centres.length; c++) {
      const d = squaredDistance(values, i * p, centres, c * p, p);
      if (d < best) {
        best = d;
        labels[i] = c;
      }
    }
  }
  return labels;
}

function fewRows(k: number, distinct: number): Error {
  return mlError("few-rows", {
    es: `Pides ${k} grupos, pero solo hay ${distinct} filas distintas.`,
    en: `You ask for ${k} clusters, but there are only ${distinct} distinct rows.`,
  });
}

function tooLarge(): Error {
  return mlError(
    "infinite-value",
    { es: "Las distancias no caben en un número.", en: "The distances do not fit in a number." },
    [{ es: "Escala antes las columnas.", en: "Scale the columns first." }],
  );
}
