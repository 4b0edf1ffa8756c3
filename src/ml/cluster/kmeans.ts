import { throwIfCancelled } from "../../core/errors.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { type Feature, type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { requireSameFeatures } from "../data/same-features.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { requireNumbers } from "../linear/logistic.ts";
import { checkSetting, mlError } from "../ml-error.ts";
import { openTeam, type Team, threadsFor } from "../threads/team.ts";
import { moveCentres } from "./centres.ts";
import { squaredDistance } from "./distance.ts";
import {
  ASSIGN,
  ASSIGN_MOVED,
  COST,
  type KMeansMemory,
  kmeansKernel,
  kmeansMemory,
  LOOK,
  rowAtWeight,
  rowMajor,
  SPREAD,
} from "./kmeans-kernel.ts";
import { layCentres } from "./nearest.ts";

export interface KMeansOptions {
  readonly seed: number;
  readonly k: number;
  /** Iterations a start; default 20 (MLlib). */
  readonly maxIterations?: number;
  /** Converged when no centre moves further than this; default 1e-4 (MLlib). */
  readonly tolerance?: number;
  /** Starts by k-means++; the lowest WSSSE wins. Default 3: one start is not monotone in k. */
  readonly starts?: number;
  /** Threads at most; fewer where more would not pay. The model is the same for any. Default: the cores, up to 4. */
  readonly threads?: number;
  /** "mljs": the library ml-kmeans, as right as it can be made, for few rows (MLJS_LIMITS). Default "taller". */
  readonly engine?: "taller" | "mljs";
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
  if (options.engine === "mljs") {
    const { fitMljsKMeans } = await import("../mljs/kmeans.ts");
    return fitMljsKMeans(matrix, options, control);
  }
  requireRows(matrix);
  requireNumbers(matrix);
  requireFinite(matrix);
  throwIfCancelled(control.signal);
  const steps = 0.8 * starts * maxIterations * matrix.rowCount * matrix.columns.length * k;
  const threads = threadsFor(options.threads, steps);
  const memory = kmeansMemory(matrix, k, threads);
  const team = await openTeam({ kernel: "kmeans", input: memory, create: kmeansKernel }, threads);
  const fit: KMeansFit = { memory, team, maxIterations, tolerance, starts, control };
  let best: StartResult | undefined;
  try {
    for (let start = 0; start < starts; start++) {
      const result = await runStart(fit, start, seededRandom(options.seed, start));
      if (best === undefined || result.cost < best.cost) best = result;
    }
  } finally {
    await team.close();
  }
  control.onProgress?.({ done: starts * maxIterations, total: starts * maxIterations, loss: best?.cost });
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

interface KMeansFit {
  readonly memory: KMeansMemory;
  readonly team: Team;
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly starts: number;
  readonly control: FitControl;
}

/** Iterations from one whole summing to the next; in between, the rows that move are taken away here and added there. */
const WHOLE_EVERY = 4;

interface StartResult {
  readonly centres: Float64Array;
  readonly iterations: number;
  readonly isConverged: boolean;
  readonly cost: number;
}

async function runStart(fit: KMeansFit, start: number, random: Random): Promise<StartResult> {
  const { memory, team, maxIterations, tolerance, starts, control } = fit;
  spread(memory, team, random);
  layCentres(memory);
  let isConverged = false;
  let isNearEnd = false;
  let iterations = 0;
  while (iterations < maxIterations && !isConverged) {
    await breathe(control, { done: start * maxIterations + iterations, total: starts * maxIterations });
    const isWhole = iterations % WHOLE_EVERY === 0 || isNearEnd || iterations === maxIterations - 1;
    team.run(iterations === 0 ? LOOK : isWhole ? ASSIGN : ASSIGN_MOVED);
    // What has been added and taken away again leaves its last digits: the end is judged by sums made anew.
    isNearEnd = moveCentres(memory) <= tolerance;
    isConverged = isNearEnd && isWhole;
    iterations++;
  }
  team.run(COST);
  const cost = sumOf(memory.totals);
  if (!Number.isFinite(cost)) throw tooLarge();
  return { centres: Float64Array.from(memory.centres), iterations, isConverged, cost };
}

/** The nearest centre of each row; the first of those that tie. */
export function assignClusters(model: KMeansModel, matrix: Matrix): Int32Array {
  requireSameFeatures(model, matrix);
  requireFinite(matrix);
  const values = rowMajor(matrix, new Float64Array(matrix.rowCount * matrix.columns.length));
  return assign(values, matrix.columns.length, model.centres);
}

/** k-means++: each centre is a row drawn with a chance proportional to its squared distance to the nearest so far. */
function spread(memory: KMeansMemory, team: Team, random: Random): void {
  const { values, n, p, k, centres, latest, totals } = memory;
  let chosen = random.below(n);
  for (let c = 0; c < k; c++) {
    centres.set(values.subarray(chosen * p, (chosen + 1) * p), c * p);
    if (c === k - 1) break;
    latest[0] = c;
    team.run(SPREAD);
    const total = sumOf(totals);
    if (!Number.isFinite(total)) throw tooLarge();
    if (total === 0) throw hasOtherRow(memory, c + 1) ? tooSmall() : fewRows(k, c + 1);
    chosen = rowAtWeight(memory, random.double() * total);
  }
}

/** Whether a row equals none of the first centres: then its distance is 0 for want of bits. */
function hasOtherRow({ values, centres, n, p }: KMeansMemory, count: number): boolean {
  const equals = (row: number, centre: number): boolean => {
    for (let j = 0; j < p; j++) if (values[row * p + j] !== centres[centre * p + j]) return false;
    return true;
  };
  for (let row = 0; row < n; row++) {
    let centre = 0;
    while (centre < count && !equals(row, centre)) centre++;
    if (centre === count) return true;
  }
  return false;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function assign(values: Float64Array, p: number, centres: Float64Array): Int32Array {
  const n = values.length / p;
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

function tooSmall(): Error {
  return mlError(
    "tiny-distances",
    {
      es: "Las distancias son demasiado pequeñas para un número.",
      en: "The distances are too small for a number.",
    },
    [{ es: "Escala antes las columnas.", en: "Scale the columns first." }],
  );
}
