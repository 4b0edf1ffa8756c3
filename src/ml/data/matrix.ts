import { mlError } from "../ml-error.ts";

/** What a feature is: its column's name and unit stay with it from the table to the model's file. */
export interface Feature {
  readonly name: string;
  readonly kind: "number" | "category";
  readonly unit?: string | undefined;
  /** The values behind the codes of a category; absent for a number. */
  readonly dictionary?: readonly string[] | undefined;
}

/** The code of a category that the dictionary does not hold: neither a value nor missing. */
export const UNSEEN = -1;

/**
 * `columns[j]` holds `rowCount` values of `features[j]`: n rows × p features, column-major. A missing value is
 * NaN; a category is the code of its value, {@link UNSEEN} where the dictionary lacks it.
 */
export interface Matrix {
  readonly features: readonly Feature[];
  readonly columns: readonly Float64Array[];
  readonly rowCount: number;
}

/** The rows at these positions, in this order. */
export function takeMatrixRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  const columns = matrix.columns.map((column) => takeValues(column, rows));
  return { features: matrix.features, columns, rowCount: rows.length };
}

/** The values at these positions, in this order; a RangeError for a position outside. */
export function takeValues(values: Float64Array, rows: ArrayLike<number>): Float64Array {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i] as number];
    if (value === undefined) throw new RangeError(`row ${rows[i]} is outside of ${values.length} rows`);
    taken[i] = value;
  }
  return taken;
}

/** A matrix of numbers from rows, for small data: `rows[i][j]` is the value of `names[j]`. */
export function matrixFromRows(names: readonly string[], rows: readonly (readonly number[])[]): Matrix {
  const columns = names.map((_, j) => Float64Array.from(rows, (row) => row[j] ?? Number.NaN));
  return { features: names.map((name) => ({ name, kind: "number" })), columns, rowCount: rows.length };
}

/** Throws when a model that can't bear a missing or infinite value meets one; the column is named. */
export function requireFinite(matrix: Matrix): void {
  matrix.columns.forEach((column, j) => {
    const name = matrix.features[j]?.name ?? String(j);
    // A sum of finite numbers may overflow, one with NaN or an infinity is never finite: mostly one fast pass is enough.
    if (Number.isFinite(sumOf(column))) return;
    const bad = column.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return;
    const value = column[bad] as number;
    throw mlError(
      Number.isNaN(value) ? "missing-value" : "infinite-value",
      {
        es: `La columna ${name} tiene ${Number.isNaN(value) ? "un valor ausente" : "un infinito"} en la fila ${bad}, y este modelo no lo admite.`,
        en: `Column ${name} has ${Number.isNaN(value) ? "a missing value" : "an infinity"} in row ${bad}, and this model can't take it.`,
      },
      [{ es: "Pon antes un imputador.", en: "Put an imputer before it." }],
    );
  });
}

/** Σ of the values, in four sums side by side. */
export function sumOf(values: Float64Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < values.length; i += 4) {
    a += values[i] as number;
    b += values[i + 1] as number;
    c += values[i + 2] as number;
    d += values[i + 3] as number;
  }
  for (; i < values.length; i++) a += values[i] as number;
  return a + b + (c + d);
}

/** Throws unless there is at least one row and one feature. */
export function requireRows(matrix: Matrix): void {
  if (matrix.rowCount > 0 && matrix.columns.length > 0) return;
  throw mlError("no-rows", {
    es: `No hay con qué entrenar: ${matrix.rowCount} filas y ${matrix.columns.length} columnas.`,
    en: `There is nothing to fit on: ${matrix.rowCount} rows and ${matrix.columns.length} columns.`,
  });
}
