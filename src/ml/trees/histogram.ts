import { BIN_STRIDE, type BinnedMatrix, LANES } from "./binning.ts";
import { BLOCK_ROWS, type RowKernel } from "./row-kernel.ts";

/** Three sums a bin: gradient, hessian, rows. */
export const SLOTS = 3;
export const FEATURE_STRIDE = BIN_STRIDE * SLOTS;

/**
 * Two doubles a row: the gradient, and hessian × {@link COUNT_UNIT} + 1. Both are whole numbers. Sums of whole numbers
 * below 2⁵³ are exact in doubles, so they do not depend on the order of rows or on the number of threads.
 */
export type GradientPairs = Float64Array;

/** Hessians are counted in units above this, rows below it. */
export const COUNT_UNIT = 32_768;

/** Sums rows into histograms: for each bin gradient, hessian and rows. One for each thread, on its own kernel. */
export class HistogramSummer {
  private readonly binned: BinnedMatrix;
  private readonly kernel: RowKernel;

  constructor(binned: BinnedMatrix, kernel: RowKernel) {
    this.binned = binned;
    this.kernel = kernel;
  }

  /** All features over rows[start…end), added to `into`. */
  addAll(rows: Int32Array, start: number, end: number, into: Float64Array): void {
    const { kernel } = this;
    const { binCounts } = this.binned;
    for (let from = start; from < end; from += BLOCK_ROWS) {
      const count = Math.min(end - from, BLOCK_ROWS);
      // The pairs are gathered once a block; every feature then reads them in order.
      kernel.gather(rows, from, count);
      for (let first = 0; first < binCounts.length; first += LANES) {
        kernel.packed.fill(0);
        kernel.addFour(first / LANES, rows, from, count);
        for (let lane = 0; lane < LANES && first + lane < binCounts.length; lane++)
          this.unpack(lane, first + lane, into);
      }
    }
  }

  /** These features over rows[start…end), added to `into`. */
  addSome(
    rows: Int32Array,
    start: number,
    end: number,
    features: ArrayLike<number>,
    into: Float64Array,
  ): void {
    const { kernel } = this;
    for (let from = start; from < end; from += BLOCK_ROWS) {
      const count = Math.min(end - from, BLOCK_ROWS);
      kernel.gather(rows, from, count);
      for (let k = 0; k < features.length; k++) {
        const feature = features[k] as number;
        kernel.packed.fill(0, 0, 2 * BIN_STRIDE);
        kernel.addOne(feature, rows, from, count);
        this.unpack(0, feature, into);
      }
    }
  }

  private unpack(lane: number, feature: number, into: Float64Array): void {
    const { packed } = this.kernel;
    const bins = this.binned.binCounts[feature] as number;
    let to = feature * FEATURE_STRIDE;
    let from = lane * BIN_STRIDE * 2;
    for (let bin = 0; bin < bins; bin++, to += SLOTS, from += 2) {
      const both = packed[from + 1] as number;
      if (both === 0) continue;
      const hessian = Math.floor(both / COUNT_UNIT);
      into[to] = (into[to] as number) + (packed[from] as number);
      into[to + 1] = (into[to + 1] as number) + hessian;
      into[to + 2] = (into[to + 2] as number) + (both - hessian * COUNT_UNIT);
    }
  }
}

/** parent − child = sibling, in place of the parent. Exact, because the sums are whole numbers. */
export function subtractHistograms(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}

export function addHistograms(into: Float64Array, part: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (part[i] as number);
}
