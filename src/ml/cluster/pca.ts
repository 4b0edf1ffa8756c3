import { type Matrix, requireFinite, requireRows } from "../data/matrix.ts";

export interface Pca {
  readonly means: readonly number[];
  /** Two unit vectors of p entries, by falling variance; the entry of largest size is positive. */
  readonly axes: readonly (readonly number[])[];
  /** Variance along each axis (n−1) and its share of the whole, 0–1; the share is 0 when nothing varies. */
  readonly variances: readonly number[];
  readonly shares: readonly number[];
}

/** The plane of largest variance (Pearson 1901): covariance (n−1), then Jacobi's rotations. Needs two rows and two features. */
export function fitPca(matrix: Matrix): Pca {
  requireRows(matrix);
  requireFinite(matrix);
  const p = matrix.columns.length;
  if (p < 2 || matrix.rowCount < 2)
    throw new RangeError(`${matrix.rowCount} rows × ${p} features have no plane`);
  const means = matrix.columns.map(
    (column) => column.reduce((sum, value) => sum + value, 0) / matrix.rowCount,
  );
  const covariance = covarianceOf(matrix, means);
  const { values, vectors } = symmetricEigen(covariance, p);
  const order = [...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number));
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const top = order.slice(0, 2);
  return {
    means,
    axes: top.map((k) => withFixedSign(Array.from({ length: p }, (_, j) => vectors[j * p + k] as number))),
    variances: top.map((k) => Math.max(0, values[k] as number)),
    shares: top.map((k) => (total === 0 ? 0 : Math.max(0, values[k] as number) / total)),
  };
}

/** The rows' coordinates in the plane: two columns of n values. */
export function projectPca(pca: Pca, matrix: Matrix): { readonly x: Float64Array; readonly y: Float64Array } {
  const [x, y] = pca.axes.map((axis) => {
    const out = new Float64Array(matrix.rowCount);
    matrix.columns.forEach((column, j) => {
      const weight = axis[j] ?? 0;
      const mean = pca.means[j] ?? 0;
      for (let i = 0; i < out.length; i++)
        out[i] = (out[i] as number) + ((column[i] as number) - mean) * weight;
    });
    return out;
  });
  return { x: x ?? new Float64Array(0), y: y ?? new Float64Array(0) };
}

function covarianceOf(matrix: Matrix, means: readonly number[]): Float64Array {
  const p = matrix.columns.length;
  const out = new Float64Array(p * p);
  for (let a = 0; a < p; a++) {
    for (let b = a; b < p; b++) {
      const ca = matrix.columns[a] as Float64Array;
      const cb = matrix.columns[b] as Float64Array;
      const ma = means[a] as number;
      const mb = means[b] as number;
      let sum = 0;
      for (let i = 0; i < matrix.rowCount; i++) sum += ((ca[i] as number) - ma) * ((cb[i] as number) - mb);
      out[a * p + b] = out[b * p + a] = sum / (matrix.rowCount - 1);
    }
  }
  if (!out.every(Number.isFinite)) throw new RangeError("the variance overflows: scale the columns first");
  return out;
}

/** Cyclic Jacobi for a symmetric p × p matrix (Golub and Van Loan §8.5). Column k of `vectors` belongs to value k. */
export function symmetricEigen(
  matrix: Float64Array,
  p: number,
): { readonly values: number[]; readonly vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(p * p);
  for (let i = 0; i < p; i++) v[i * p + i] = 1;
  const at = (m: Float64Array, i: number, j: number): number => m[i * p + j] as number;
  const scale = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let i = 0; i < p; i++) for (let j = i + 1; j < p; j++) off = Math.max(off, Math.abs(at(a, i, j)));
    if (off <= scale * 1e-16) break;
    for (let i = 0; i < p; i++) {
      for (let j = i + 1; j < p; j++) {
        const apq = at(a, i, j);
        if (apq === 0) continue;
        const theta = (at(a, j, j) - at(a, i, i)) / (2 * apq);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate({ a, v, p, i, j, c, s: t * c });
      }
    }
  }
  return { values: Array.from({ length: p }, (_, i) => at(a, i, i)), vectors: v };
}

function rotate(r: {
  a: Float64Array;
  v: Float64Array;
  p: number;
  i: number;
  j: number;
  c: number;
  s: number;
}) {
  const { a, v, p, i, j, c, s } = r;
  const turn = (m: Float64Array, x: number, y: number): void => {
    const mx = m[x] as number;
    const my = m[y] as number;
    m[x] = c * mx - s * my;
    m[y] = s * mx + c * my;
  };
  for (let k = 0; k < p; k++) turn(a, k * p + i, k * p + j);
  for (let k = 0; k < p; k++) turn(a, i * p + k, j * p + k);
  for (let k = 0; k < p; k++) turn(v, k * p + i, k * p + j);
}

function withFixedSign(axis: number[]): number[] {
  const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? axis.map((value) => -value) : axis;
}
