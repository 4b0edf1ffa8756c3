import { type Matrix, requireFinite } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";

/** Sum of squared distances of each row to its cluster's centre. `centres`: k × p, row-major. */
export function wssse(matrix: Matrix, labels: ArrayLike<number>, centres: Float64Array): number {
  requireFinite(matrix);
  const p = matrix.columns.length;
  let sum = 0;
  matrix.columns.forEach((column, j) => {
    for (let i = 0; i < matrix.rowCount; i++) {
      const centre = centres[(labels[i] as number) * p + j];
      if (centre === undefined) throw new RangeError(`row ${i} has label ${labels[i]}, which has no centre`);
      sum += ((column[i] as number) - centre) ** 2;
    }
  });
  return sum;
}

/**
 * Mean silhouette with squared Euclidean distances, in −1…1, in O(n·k·p): Σ‖x−y‖² over a cluster is n‖x‖² + Σ‖y‖² − 2x·Σy.
 * The own cluster is corrected by n/(n−1) and a singleton scores 0. One cluster is an error.
 * Source: MLlib's ClusteringMetrics.scala; equals scikit-learn's silhouette_score(metric="sqeuclidean").
 */
export function silhouetteSquaredEuclidean(matrix: Matrix, labels: ArrayLike<number>): number {
  requireFinite(matrix);
  const { ids, k, sizes } = clustersOf(labels, matrix.rowCount);
  const p = matrix.columns.length;
  // Distances do not change when the origin moves to the mean, but the cancellation in the closed form shrinks.
  const centred = matrix.columns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / matrix.rowCount;
    return column.map((value) => value - mean);
  });
  const sums = new Float64Array(k * p);
  const squares = new Float64Array(k);
  for (let i = 0; i < matrix.rowCount; i++) {
    const c = ids[i] as number;
    for (let j = 0; j < p; j++) {
      const value = centred[j]?.[i] as number;
      sums[c * p + j] = (sums[c * p + j] as number) + value;
      squares[c] = (squares[c] as number) + value * value;
    }
  }
  const row = new Float64Array(p);
  let total = 0;
  for (let i = 0; i < matrix.rowCount; i++) {
    let norm = 0;
    for (let j = 0; j < p; j++) {
      const value = centred[j]?.[i] as number;
      row[j] = value;
      norm += value * value;
    }
    total += silhouetteOf(ids[i] as number, sizes, (c) => {
      let dot = 0;
      for (let j = 0; j < p; j++) dot += (row[j] as number) * (sums[c * p + j] as number);
      return Math.max(0, (sizes[c] as number) * norm + (squares[c] as number) - 2 * dot);
    });
  }
  return total / matrix.rowCount;
}

/** Mean silhouette by its definition (Rousseeuw 1987), O(n²·p): for small data and for proof. */
export function silhouetteByDefinition(
  matrix: Matrix,
  labels: ArrayLike<number>,
  metric: "euclidean" | "squared-euclidean",
): number {
  requireFinite(matrix);
  const { ids, k, sizes } = clustersOf(labels, matrix.rowCount);
  let total = 0;
  for (let i = 0; i < matrix.rowCount; i++) {
    const sums = new Float64Array(k);
    for (let other = 0; other < matrix.rowCount; other++) {
      let squared = 0;
      for (const column of matrix.columns)
        squared += ((column[i] as number) - (column[other] as number)) ** 2;
      const c = ids[other] as number;
      sums[c] = (sums[c] as number) + (metric === "euclidean" ? Math.sqrt(squared) : squared);
    }
    total += silhouetteOf(ids[i] as number, sizes, (c) => sums[c] as number);
  }
  return total / matrix.rowCount;
}

/**
 * The adjusted Rand index of two labellings (Hubert and Arabie 1985): 1 for the same partition, about 0 for chance.
 * Two partitions that are both trivial and equal score 1. Throws a RangeError without rows.
 */
export function adjustedRand(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} and ${b.length} labels`);
  const joint = new Map<string, number>();
  const inA = new Map<number, number>();
  const inB = new Map<number, number>();
  for (let i = 0; i < a.length; i++) {
    const key = `${a[i]},${b[i]}`;
    joint.set(key, (joint.get(key) ?? 0) + 1);
    inA.set(a[i] as number, (inA.get(a[i] as number) ?? 0) + 1);
    inB.set(b[i] as number, (inB.get(b[i] as number) ?? 0) + 1);
  }
  const pairs = (counts: Map<unknown, number>): number =>
    [...counts.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const together = pairs(joint);
  const pairsA = pairs(inA);
  const pairsB = pairs(inB);
  const all = (a.length * (a.length - 1)) / 2;
  const expected = all === 0 ? 0 : (pairsA * pairsB) / all;
  const highest = (pairsA + pairsB) / 2;
  return highest === expected ? 1 : (together - expected) / (highest - expected);
}

function silhouetteOf(own: number, sizes: Float64Array, sumTo: (cluster: number) => number): number {
  const ownSize = sizes[own] as number;
  if (ownSize === 1) return 0;
  const a = sumTo(own) / (ownSize - 1);
  let b = Infinity;
  for (let c = 0; c < sizes.length; c++) if (c !== own) b = Math.min(b, sumTo(c) / (sizes[c] as number));
  const larger = Math.max(a, b);
  return larger === 0 ? 0 : (b - a) / larger;
}

function clustersOf(labels: ArrayLike<number>, rowCount: number) {
  if (labels.length !== rowCount) throw new RangeError(`${labels.length} labels for ${rowCount} rows`);
  const index = new Map<number, number>();
  const ids = new Int32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const label = labels[i] as number;
    const id = index.get(label) ?? index.size;
    index.set(label, id);
    ids[i] = id;
  }
  if (index.size < 2) {
    throw mlError("one-cluster", {
      es: `La silueta necesita al menos dos grupos y hay ${index.size}.`,
      en: `The silhouette needs at least two clusters; there are ${index.size}.`,
    });
  }
  const sizes = new Float64Array(index.size);
  for (const id of ids) sizes[id] = (sizes[id] as number) + 1;
  return { ids, k: index.size, sizes };
}
