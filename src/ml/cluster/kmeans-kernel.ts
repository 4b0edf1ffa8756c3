import type { Matrix } from "../data/matrix.ts";
import { arenaBytes, SharedArena } from "../threads/arena.ts";
import { sharedFloat64, sharedInt32 } from "../threads/shared.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import {
  blockRows,
  type DistanceArrays,
  type DistanceKernel,
  type DistanceScratch,
  distanceScratch,
  distanceScratchBytes,
} from "./distance-arrays.ts";
import { distanceKernel } from "./distance-kernel.ts";
import { settle, sumOfSquares } from "./nearest.ts";

/** The steps of a K-Means team. */
export const SPREAD = 0;
export const LOOK = 1;
export const ASSIGN = 2;
export const ASSIGN_MOVED = 3;
export const COST = 4;

/** Rows that are summed by themselves; the sums are added in the chunks' order, so threads do not change a bit. */
const CHUNK_ROWS = 8192;

/** What the threads of one fit share. */
export interface KMeansMemory extends DistanceArrays {
  readonly n: number;
  /** Σ x² of each row. */
  readonly rowSquares: Float64Array;
  readonly largestSquare: Float64Array;
  /** The centre that {@link SPREAD} adds. */
  readonly latest: Int32Array;
  /** For each chunk k × p sums and k counts; for SPREAD and COST one sum. */
  readonly sums: Float64Array;
  readonly totals: Float64Array;
  /** Each thread's. */
  readonly scratch: readonly DistanceScratch[];
}

export function kmeansMemory(matrix: Matrix, k: number, threads: number): KMeansMemory {
  const n = matrix.rowCount;
  const p = matrix.columns.length;
  const chunks = Math.ceil(n / CHUNK_ROWS);
  const quads = Math.ceil(k / 4);
  const lengths = {
    values: n * p,
    centres: k * p,
    quads: 4 * quads * p,
    centreSquares: 4 * quads,
    upper: n,
    lower: n,
    halfGaps: k,
    moved: k,
    othersMoved: k,
    sums: chunks * k * (p + 1),
  };
  const doubles = Object.values(lengths).reduce((bytes, length) => bytes + arenaBytes(8 * length), 0);
  const arena = new SharedArena(doubles + arenaBytes(4 * n) + threads * distanceScratchBytes(k));
  return {
    n,
    p,
    k,
    values: rowMajor(matrix, arena.float64(lengths.values)),
    centres: arena.float64(lengths.centres),
    quads: arena.float64(lengths.quads),
    centreSquares: arena.float64(lengths.centreSquares),
    upper: arena.float64(lengths.upper),
    lower: arena.float64(lengths.lower),
    halfGaps: arena.float64(lengths.halfGaps),
    moved: arena.float64(lengths.moved),
    othersMoved: arena.float64(lengths.othersMoved),
    sums: arena.float64(lengths.sums),
    labels: arena.int32(n),
    rowSquares: sharedFloat64(n),
    largestSquare: sharedFloat64(1),
    latest: sharedInt32(1),
    totals: sharedFloat64(chunks),
    scratch: Array.from({ length: threads }, () => distanceScratch(k, arena)),
  };
}

export function rowMajor<T extends Float64Array>(matrix: Matrix, out: T): T {
  const { columns, rowCount } = matrix;
  const p = columns.length;
  // Block by block: the rows that are written stay near while the columns pass, four at a time.
  for (let from = 0; from < rowCount; from += 512) {
    const to = Math.min(rowCount, from + 512);
    let j = 0;
    for (; j + 3 < p; j += 4) {
      const a = columns[j] as Float64Array;
      const b = columns[j + 1] as Float64Array;
      const c = columns[j + 2] as Float64Array;
      const d = columns[j + 3] as Float64Array;
      for (let i = from, at = from * p + j; i < to; i++, at += p) {
        out[at] = a[i] as number;
        out[at + 1] = b[i] as number;
        out[at + 2] = c[i] as number;
        out[at + 3] = d[i] as number;
      }
    }
    for (; j < p; j++) {
      const column = columns[j] as Float64Array;
      for (let i = from, at = from * p + j; i < to; i++, at += p) out[at] = column[i] as number;
    }
  }
  return out;
}

