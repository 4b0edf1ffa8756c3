import { type Matrix, requireFinite, requireRows } from "../data/matrix.ts";
import { requireNumbers } from "../linear/logistic.ts";
import { mlError } from "../ml-error.ts";

/**
 * Rows above which the named libraries take minutes or diverge, so they refuse. Measured: ml-random-forest 2.1 takes
 * 148 s for 5 trees on 10,000 rows, its time grows with their square; ml-logistic-regression 2.0 sums its gradient.
 */
export const MLJS_LIMITS = { forest: 2_000, logistic: 2_000, kmeans: 200_000 } as const;

/** Throws unless the matrix is one that the library can bear: all numbers, none missing, not too many rows. */
export function requireMljs(matrix: Matrix, library: keyof typeof MLJS_LIMITS): void {
  requireRows(matrix);
  requireNumbers(matrix);
  requireFinite(matrix);
  const limit = MLJS_LIMITS[library];
  if (matrix.rowCount <= limit) return;
  throw mlError(
    "mljs-too-many-rows",
    {
      es: `La biblioteca mljs (${library}) admite hasta ${limit} filas y hay ${matrix.rowCount}.`,
      en: `The mljs library (${library}) takes up to ${limit} rows; there are ${matrix.rowCount}.`,
    },
    [{ es: "Usa el modelo propio de taller, o una muestra.", en: "Use taller's own model, or a sample." }],
  );
}

/** Throws `mljs-setting` when a setting is given that the library does not have. */
export function refuseSettings(options: object, names: readonly string[]): void {
  const asked = Object.entries(options).find(([name, value]) => names.includes(name) && value !== undefined);
  if (asked === undefined) return;
  throw mlError(
    "mljs-setting",
    {
      es: `La biblioteca mljs no tiene el ajuste ${asked[0]}.`,
      en: `The mljs library has no setting ${asked[0]}.`,
    },
    [{ es: 'Quítalo, o usa engine: "taller".', en: 'Leave it out, or use engine: "taller".' }],
  );
}

export function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rowCount }, (_, i) =>
    matrix.columns.map((column) => column[i] ?? Number.NaN),
  );
}
