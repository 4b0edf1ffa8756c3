import type { Matrix } from "../data/matrix.ts";
import { sharedFloat64, sharedInt32 } from "../threads/shared.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import { squaredDistance } from "./distance.ts";
import { nearest, sumOfSquares } from "./nearest.ts";

/** The steps of a K-Means team. */
export const SPREAD = 0;
export const LOOK = 1;
export const ASSIGN = 2;
export const ASSIGN_MOVED = 3;
export const COST = 4;

/** Rows that are summed by themselves; the sums are added in the chunks' order, so threads do not change a bit. */
const CHUNK_ROWS = 8192;

/** What the threads of one fit share. */
export interface KMeansMemory {
  readonly n: number;
  readonly p: number;
  readonly k: number;
  /** n × p, row-major. */
  readonly values: Float64Array;
  /** Σ x² of each row. */
  readonly rowSquares: Float64Array;
  /** k × p, row-major. */
  readonly centres: Float64Array;
  /** The same for {@link nearest}: four centres side by side, p × 4 values; filled up with zeros. */
  readonly quads: Float64Array;
  readonly centreSquares: Float64Array;
  readonly largestSquare: Float64Array;
  readonly labels: Int32Array;
  /** Hamerly's bounds: the distance to the own centre is at most `upper`, to every other one at least `lower`. */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  /** Of each centre: half of the distance to the nearest other one, how far it has moved, how far the others have at most. */
  readonly halfGaps: Float64Array;
  readonly moved: Float64Array;
  readonly othersMoved: Float64Array;
  /** The centre that {@link SPREAD} adds. */
  readonly latest: Int32Array;
  /** For each chunk k × p sums and k counts; for SPREAD and COST one sum. */
  readonly sums: Float64Array;
  readonly totals: Float64Array;
}

export function kmeansMemory(matrix: Matrix, k: number): KMeansMemory {
  const n = matrix.rowCount;
  const p = matrix.columns.length;
  const chunks = Math.ceil(n / CHUNK_ROWS);
  const quads = Math.ceil(k / 4);
  return {
    n,
    p,
    k,
    values: rowMajor(matrix, sharedFloat64(n * p)),
    rowSquares: sharedFloat64(n),
    centres: sharedFloat64(k * p),
    quads: sharedFloat64(4 * quads * p),
    centreSquares: sharedFloat64(4 * quads),
    largestSquare: sharedFloat64(1),
    labels: sharedInt32(n),
    upper: sharedFloat64(n),
    lower: sharedFloat64(n),
    halfGaps: sharedFloat64(k),
    moved: sharedFloat64(k),
    othersMoved: sharedFloat64(k),
    latest: sharedInt32(1),
    sums: sharedFloat64(chunks * k * (p + 1)),
    totals: sharedFloat64(chunks),
  };
}

export function rowMajor<T extends Float64Array>(matrix: Matrix, out: T): T {
  const p = matrix.columns.length;
  // Block by block: the rows that are written stay near while the columns pass.
  for (let from = 0; from < matrix.rowCount; from += 512) {
    const to = Math.min(matrix.rowCount, from + 512);
    for (let j = 0; j < p; j++) {
      const column = matrix.columns[j] as Float64Array;
      for (let i = from, at = from * p + j; i < to; i++, at += p) out[at] = column[i] as number;
    }
  }
  return out;
}

/** Each step goes over every thread-th chunk. */
export function kmeansKernel(memory: KMeansMemory, place: Place): Kernel {
  const chunks = memory.totals.length;
  return {
    step: (operation) => {
      for (let chunk = place.thread; chunk < chunks; chunk += place.threads) {
        const start = chunk * CHUNK_ROWS;
        const end = Math.min(memory.n, start + CHUNK_ROWS);
        if (operation === SPREAD) memory.totals[chunk] = spreadChunk(memory, start, end);
        else if (operation === LOOK) lookChunk(memory, chunk, start, end);
        else if (operation === ASSIGN) assignChunk(memory, chunk, start, end, false);
        else if (operation === ASSIGN_MOVED) assignChunk(memory, chunk, start, end, true);
        else memory.totals[chunk] = costOf(memory, start, end);
      }
    },
  };
}

