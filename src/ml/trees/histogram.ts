import { BIN_STRIDE, type BinnedMatrix } from "./binning.ts";

/** Three sums a bin: gradient, hessian, rows. */
export const SLOTS = 3;
export const FEATURE_STRIDE = BIN_STRIDE * SLOTS;

/**
 * Gradient and hessian of each row, interleaved, as whole numbers. Sums of whole numbers below 2⁵³ are exact in
 * doubles, so they do not depend on the order of rows or on the number of threads.
 */
export type GradientPairs = Int32Array;

/** Adds the rows at `rows[start…end)` to the histograms of these features. The features' part of `into` is set to 0 first. */
export function buildHistograms(input: {
  readonly binned: BinnedMatrix;
  readonly pairs: GradientPairs;
  readonly rows: Int32Array;
  readonly start: number;
  readonly end: number;
  readonly features: ArrayLike<number>;
  readonly into: Float64Array;
  readonly ordered: Int32Array;
}): void {
  const { binned, pairs, rows, start, end, features, into, ordered } = input;
  // The pairs are gathered once a node; every feature then reads them in order.
  for (let i = start; i < end; i++) {
    const row = rows[i] as number;
    ordered[2 * i] = pairs[2 * row] as number;
    ordered[2 * i + 1] = pairs[2 * row + 1] as number;
  }
  for (let k = 0; k < features.length; k++) {
    const feature = features[k] as number;
    const base = feature * FEATURE_STRIDE;
    const column = binned.bins.subarray(feature * binned.rowCount, (feature + 1) * binned.rowCount);
    const histogram = into.subarray(base, base + FEATURE_STRIDE);
    histogram.fill(0);
    addFeature(column, rows, start, end, ordered, histogram);
  }
}

/** The hot loop of every tree; indices are in range by construction, so nothing is checked. */
function addFeature(
  column: Uint8Array,
  rows: Int32Array,
  start: number,
  end: number,
  ordered: Int32Array,
  histogram: Float64Array,
): void {
  for (let i = start; i < end; i++) {
    const at = (column[rows[i] as number] as number) * SLOTS;
    histogram[at] = (histogram[at] as number) + (ordered[2 * i] as number);
    histogram[at + 1] = (histogram[at + 1] as number) + (ordered[2 * i + 1] as number);
    histogram[at + 2] = (histogram[at + 2] as number) + 1;
  }
}

/** parent − child = sibling, in place of the parent. Exact, because the sums are whole numbers. */
export function subtractHistograms(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}
