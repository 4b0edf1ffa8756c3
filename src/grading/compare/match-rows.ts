import { isCellEqual, type PairedColumn, type PairedSide } from "./paired-column.ts";

/** How the rows of two tables differ as multisets. Row numbers are positions in their own table. */
export interface RowMatch {
  /** Rows of the expected table that nothing stands for. */
  readonly missing: readonly number[];
  /** Rows of the actual table that should not be there. */
  readonly extra: readonly number[];
  /** Rows of one key with other values. */
  readonly changed: readonly { readonly expected: number; readonly actual: number }[];
}

export interface MatchInput {
  /** All columns that are compared, the key's among them. */
  readonly columns: readonly PairedColumn[];
  /** The columns of the key; empty: rows are only missing or extra, never changed. */
  readonly key: readonly PairedColumn[];
  readonly expectedRows: number;
  readonly actualRows: number;
}

/**
 * Matches rows in three passes, each linear: identical rows, then rows that are equal within the tolerance
 * (exact columns hashed, fractions compared inside a bucket), then what is left by key.
 *
 * In the second pass a row near two others takes the first: matching is greedy, not optimal. Rows that have
 * an identical partner never depend on it.
 */
export function matchRows(input: MatchInput): RowMatch {
  const hasFractions = input.columns.some((column) => column.tolerance !== undefined);
  const strict = input.columns.map((column) => ({ ...column, tolerance: undefined }));
  const identical = pairRows(strict, range(input.expectedRows), range(input.actualRows), free);
  const equal = hasFractions
    ? pairRows(input.columns, identical.expectedLeft, identical.actualLeft, free)
    : identical;
  if (input.key.length === 0 || input.key.length === input.columns.length) {
    return { missing: equal.expectedLeft, extra: equal.actualLeft, changed: [] };
  }
  const differingCells = (expected: number, actual: number): number => {
    let count = 0;
    for (const column of input.columns) if (!isCellEqual(column, expected, actual)) count++;
    return count;
  };
  const byKey = pairRows(input.key, equal.expectedLeft, equal.actualLeft, differingCells);
  return { missing: byKey.expectedLeft, extra: byKey.actualLeft, changed: byKey.pairs };
}

const free = (): number => 0;

interface Pairing {
  readonly pairs: { expected: number; actual: number }[];
  readonly expectedLeft: number[];
  readonly actualLeft: number[];
}

/** Of several partners of one key the nearest of the first few is taken. */
const MAX_CANDIDATES = 16;