/** The row at which the running sum of `upper` passes `target`: chunk by chunk, then row by row. Never one of weight 0. */
export function rowAtWeight(memory: KMeansMemory, target: number): number {
  const { totals, upper, n } = memory;
  let sum = 0;
  let chunk = 0;
  while (chunk < totals.length - 1 && sum + (totals[chunk] as number) <= target) {
    sum += totals[chunk] as number;
    chunk++;
  }
  for (let i = chunk * CHUNK_ROWS; i < n; i++) {
    sum += upper[i] as number;
    if (sum > target) return i;
  }
  // The sums by chunk and by row differ in their last digits: then it is the last row that has a weight.
  let last = n - 1;
  while (last > 0 && upper[last] === 0) last--;
  return last;
}

/** `upper` holds the squared distance to the nearest centre so far; gives its sum with the latest centre. */
function spreadChunk(memory: KMeansMemory, start: number, end: number): number {
  const { values, p, centres, upper } = memory;
  const centre = memory.latest[0] as number;
  const isFirst = centre === 0;
  let total = 0;
  for (let i = start; i < end; i++) {
    const d = squaredDistance(values, i * p, centres, centre * p, p);
    if (isFirst || d < (upper[i] as number)) upper[i] = d;
    total += upper[i] as number;
  }
  return total;
}

/** A first assignment: every row looks at every centre. */
function lookChunk(memory: KMeansMemory, chunk: number, start: number, end: number): void {
  const scratch = new Float64Array(memory.centreSquares.length);
  const sums = sumsOf(memory, chunk).fill(0);
  for (let i = start; i < end; i++) {
    memory.rowSquares[i] = sumOfSquares(memory.values, i * memory.p, memory.p);
    addRow(memory, sums, i, nearest(memory, i, scratch), 1);
  }
}

/**
 * One more assignment. A row whose upper bound lies below its lower bound keeps its centre without a look at the others
 * (Hamerly 2010). The sums are made anew, or, with `isMoved`, changed by the rows that change their cluster.
 */
function assignChunk(
  memory: KMeansMemory,
  chunk: number,
  start: number,
  end: number,
  isMoved: boolean,
): void {
  const { values, p, centres, labels, upper, lower, halfGaps, moved, othersMoved } = memory;
  const scratch = new Float64Array(memory.centreSquares.length);
  const sums = sumsOf(memory, chunk);
  if (!isMoved) sums.fill(0);
  for (let i = start; i < end; i++) {
    const before = labels[i] as number;
    const floor = (lower[i] as number) - (othersMoved[before] as number);
    const bound = Math.max(floor, halfGaps[before] as number);
    let ceiling = (upper[i] as number) + (moved[before] as number);
    if (ceiling > bound) ceiling = Math.sqrt(squaredDistance(values, i * p, centres, before * p, p));
    lower[i] = floor;
    upper[i] = ceiling;
    const label = ceiling <= bound ? before : nearest(memory, i, scratch);
    if (!isMoved) addRow(memory, sums, i, label, 1);
    else if (label !== before) {
      addRow(memory, sums, i, before, -1);
      addRow(memory, sums, i, label, 1);
    }
  }
}

function sumsOf({ sums, k, p }: KMeansMemory, chunk: number): Float64Array {
  return sums.subarray(chunk * k * (p + 1), (chunk + 1) * k * (p + 1));
}

function addRow(
  { values, k, p }: KMeansMemory,
  sums: Float64Array,
  i: number,
  label: number,
  sign: number,
): void {
  const at = label * p;
  const row = i * p;
  for (let j = 0; j < p; j++) sums[at + j] = (sums[at + j] as number) + sign * (values[row + j] as number);
  sums[k * p + label] = (sums[k * p + label] as number) + sign;
}

/** Σ of the squared distances to the nearest centre. */
function costOf(memory: KMeansMemory, start: number, end: number): number {
  const { values, p, k, centres } = memory;
  let cost = 0;
  for (let i = start; i < end; i++) {
    let first = Infinity;
    for (let c = 0; c < k; c++) first = Math.min(first, squaredDistance(values, i * p, centres, c * p, p));
    cost += first;
  }
  return cost;
}
