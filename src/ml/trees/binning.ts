import { seededRandom } from "../../core/random.ts";
import type { Feature, Matrix } from "../data/matrix.ts";

/** The bin of a missing value, in every feature; values have the bins from 1. */
export const MISSING_BIN = 0;
/** Bins a feature: one for missing values and at most 255 for the rest. */
export const BIN_STRIDE = 256;

/** How a feature's values become bins. */
export type FeatureBins =
  /** Bin b ≥ 1 holds the values in (thresholds[b−2], thresholds[b−1]]; the last bin is open above. */
  | { readonly kind: "number"; readonly thresholds: Float64Array }
  /** The frequent categories have a bin each; the others share the last one. */
  | { readonly kind: "category"; readonly binOfCode: Uint8Array };

/** `bins[j × n + i]`: n rows × p features, column-major. `binCounts[j]`: the highest bin + 1. */
export interface BinnedMatrix {
  readonly bins: Uint8Array;
  readonly rowCount: number;
  readonly features: readonly FeatureBins[];
  readonly binCounts: Int32Array;
}

/** Thresholds from quantiles of the rows, or of 200,000 of them drawn by the seed when there are more. */
export function binMatrix(matrix: Matrix, maxBins: number, seed: number): BinnedMatrix {
  const n = matrix.rowCount;
  // Shared memory, so that worker threads read it where it lies.
  const bins = new Uint8Array(new SharedArrayBuffer(n * matrix.columns.length));
  const binCounts = new Int32Array(matrix.columns.length);
  const features = matrix.columns.map((column, j): FeatureBins => {
    const feature = matrix.features[j] as Feature;
    const out = bins.subarray(j * n, (j + 1) * n);
    if (feature.kind === "category") {
      const binOfCode = frequentCategories(column, feature.dictionary?.length ?? 0, maxBins);
      for (let i = 0; i < n; i++) out[i] = categoryBin(binOfCode, column[i] as number);
      binCounts[j] = binOfCode.reduce((most, bin) => Math.max(most, bin), 0) + 1;
      return { kind: "category", binOfCode };
    }
    const thresholds = thresholdsOf(sampleOf(column, seed, j), maxBins);
    for (let i = 0; i < n; i++) out[i] = numberBin(thresholds, column[i] as number);
    binCounts[j] = thresholds.length + 2;
    return { kind: "number", thresholds };
  });
  return { bins, rowCount: n, features, binCounts };
}

/** 0 for NaN, else 1 + the number of thresholds below the value. */
export function numberBin(thresholds: Float64Array, value: number): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** A missing value and a code that the fit has not seen have bin 0. */
export function categoryBin(binOfCode: Uint8Array, code: number): number {
  return code >= 0 && code < binOfCode.length ? (binOfCode[code] as number) : MISSING_BIN;
}

/** Halfway between neighbours where there are few values, at quantiles where there are many. */
function thresholdsOf(sample: Float64Array, maxBins: number): Float64Array {
  const sorted = sample.sort();
  const starts: number[] = [];
  for (let i = 1; i < sorted.length && starts.length < maxBins; i++)
    if (sorted[i] !== sorted[i - 1]) starts.push(i);
  if (starts.length >= maxBins) {
    starts.length = 0;
    for (let k = 1; k < maxBins; k++) {
      let at = Math.floor((k * sorted.length) / maxBins);
      // The cut lies where the value changes: at the first of the run that the quantile falls into.
      while (at > 0 && sorted[at] === sorted[at - 1]) at--;
      if (at > 0 && at !== starts.at(-1)) starts.push(at);
    }
  }
  return Float64Array.from(starts, (i) => middleOf(sorted[i - 1] as number, sorted[i] as number));
}

/** A threshold t with lower ≤ t < upper, halfway where doubles allow it. */
function middleOf(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle >= lower && middle < upper ? middle : lower;
}

const SAMPLE_ROWS = 200_000;

function sampleOf(column: Float64Array, seed: number, feature: number): Float64Array {
  const present = column.filter((value) => !Number.isNaN(value));
  if (present.length <= SAMPLE_ROWS) return present;
  const random = seededRandom(seed, feature);
  return Float64Array.from({ length: SAMPLE_ROWS }, () => present[random.below(present.length)] as number);
}

function frequentCategories(column: Float64Array, size: number, maxBins: number): Uint8Array {
  const counts = new Float64Array(size);
  for (const code of column) if (code >= 0) counts[code] = (counts[code] as number) + 1;
  const byCount = Array.from(counts.keys()).sort(
    (a, b) => (counts[b] as number) - (counts[a] as number) || a - b,
  );
  const binOfCode = new Uint8Array(size);
  byCount.forEach((code, rank) => {
    binOfCode[code] = Math.min(rank + 1, maxBins);
  });
  return binOfCode;
}
