import { seededRandom } from "../../core/random.ts";
import type { Feature, Matrix } from "../data/matrix.ts";
import { SharedArena } from "../threads/arena.ts";
import { sortDoubles } from "./sort-doubles.ts";

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

/** Features whose bins share a word. */
export const LANES = 4;

/**
 * `words[g × n + i]` holds the bins of row i in features 4g…4g+3, the first of them in the lowest byte: one load gives
 * four bins. `binCounts[j]`: the highest bin + 1. The words lie in shared memory.
 */
export interface BinnedMatrix {
  readonly words: Int32Array;
  readonly rowCount: number;
  readonly features: readonly FeatureBins[];
  readonly binCounts: Int32Array;
}

/**
 * Thresholds from quantiles of the rows, or of 200,000 of them drawn by the seed when there are more. The words are laid
 * into `arena`.
 */
export function binMatrix(
  matrix: Matrix,
  maxBins: number,
  seed: number,
  arena: SharedArena = new SharedArena(0),
): BinnedMatrix {
  const n = matrix.rowCount;
  const words = arena.int32(n * Math.ceil(matrix.columns.length / LANES));
  const binCounts = new Int32Array(matrix.columns.length);
  const sample = sampleRows(n, seed);
  const features = matrix.columns.map((column, j): FeatureBins => {
    const feature = matrix.features[j] as Feature;
    const group = Math.floor(j / LANES);
    const out = words.subarray(group * n, (group + 1) * n);
    const shift = 8 * (j % LANES);
    if (feature.kind === "category") {
      const binOfCode = frequentCategories(column, feature.dictionary?.length ?? 0, maxBins);
      for (let i = 0; i < n; i++)
        out[i] = (out[i] as number) | (categoryBin(binOfCode, column[i] as number) << shift);
      binCounts[j] = binOfCode.reduce((most, bin) => Math.max(most, bin), 0) + 1;
      return { kind: "category", binOfCode };
    }
    const thresholds = thresholdsOf(sampleOf(column, sample), maxBins);
    new NumberBins(thresholds).write(column, out, shift);
    binCounts[j] = thresholds.length + 2;
    return { kind: "number", thresholds };
  });
  return { words, rowCount: n, features, binCounts };
}

/** The bin of one row in one feature. */
export function binAt(binned: BinnedMatrix, feature: number, row: number): number {
  const word = binned.words[Math.floor(feature / LANES) * binned.rowCount + row] as number;
  return (word >>> (8 * (feature % LANES))) & 255;
}

/** 0 for NaN, else 1 + the number of thresholds below the value. */
export function numberBin(thresholds: Float64Array, value: number): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  return below(thresholds, value, 0, thresholds.length) + 1;
}

/** How many thresholds lie below the value, known to be from `low` to `high`. */
function below(thresholds: Float64Array, value: number, low: number, high: number): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (value <= (thresholds[middle] as number)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Cells of equal width over the thresholds' range: most of them hold one threshold or none, so few steps are left. */
const CELLS = 2048;

class NumberBins {
  private readonly thresholds: Float64Array;
  private readonly lowest: number;
  private readonly perUnit: number;
  /** `starts[c]`: thresholds that every value of cell c exceeds; `starts[c + 1]` at most are below one. */
  private readonly starts = new Int32Array(CELLS + 1);

  constructor(thresholds: Float64Array) {
    this.thresholds = thresholds;
    this.lowest = thresholds[0] ?? 0;
    const range = (thresholds.at(-1) ?? 0) - this.lowest;
    const perUnit = CELLS / range;
    // Neither an infinite range nor one that is too small to be divided: then every value lies in the first cell.
    this.perUnit = Number.isFinite(range) && Number.isFinite(perUnit) ? perUnit : 0;
    for (const threshold of thresholds) {
      const cell = this.cellOf(threshold);
      this.starts[cell + 1] = (this.starts[cell + 1] as number) + 1;
    }
    for (let cell = 0; cell < CELLS; cell++)
      this.starts[cell + 1] = (this.starts[cell + 1] as number) + (this.starts[cell] as number);
  }

  write(column: Float64Array, out: Int32Array, shift: number): void {
    const { thresholds, starts } = this;
    for (let i = 0; i < column.length; i++) {
      const value = column[i] as number;
      if (Number.isNaN(value)) continue;
      const cell = this.cellOf(value);
      const low = starts[cell] as number;
      const high = starts[cell + 1] as number;
      const bin = 1 + (low === high ? low : below(thresholds, value, low, high));
      out[i] = (out[i] as number) | (bin << shift);
    }
  }

  /** Does not fall when the value grows, so a threshold of a lower cell is below every value of a higher one. */
  private cellOf(value: number): number {
    const place = (value - this.lowest) * this.perUnit;
    return place > 0 ? (place < CELLS ? Math.floor(place) : CELLS - 1) : 0;
  }
}

/** A missing value and a code that the fit has not seen have bin 0. */
export function categoryBin(binOfCode: Uint8Array, code: number): number {
  return code >= 0 && code < binOfCode.length ? (binOfCode[code] as number) : MISSING_BIN;
}

/** Halfway between neighbours where there are few values, at quantiles where there are many. */
function thresholdsOf(sample: Float64Array, maxBins: number): Float64Array {
  const sorted = sortDoubles(sample);
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

/** The rows that thresholds are taken from; undefined: all of them. */
function sampleRows(rowCount: number, seed: number): Int32Array | undefined {
  if (rowCount <= SAMPLE_ROWS) return undefined;
  const random = seededRandom(seed);
  return Int32Array.from({ length: SAMPLE_ROWS }, () => random.below(rowCount)).sort();
}

/** The values of these rows that are there. */
function sampleOf(column: Float64Array, rows: Int32Array | undefined): Float64Array {
  const sample = new Float64Array(rows?.length ?? column.length);
  let used = 0;
  for (let i = 0; i < sample.length; i++) {
    const value = column[rows === undefined ? i : (rows[i] as number)] as number;
    if (Number.isNaN(value)) continue;
    sample[used] = value;
    used++;
  }
  return sample.subarray(0, used);
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