/** Pairs each expected row with an unused actual row that is equal in these columns; the smallest `cost` wins. */
function pairRows(
  columns: readonly PairedColumn[],
  expectedRows: ArrayLike<number>,
  actualRows: ArrayLike<number>,
  cost: (expected: number, actual: number) => number,
): Pairing {
  const exact = columns.filter((column) => column.tolerance === undefined);
  const grid = gridColumn(columns);
  const buckets = 1 << Math.max(4, Math.ceil(Math.log2(actualRows.length + 1)));
  const head = new Int32Array(buckets).fill(-1);
  const next = new Int32Array(actualRows.length).fill(-1);
  // From the last to the first, so that a bucket's chain runs from the first row to the last.
  for (let i = actualRows.length - 1; i >= 0; i--) {
    const row = actualRows[i] ?? 0;
    const bucket =
      mix(hashRow(exact, "actual", row), grid === undefined ? 0 : cellOnGrid(grid, grid.actual, row)) &
      (buckets - 1);
    next[i] = head[bucket] ?? -1;
    head[bucket] = i;
  }
  const isUsed = new Uint8Array(actualRows.length);
  const pairs: { expected: number; actual: number }[] = [];
  const expectedLeft: number[] = [];
  for (let e = 0; e < expectedRows.length; e++) {
    const row = expectedRows[e] ?? 0;
    const hash = hashRow(exact, "expected", row);
    const cell = grid === undefined ? 0 : cellOnGrid(grid, grid.expected, row);
    let best = -1;
    let bestBefore = -1;
    let bestBucket = -1;
    let bestCost = Number.POSITIVE_INFINITY;
    let candidates = 0;
    // A near value may lie one cell further; exact columns have one cell only.
    for (let step = 0; step < (grid === undefined ? 1 : 3) && bestCost > 0; step++) {
      const bucket = mix(hash, cell + NEIGHBOURS[step as 0 | 1 | 2]) & (buckets - 1);
      let before = -1;
      for (let i = head[bucket] ?? -1; i !== -1 && candidates < MAX_CANDIDATES; i = next[i] ?? -1) {
        const actualRow = actualRows[i] ?? 0;
        if (isUsed[i] === 0 && isRowEqual(columns, row, actualRow)) {
          const price = cost(row, actualRow);
          candidates++;
          if (price < bestCost) {
            best = i;
            bestBefore = before;
            bestBucket = bucket;
            bestCost = price;
          }
          if (price === 0) break;
        }
        before = i;
      }
    }
    if (best === -1) {
      expectedLeft.push(row);
      continue;
    }
    isUsed[best] = 1;
    if (bestBefore === -1) head[bestBucket] = next[best] ?? -1;
    else next[bestBefore] = next[best] ?? -1;
    pairs.push({ expected: row, actual: actualRows[best] ?? 0 });
  }
  const actualLeft: number[] = [];
  for (let i = 0; i < actualRows.length; i++) if (isUsed[i] === 0) actualLeft.push(actualRows[i] ?? 0);
  return { pairs, expectedLeft, actualLeft };
}

const NEIGHBOURS = [0, -1, 1] as const;

function isRowEqual(columns: readonly PairedColumn[], expected: number, actual: number): boolean {
  for (const column of columns) if (!isCellEqual(column, expected, actual)) return false;
  return true;
}

function hashRow(columns: readonly PairedColumn[], side: "expected" | "actual", row: number): number {
  let hash = 0;
  for (const column of columns) {
    const { values, validity } = column[side];
    const isMissing = validity !== undefined && validity[row] === 0;
    hash = mix(hash, isMissing ? -0.5 : (values[row] ?? 0));
  }
  return hash;
}

const scratch = new Float64Array(1);
const scratchBits = new Int32Array(scratch.buffer);

/** Mixes a double's bits into a 32-bit hash (the multipliers are MurmurHash3's). Adding 0 makes −0 and 0 one. */
function mix(hash: number, value: number): number {
  scratch[0] = value + 0;
  let h = hash ^ (scratchBits[0] ?? 0);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h ^= scratchBits[1] ?? 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The fraction column that tells rows apart best (most distinct values in a sample): its cell on a grid
 * joins the hash, so that many rows that differ in fractions only do not share one bucket.
 */
function gridColumn(columns: readonly PairedColumn[]): PairedColumn | undefined {
  let best: PairedColumn | undefined;
  let most = 1;
  for (const column of columns) {
    if (column.tolerance === undefined) continue;
    const distinct = new Set(column.actual.values.subarray(0, 1_000)).size;
    if (best === undefined || distinct > most) {
      best = column;
      most = distinct;
    }
  }
  return best;
}

/**
 * A cell of a grid on which values within the tolerance lie in one cell or in neighbouring ones: the
 * tolerance is absolute up to 1 and relative beyond, so the grid is linear up to 1 and logarithmic beyond.
 */
function cellOnGrid(column: PairedColumn, side: PairedSide, row: number): number {
  if (side.validity !== undefined && side.validity[row] === 0) return -3e15;
  const value = side.values[row] ?? 0;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? -3e15 - 9 : value > 0 ? 3e15 + 9 : -3e15 - 18;
  const size = Math.abs(value);
  const place = size <= 1 ? value : Math.sign(value) * (1 + Math.log(size));
  return Math.floor(place / (4 * Math.max(column.tolerance ?? 0, 1e-12)));
}

function range(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}
