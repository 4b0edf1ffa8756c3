import type { Matrix } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";

export interface ImputeOptions {
  /** For numbers; default median. Categories always take the most frequent value. */
  readonly strategy?: "mean" | "median" | "most-frequent" | { readonly constant: number };
}

export interface ImputeState {
  readonly kind: "impute";
  readonly fittedRows: number;
  /** What replaces a missing value (a code, for a category), by column. */
  readonly fill: Readonly<Record<string, number>>;
}

/** Throws `all-missing` when a column has no value to learn from (unless a constant is given). */
export function fitImpute(matrix: Matrix, options: ImputeOptions = {}): ImputeState {
  const strategy = options.strategy ?? "median";
  const fill = matrix.columns.map((column, j): [string, number] => {
    const feature = matrix.features[j];
    const name = feature?.name ?? String(j);
    if (typeof strategy === "object" && feature?.kind === "number") return [name, strategy.constant];
    const values = column.filter((value) => !Number.isNaN(value));
    if (values.length === 0) {
      throw mlError("all-missing", {
        es: `La columna ${name} no tiene ningún valor: no hay de dónde imputar.`,
        en: `Column ${name} has no value at all: there is nothing to impute from.`,
      });
    }
    if (feature?.kind === "category" || strategy === "most-frequent") return [name, mostFrequent(values)];
    return [name, strategy === "mean" ? meanOf(values) : medianOf(values)];
  });
  return { kind: "impute", fittedRows: matrix.rowCount, fill: Object.fromEntries(fill) };
}

export function transformImpute(state: ImputeState, matrix: Matrix): Matrix {
  const columns = matrix.columns.map((column, j) => {
    const fill = state.fill[matrix.features[j]?.name ?? ""];
    return fill === undefined ? column : column.map((value) => (Number.isNaN(value) ? fill : value));
  });
  return { ...matrix, columns };
}

/** Dividing first keeps 1e308 + 1e308 from becoming infinite. */
function meanOf(values: Float64Array): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (Number.isFinite(sum)) return sum / values.length;
  return values.reduce((total, value) => total + value / values.length, 0);
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const upper = sorted[sorted.length >> 1] as number;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1] as number;
  return Number.isFinite(lower + upper) ? (lower + upper) / 2 : lower / 2 + upper / 2;
}

/** The smallest of those that tie. */
function mostFrequent(values: Float64Array): number {
  const sorted = values.slice().sort();
  let best = sorted[0] as number;
  let bestCount = 0;
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    if (i - start > bestCount) {
      bestCount = i - start;
      best = sorted[start] as number;
    }
    start = i;
  }
  return best;
}