/** Each step goes over every thread-th chunk. */
export function kmeansKernel(memory: KMeansMemory, place: Place): Kernel {
  const chunks = memory.totals.length;
  const scratch = memory.scratch[place.thread] as DistanceScratch;
  const hands: Hands = { memory, scratch, kernel: distanceKernel(memory, scratch) };
  return {
    step: (operation) => {
      for (let chunk = place.thread; chunk < chunks; chunk += place.threads) {
        const start = chunk * CHUNK_ROWS;
        const end = Math.min(memory.n, start + CHUNK_ROWS);
        const latest = memory.latest[0] as number;
        if (operation === SPREAD)
          memory.totals[chunk] = hands.kernel.spread(start, end, latest, latest === 0);
        else if (operation === LOOK) lookChunk(hands, chunk, start, end);
        else if (operation === ASSIGN) assignChunk(hands, chunk, start, end, false);
        else if (operation === ASSIGN_MOVED) assignChunk(hands, chunk, start, end, true);
        else memory.totals[chunk] = hands.kernel.cost(start, end);
      }
    },
  };
}

/** What one thread works with. */
interface Hands {
  readonly memory: KMeansMemory;
  readonly scratch: DistanceScratch;
  readonly kernel: DistanceKernel;
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

/** A first assignment: every row looks at every centre. */
function lookChunk(hands: Hands, chunk: number, start: number, end: number): void {
  const { memory, scratch, kernel } = hands;
  const block = blockRows(memory.k);
  for (let from = start; from < end; from += block) {
    const count = Math.min(end - from, block);
    for (let i = 0; i < count; i++) {
      const row = from + i;
      scratch.list[i] = row;
      memory.rowSquares[row] = sumOfSquares(memory.values, row * memory.p, memory.p);
    }
    settleListed(hands, count, undefined);
  }
  kernel.add(start, end, sumsOf(memory, chunk).fill(0));
}

/**
 * One more assignment. A row whose upper bound lies below its lower bound keeps its centre without a look at the others
 * (Hamerly 2010). The sums are made anew, or, with `isMoved`, changed by the rows that change their cluster.
 */
function assignChunk(hands: Hands, chunk: number, start: number, end: number, isMoved: boolean): void {
  const { memory, kernel } = hands;
  const sums = sumsOf(memory, chunk);
  const block = blockRows(memory.k);
  for (let from = start; from < end; from += block)
    assignBlock(hands, from, Math.min(end, from + block), isMoved ? sums : undefined);
  if (!isMoved) kernel.add(start, end, sums.fill(0));
}

function assignBlock(hands: Hands, from: number, to: number, sums: Float64Array | undefined): void {
  const { kernel } = hands;
  const open = kernel.loosen(from, to);
  kernel.toOwn(open);
  settleListed(hands, kernel.tighten(open), sums);
}

/** The listed rows look at every centre. With `sums`, one that changes is taken away from the old one's and added to the new. */
function settleListed(hands: Hands, count: number, sums: Float64Array | undefined): void {
  const { memory, scratch, kernel } = hands;
  const { list, best, firsts, seconds } = scratch;
  kernel.toAll(count);
  kernel.choose(count);
  for (let i = 0; i < count; i++) {
    const row = list[i] as number;
    const before = memory.labels[row] as number;
    const chosen = {
      best: best[i] as number,
      first: firsts[i] as number,
      second: seconds[i] as number,
    };
    const label = settle(memory, row, chosen);
    if (sums === undefined || label === before) continue;
    addRow(memory, sums, row, before, -1);
    addRow(memory, sums, row, label, 1);
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
