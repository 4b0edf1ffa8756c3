import { BIN_STRIDE, type BinnedMatrix, LANES } from "./binning.ts";

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
/** Rows that are summed before hessians and counts are taken apart: fewer than {@link COUNT_UNIT}. */
export const BLOCK_ROWS = 16_384;

/** Sums rows into histograms: for each bin gradient, hessian and rows. One for each thread, which owns its buffers. */
export class HistogramSummer {
  private readonly binned: BinnedMatrix;
  private readonly pairs: GradientPairs;
  private readonly ordered = new Float64Array(2 * BLOCK_ROWS);
  private readonly packed = new Float64Array(LANES * BIN_STRIDE * 2);

  constructor(binned: BinnedMatrix, pairs: GradientPairs) {
    this.binned = binned;
    this.pairs = pairs;
  }

  /** All features over rows[start…end), added to `into`. */
  addAll(rows: Int32Array, start: number, end: number, into: Float64Array): void {
    const { words, rowCount, binCounts } = this.binned;
    for (let from = start; from < end; from += BLOCK_ROWS) {
      const block = rows.subarray(from, Math.min(end, from + BLOCK_ROWS));
      this.gather(block);
      for (let first = 0; first < binCounts.length; first += LANES) {
        const group = first / LANES;
        this.packed.fill(0);
        addFour(words.subarray(group * rowCount, (group + 1) * rowCount), block, this.ordered, this.packed);
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
    const { words, rowCount } = this.binned;
    for (let from = start; from < end; from += BLOCK_ROWS) {
      const block = rows.subarray(from, Math.min(end, from + BLOCK_ROWS));
      this.gather(block);
      for (let k = 0; k < features.length; k++) {
        const feature = features[k] as number;
        const group = Math.floor(feature / LANES);
        this.packed.fill(0, 0, 2 * BIN_STRIDE);
        const shift = 8 * (feature % LANES);
        const column = words.subarray(group * rowCount, (group + 1) * rowCount);
        addOne(column, shift, block, this.ordered, this.packed);
        this.unpack(0, feature, into);
      }
    }
  }

  /** The pairs are gathered once a block; every feature then reads them in order. */
  private gather(rows: Int32Array): void {
    const { pairs, ordered } = this;
    for (let i = 0; i < rows.length; i++) {
      const at = (rows[i] as number) << 1;
      ordered[i << 1] = pairs[at] as number;
      ordered[(i << 1) + 1] = pairs[at + 1] as number;
    }
  }

  private unpack(lane: number, feature: number, into: Float64Array): void {
    const { packed } = this;
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

/**
 * The hot loop of boosting: one word of four bins, one pair, eight sums. Measured on 500,000 rows × 16: 1.15 ns a bin,
 * 2.5 ns when each feature has a loop of its own over three sums.
 */
function addFour(words: Int32Array, rows: Int32Array, ordered: Float64Array, sums: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    const word = words[rows[i] as number] as number;
    const gradient = ordered[i << 1] as number;
    const both = ordered[(i << 1) + 1] as number;
    const a = (word & 255) << 1;
    const b = 512 | ((word >>> 7) & 510);
    const c = 1024 | ((word >>> 15) & 510);
    const d = 1536 | ((word >>> 23) & 510);
    sums[a] = (sums[a] as number) + gradient;
    sums[a + 1] = (sums[a + 1] as number) + both;
    sums[b] = (sums[b] as number) + gradient;
    sums[b + 1] = (sums[b + 1] as number) + both;
    sums[c] = (sums[c] as number) + gradient;
    sums[c + 1] = (sums[c + 1] as number) + both;
    sums[d] = (sums[d] as number) + gradient;
    sums[d + 1] = (sums[d + 1] as number) + both;
  }
}

function addOne(
  words: Int32Array,
  shift: number,
  rows: Int32Array,
  ordered: Float64Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = (((words[rows[i] as number] as number) >>> shift) & 255) << 1;
    sums[at] = (sums[at] as number) + (ordered[i << 1] as number);
    sums[at + 1] = (sums[at + 1] as number) + (ordered[(i << 1) + 1] as number);
  }
}

/** parent − child = sibling, in place of the parent. Exact, because the sums are whole numbers. */
export function subtractHistograms(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}

export function addHistograms(into: Float64Array, part: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (part[i] as number);
}
