import { type Random, seededRandom } from "../../core/random.ts";
import { type Feature, type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { requireNumbers } from "../linear/logistic.ts";
import { wssse } from "../metrics/clustering.ts";
import { checkSetting, mlError } from "../ml-error.ts";

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

interface Points {
  /** n × p, row-major. */
  readonly values: Float64Array;
  readonly n: number;
  readonly p: number;
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

function squaredDistance(a: Float64Array, atA: number, b: Float64Array, atB: number, p: number): number {
  let sum = 0;
  for (let j = 0; j < p; j++) {
    const d = (a[atA + j] as number) - (b[atB + j] as number);
    sum += d * d;
  }
  return sum;
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

/** Lloyd's iterations; a row whose upper bound lies below its lower bound keeps its centre without a look at the others. */
class Lloyd {
  private readonly points: Points;
  private readonly centres: Float64Array;
  private readonly k: number;
  private readonly labels: Int32Array;
  private readonly upper: Float64Array;
  private readonly lower: Float64Array;
  private isFirst = true;

  constructor(points: Points, centres: Float64Array) {
    this.points = points;
    this.centres = centres;
    this.k = centres.length / points.p;
    this.labels = new Int32Array(points.n);
    this.upper = new Float64Array(points.n).fill(Infinity);
    this.lower = new Float64Array(points.n);
  }

  /** One assignment and one move; gives the largest distance that a centre has moved. */
  step(): number {
    const { values, n, p } = this.points;
    const { centres, k, labels, upper, lower } = this;
    const half = this.halfGaps();
    const sums = new Float64Array(k * p);
    const counts = new Float64Array(k);
    for (let i = 0; i < n; i++) {
      let label = labels[i] as number;
      const bound = Math.max(lower[i] as number, half[label] as number);
      if (this.isFirst || (upper[i] as number) > bound) {
        upper[i] = Math.sqrt(squaredDistance(values, i * p, centres, label * p, p));
        if (this.isFirst || (upper[i] as number) > bound) label = this.nearest(i);
      }
      counts[label] = (counts[label] as number) + 1;
      for (let j = 0; j < p; j++)
        sums[label * p + j] = (sums[label * p + j] as number) + (values[i * p + j] as number);
    }
    this.isFirst = false;
    return this.move(sums, counts);
  }

  private nearest(i: number): number {
    const { values, p } = this.points;
    let best = 0;
    let first = Infinity;
    let second = Infinity;
    for (let c = 0; c < this.k; c++) {
      const d = squaredDistance(values, i * p, this.centres, c * p, p);
      if (d < first) {
        second = first;
        first = d;
        best = c;
      } else if (d < second) second = d;
    }
    this.labels[i] = best;
    this.upper[i] = Math.sqrt(first);
    this.lower[i] = Math.sqrt(second);
    return best;
  }

  private move(sums: Float64Array, counts: Float64Array): number {
    const { centres, k, labels, upper, lower } = this;
    const { n, p } = this.points;
    const moved = new Float64Array(k);
    let most = 0;
    let farthest = -1;
    let runnerUp = 0;
    for (let c = 0; c < k; c++) {
      const count = counts[c] as number;
      if (count === 0) continue;
      let squared = 0;
      for (let j = 0; j < p; j++) {
        const next = (sums[c * p + j] as number) / count;
        squared += (next - (centres[c * p + j] as number)) ** 2;
        centres[c * p + j] = next;
      }
      const distance = Math.sqrt(squared);
      moved[c] = distance;
      if (distance > most) {
        runnerUp = most;
        most = distance;
        farthest = c;
      } else if (distance > runnerUp) runnerUp = distance;
    }
    for (let i = 0; i < n; i++) {
      const label = labels[i] as number;
      upper[i] = (upper[i] as number) + (moved[label] as number);
      lower[i] = (lower[i] as number) - (label === farthest ? runnerUp : most);
    }
    return most;
  }

  /** Half of the distance from each centre to the nearest other one. */
  private halfGaps(): Float64Array {
    const { centres, k } = this;
    const { p } = this.points;
    const gaps = new Float64Array(k).fill(Infinity);
    for (let a = 0; a < k; a++) {
      for (let b = a + 1; b < k; b++) {
        const gap = Math.sqrt(squaredDistance(centres, a * p, centres, b * p, p)) / 2;
        gaps[a] = Math.min(gaps[a] as number, gap);
        gaps[b] = Math.min(gaps[b] as number, gap);
      }
    }
    return gaps;
  }
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
