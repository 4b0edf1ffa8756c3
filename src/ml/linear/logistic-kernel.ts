import type { Matrix } from "../data/matrix.ts";
import { fastExp } from "../exp.ts";
import { sharedFloat64, sharedUint8 } from "../threads/shared.ts";
import type { Kernel, Place } from "../threads/team-control.ts";

/** Rows that are summed by themselves; the sums are added in the chunks' order, so threads do not change a bit. */
const CHUNK_ROWS = 2048;
/** Factors from 1 to 2 whose product is finite. */
const FACTORS = 512;

/** What the threads of one fit share. */
export interface LogisticMemory {
  readonly n: number;
  readonly p: number;
  /** p × n standardised values, column-major; p is filled up to a multiple of four with zeros. */
  readonly columns: Float64Array;
  readonly labels: Uint8Array;
  /** By label. */
  readonly weights: readonly [number, number];
  /** Where the loss is asked: p coefficients, then the intercept. */
  readonly point: Float64Array;
  /** For each chunk p slopes, that of the intercept and the loss. */
  readonly partials: Float64Array;
}

export function logisticMemory(
  matrix: Matrix,
  labels: ArrayLike<number>,
  moments: readonly { readonly mean: number; readonly deviation: number }[],
  weights: readonly [number, number],
): LogisticMemory {
  const n = matrix.rowCount;
  const p = matrix.columns.length;
  const columns = sharedFloat64(n * 4 * Math.ceil(p / 4));
  matrix.columns.forEach((column, j) => {
    const { mean = 0, deviation = 0 } = moments[j] ?? {};
    if (deviation !== 0) standardise(column, mean, deviation, columns.subarray(j * n, (j + 1) * n));
  });
  const known = sharedUint8(n);
  known.set(labels);
  const partials = sharedFloat64(Math.ceil(n / CHUNK_ROWS) * (p + 2));
  return { n, p, columns, labels: known, weights, point: sharedFloat64(p + 1), partials };
}

/** Σ over the rows of weight × loss and of its slopes at `point`; the slopes go to `gradient` (p + 1 of them). */
export function sumOfChunks(memory: LogisticMemory, gradient: Float64Array): number {
  const { p, partials } = memory;
  gradient.fill(0);
  let loss = 0;
  for (let at = 0; at < partials.length; at += p + 2) {
    for (let j = 0; j <= p; j++) gradient[j] = (gradient[j] as number) + (partials[at + j] as number);
    loss += partials[at + p + 1] as number;
  }
  return loss;
}

/** The only step writes the partial sums of every thread-th chunk. */
export function logisticKernel(memory: LogisticMemory, place: Place): Kernel {
  const chunks = Math.ceil(memory.n / CHUNK_ROWS);
  const z = new Float64Array(CHUNK_ROWS);
  return {
    step: () => {
      for (let chunk = place.thread; chunk < chunks; chunk += place.threads) sumChunk(memory, chunk, z);
    },
  };
}

function sumChunk(memory: LogisticMemory, chunk: number, z: Float64Array): void {
  const { n, p, columns, point, partials } = memory;
  const start = chunk * CHUNK_ROWS;
  const rows = Math.min(n - start, CHUNK_ROWS);
  const out = partials.subarray(chunk * (p + 2), (chunk + 1) * (p + 2));
  const column = (j: number): Float64Array => columns.subarray(j * n + start, j * n + start + rows);
  z.fill(point[p] as number);
  for (let j = 0; j < p; j += 4) {
    const at = (k: number): number => (j + k < p ? (point[j + k] as number) : 0);
    addProducts(z, [column(j), column(j + 1), column(j + 2), column(j + 3)], [at(0), at(1), at(2), at(3)]);
  }
  const ofRows = slopesOf(z.subarray(0, rows), memory.labels.subarray(start, start + rows), memory.weights);
  out[p] = ofRows.slope;
  out[p + 1] = ofRows.loss;
  for (let j = 0; j < p; j += 4) {
    const sums = dotFour(z, column(j), column(j + 1), column(j + 2), column(j + 3));
    for (let k = 0; k < 4 && j + k < p; k++) out[j + k] = sums[k] as number;
  }
}

type Four<T> = readonly [T, T, T, T];

/** Four columns at a time: z is loaded and stored once for four products. */
function addProducts(
  z: Float64Array,
  [a, b, c, d]: Four<Float64Array>,
  [wa, wb, wc, wd]: Four<number>,
): void {
  for (let i = 0; i < a.length; i++) {
    z[i] =
      (z[i] as number) +
      ((a[i] as number) * wa + (b[i] as number) * wb) +
      ((c[i] as number) * wc + (d[i] as number) * wd);
  }
}

function dotFour(
  z: Float64Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
): Four<number> {
  let sa = 0;
  let sb = 0;
  let sc = 0;
  let sd = 0;
  for (let i = 0; i < a.length; i++) {
    const slope = z[i] as number;
    sa += slope * (a[i] as number);
    sb += slope * (b[i] as number);
    sc += slope * (c[i] as number);
    sd += slope * (d[i] as number);
  }
  return [sa, sb, sc, sd];
}

/**
 * Replaces each log-odds z by weight × (probability − label); gives the sum of these and of the weighted losses
 * ln(1 + eᶻ) − label × z. One logarithm for {@link FACTORS} rows: Σ ln(1 + e⁻ᵐ) = ln Π(1 + e⁻ᵐ).
 */
function slopesOf(
  z: Float64Array,
  labels: Uint8Array,
  weights: readonly [number, number],
): { readonly slope: number; readonly loss: number } {
  let slope = 0;
  let loss = 0;
  const products = new Float64Array(2);
  const wrongs = new Float64Array(2);
  for (let from = 0; from < z.length; from += FACTORS) {
    products.fill(1);
    wrongs.fill(0);
    const to = Math.min(z.length, from + FACTORS);
    for (let i = from; i < to; i++) {
      const value = z[i] as number;
      const label = labels[i] as number;
      const size = Math.abs(value);
      const e = fastExp(-size);
      const larger = 1 / (1 + e);
      const probability = value >= 0 ? larger : e * larger;
      products[label] = (products[label] as number) * (1 + e);
      // max(z, 0) − label × z, without overflow: |z| where the sign is wrong, else 0.
      wrongs[label] = (wrongs[label] as number) + (label === 1 ? size - value : size + value) / 2;
      const ofRow = (weights[label] as number) * (probability - label);
      slope += ofRow;
      z[i] = ofRow;
    }
    for (const label of [0, 1] as const) {
      const sum = Math.log(products[label] as number) + (wrongs[label] as number);
      loss += weights[label] * sum;
    }
  }
  return { slope, loss };
}

function standardise(column: Float64Array, mean: number, deviation: number, out: Float64Array): void {
  for (let i = 0; i < column.length; i++) out[i] = ((column[i] as number) - mean) / deviation;
}
