import { fastExp } from "../exp.ts";
import type { SharedArena } from "../threads/arena.ts";
import { sharedFloat64, sharedInt32, sharedUint8 } from "../threads/shared.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import type { BinnedMatrix } from "./binning.ts";
import { COUNT_UNIT, FEATURE_STRIDE } from "./histogram.ts";
import { type RowScratch, rowScratch } from "./row-kernel.ts";
import { type DivisionBoard, divideOnBoard, RowHands, sumOnBoard } from "./row-work.ts";

/** The steps of a boosting team. */
export const NEXT_TREE = 0;
export const SUM = 1;
export const DIVIDE = 2;

/** Units in 1 of gradients and hessians, powers of two: on this grid sums are exact. */
export interface Grid {
  readonly gradient: number;
  readonly hessian: number;
}

/** What the threads of one fit share. */
export interface BoostingMemory {
  readonly binned: BinnedMatrix;
  readonly labels: Uint8Array;
  /** Log-odds of every row. */
  readonly raw: Float64Array;
  readonly pairs: Float64Array;
  /** The training rows, ascending, and the same as the tree divides them. */
  readonly train: Int32Array;
  readonly rows: Int32Array;
  /** Part p owns the positions from `bounds[p]` to below `bounds[p + 1]`. */
  readonly bounds: Int32Array;
  readonly weight: number;
  readonly grid: Grid;
  /** Leaves of the last tree: their number in `leafCount[0]`, their ranges (two entries a part) and values. */
  readonly leafCount: Int32Array;
  readonly leafRanges: Int32Array;
  readonly leafValues: Float64Array;
  /** Σ gradient, Σ hessian of each part. */
  readonly sums: Float64Array;
  readonly board: DivisionBoard;
  /** Each thread's. */
  readonly scratch: readonly RowScratch[];
}

/** The memory of a fit; `raw` starts at `base`. */
export function boostingMemory(from: {
  readonly arena: SharedArena;
  readonly binned: BinnedMatrix;
  readonly labels: ArrayLike<number>;
  readonly train: Int32Array;
  readonly base: number;
  readonly weight: number;
  readonly maxDepth: number;
  readonly threads: number;
}): BoostingMemory {
  const { arena, binned, train, threads, weight } = from;
  const n = binned.rowCount;
  const labels = sharedUint8(n);
  labels.set(from.labels);
  const kept = sharedInt32(train.length);
  kept.set(train);
  const bounds = sharedInt32(threads + 1);
  for (let p = 0; p <= threads; p++) bounds[p] = Math.floor((p * train.length) / threads);
  const leaves = Math.min(2 ** from.maxDepth, train.length);
  const pairs = arena.float64(2 * n);
  const rows = arena.int32(train.length);
  const longest = Math.ceil(train.length / threads);
  return {
    binned,
    labels,
    raw: sharedFloat64(n).fill(from.base),
    pairs,
    train: kept,
    rows,
    bounds,
    weight,
    grid: gridOf(n, Math.max(1, weight)),
    leafCount: sharedInt32(1),
    leafRanges: sharedInt32(2 * threads * leaves),
    leafValues: sharedFloat64(leaves),
    sums: sharedFloat64(2 * threads),
    board: {
      task: sharedInt32(2),
      ranges: sharedInt32(2 * threads),
      middles: sharedInt32(threads),
      isLeft: sharedUint8(256),
      partials: Array.from({ length: threads - 1 }, () =>
        sharedFloat64(binned.binCounts.length * FEATURE_STRIDE),
      ),
    },
    scratch: Array.from({ length: threads }, () => rowScratch(longest, arena)),
  };
}

/**
 * Σ|gradient| ≤ 2⁵² over all rows, and Σ(hessian × COUNT_UNIT) ≤ 2⁵² over a block of rows; the hessian is a quarter of
 * the weight at most.
 */
function gridOf(rowCount: number, largestWeight: number): Grid {
  const bits = Math.ceil(Math.log2(largestWeight));
  return {
    gradient: 2 ** Math.min(40, 52 - Math.ceil(Math.log2(rowCount)) - bits),
    hessian: 2 ** (25 - bits),
  };
}

/** Each thread owns a part of the training rows: their log-odds, gradients, order and sums. */
export function boostingKernel(memory: BoostingMemory, place: Place): Kernel & { readonly hands: RowHands } {
  const { binned, pairs, rows, bounds, board } = memory;
  const part = place.thread;
  const hands = new RowHands(binned, pairs, rows, memory.scratch[part] as RowScratch);
  const partial = board.partials[part - 1] ?? new Float64Array(0);
  return {
    hands,
    step: (operation) => {
      switch (operation) {
        case NEXT_TREE: {
          addLeaves(memory, part);
          setPairs(memory, part, bounds[part] as number, bounds[part + 1] as number);
          break;
        }
        case SUM:
          sumOnBoard(hands, board, part, partial.fill(0));
          break;
        case DIVIDE:
          divideOnBoard(hands, board, part, partial.fill(0));
          break;
      }
    },
  };
}

/** Adds the last tree's leaves to the log-odds. */
export function addLeaves(memory: BoostingMemory, part: number): void {
  const { rows, raw, leafCount, leafRanges, leafValues, bounds } = memory;
  const stride = 2 * (bounds.length - 1);
  for (let leaf = 0; leaf < (leafCount[0] as number); leaf++) {
    const at = leaf * stride + 2 * part;
    addValue(
      rows.subarray(leafRanges[at] as number, leafRanges[at + 1] as number),
      raw,
      leafValues[leaf] as number,
    );
  }
}

function addValue(rows: Int32Array, raw: Float64Array, value: number): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    raw[row] = (raw[row] as number) + value;
  }
}

/** Gradients and hessians of the logistic loss for the part's rows, which are laid in order again. */
function setPairs(memory: BoostingMemory, part: number, start: number, end: number): void {
  const { raw, labels, pairs, train, rows, weight, grid, sums } = memory;
  let gradients = 0;
  let hessians = 0;
  for (let i = start; i < end; i++) {
    const row = train[i] as number;
    rows[i] = row;
    const label = labels[row] as number;
    const p = 1 / (1 + fastExp(-(raw[row] as number)));
    const unit = label === 1 ? weight : 1;
    const gradient = Math.floor((p - label) * unit * grid.gradient + 0.5);
    const hessian = Math.floor(p * (1 - p) * unit * grid.hessian + 0.5);
    gradients += gradient;
    hessians += hessian;
    pairs[2 * row] = gradient;
    pairs[2 * row + 1] = hessian * COUNT_UNIT + 1;
  }
  sums[2 * part] = gradients;
  sums[2 * part + 1] = hessians;
}
