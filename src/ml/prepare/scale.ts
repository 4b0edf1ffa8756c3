import { type Matrix, sumOf } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";

export interface ScaleOptions {
  /** Subtract the mean; default true (MLlib: false). */
  readonly withMean?: boolean;
}

export interface ScaleState {
  readonly kind: "scale";
  readonly fittedRows: number;
  readonly withMean: boolean;
  /** By numeric column, with the divisor n−1; missing values are left out. */
  readonly columns: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>>;
}

/** Standard scaling, divisor n−1 (MLlib's StandardScaler). Throws `infinite-value` for infinities or an overflow. */
export function fitScale(matrix: Matrix, options: ScaleOptions = {}): ScaleState {
  const columns: [string, { mean: number; deviation: number }][] = [];
  matrix.columns.forEach((column, j) => {
    const feature = matrix.features[j];
    if (feature?.kind !== "number") return;
    const moments = momentsOf(column);
    if (!Number.isFinite(moments.mean) || !Number.isFinite(moments.deviation)) throw overflow(feature.name);
    columns.push([feature.name, moments]);
  });
  return {
    kind: "scale",
    fittedRows: matrix.rowCount,
    withMean: options.withMean ?? true,
    columns: Object.fromEntries(columns),
  };
}

/** A column without deviation becomes 0 (MLlib's rule); NaN stays NaN. */
export function transformScale(state: ScaleState, matrix: Matrix): Matrix {
  const columns = matrix.columns.map((column, j) => {
    const moments = state.columns[matrix.features[j]?.name ?? ""];
    if (moments === undefined) return column;
    const mean = state.withMean ? moments.mean : 0;
    const { deviation } = moments;
    return column.map((value) => (deviation === 0 ? value * 0 : (value - mean) / deviation));
  });
  const features = matrix.features.map((feature) =>
    feature.name in state.columns ? { name: feature.name, kind: feature.kind } : feature,
  );
  return { ...matrix, features, columns };
}

/**
 * Mean and deviation (n−1) of the values that are there; 0 and 0 without any. Two passes, corrected (Chan 1983); where
 * squares leave the range of numbers, with the values in units of the largest difference.
 */
export function momentsOf(column: Float64Array): { readonly mean: number; readonly deviation: number } {
  const sum = sumOf(column);
  if (Number.isFinite(sum)) return momentsAround(column, sum / column.length);
  const present = column.filter((value) => !Number.isNaN(value));
  const sumOfPresent = sumOf(present);
  if (!Number.isFinite(sumOfPresent)) return momentsAround(present, meanOfParts(present));
  return momentsAround(present, sumOfPresent / present.length);
}

/** Of values without NaN, whose mean is known. */
function momentsAround(values: Float64Array, mean: number): { mean: number; deviation: number } {
  const n = values.length;
  if (n === 0) return { mean: 0, deviation: 0 };
  const first = values[0] as number;
  let squares = 0;
  let rest = 0;
  let differs = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i] as number;
    const difference = value - mean;
    squares += difference * difference;
    rest += difference;
    differs += Number(value !== first);
  }
  // The rounded mean of a constant column need not equal it: its deviation would be tiny instead of 0.
  if (differs === 0) return { mean: first, deviation: 0 };
  if (squares > 1e-280 && squares < 1e300)
    return { mean, deviation: Math.sqrt((squares - (rest * rest) / n) / (n - 1)) };
  const unit = values.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  return { mean, deviation: unit * relativeDeviation(values, mean, unit) };
}

function relativeDeviation(values: Float64Array, mean: number, unit: number): number {
  const squares = values.reduce((sum, value) => sum + ((value - mean) / unit) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Dividing first keeps 1e308 + 1e308 from becoming infinite. */
function meanOfParts(values: Float64Array): number {
  return values.reduce((mean, value) => mean + value / values.length, 0);
}

function overflow(name: string): Error {
  return mlError("infinite-value", {
    es: `La media o la desviación de la columna ${name} no cabe en un número: hay infinitos o valores enormes.`,
    en: `The mean or deviation of column ${name} does not fit in a number: it holds infinities or huge values.`,
  });
}
