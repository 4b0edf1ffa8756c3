import type { Codes } from "./codes.ts";
import { combineCodes } from "./codes.ts";

/** Rows in groups: entry i puts row `rows[i]` (row i when absent) into group `groups[i]`. */
export interface Grouped {
  readonly entries: number;
  /** Absent when entry i is row i. */
  readonly rows: Int32Array | undefined;
  /** −1: the entry belongs to no group. */
  readonly groups: Int32Array;
  readonly count: number;
  /** A row of each group; −1 for a number that no row has. */
  readonly firstRows: Int32Array;
  /** Each group's window, microseconds; absent without windows. */
  readonly starts: Float64Array | undefined;
}

export interface WindowShape {
  readonly sizeUs: number;
  readonly slideUs: number;
  readonly startUs: number;
}

/** Groups of rows by their key's code alone. */
export function groupByKey(keys: Codes): Grouped {
  const { codes, count } = keys;
  return {
    entries: codes.length,
    rows: undefined,
    groups: codes,
    count,
    firstRows: firstRowsOf(codes, undefined, count),
    starts: undefined,
  };
}

/**
 * Groups of rows by key and window. Windows are half-open, aligned to 1970-01-01T00:00:00Z plus `startUs`; a row
 * is in every window that holds its time, ⌈size ÷ slide⌉ at most; a row without a time is in none.
 * [ResolveTimeWindows.scala: last start = ts − ((ts − startTime) mod slide)]
 */
export function groupByWindow(
  keys: Codes,
  times: Float64Array,
  validity: Uint8Array | undefined,
  shape: WindowShape,
): Grouped {
  const { sizeUs, slideUs, startUs } = shape;
  const rowCount = times.length;
  const candidates = Math.ceil(sizeUs / slideUs);
  const numbers = new Float64Array(rowCount);
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const number = windowNumber((times[row] ?? 0) - startUs, slideUs);
    numbers[row] = number;
    if (number < least) least = number;
  }
  if (least === Number.POSITIVE_INFINITY) least = 0;
  const base = least - candidates + 1;
  if (candidates === 1) {
    const relative = new Int32Array(rowCount);
    let count = 1;
    for (let row = 0; row < rowCount; row++) {
      if (validity !== undefined && validity[row] === 0) continue;
      const own = (numbers[row] ?? 0) - base;
      relative[row] = own;
      if (own >= count) count = own + 1;
    }
    const both = combineCodes(keys, { codes: relative, count });
    const groups = validity === undefined ? both.codes : Int32Array.from(both.codes);
    if (validity !== undefined)
      for (let row = 0; row < rowCount; row++) if (validity[row] === 0) groups[row] = -1;
    return finish(groups, undefined, both.count, (row) => ((relative[row] ?? 0) + base) * slideUs + startUs);
  }
  const rows = new Int32Array(rowCount * candidates);
  const relative = new Int32Array(rowCount * candidates);
  const keyCodes = new Int32Array(rowCount * candidates);
  let entries = 0;
  let count = 1;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) continue;
    const last = numbers[row] ?? 0;
    for (let i = 0; i < candidates; i++) {
      if ((times[row] ?? 0) >= (last - i) * slideUs + startUs + sizeUs) continue;
      const own = last - i - base;
      rows[entries] = row;
      relative[entries] = own;
      keyCodes[entries] = keys.codes[row] ?? 0;
      if (own >= count) count = own + 1;
      entries++;
    }
  }
  const both = combineCodes(
    { codes: keyCodes.subarray(0, entries), count: keys.count },
    { codes: relative.subarray(0, entries), count },
  );
  return finish(
    both.codes,
    rows.subarray(0, entries),
    both.count,
    (entry) => ((relative[entry] ?? 0) + base) * slideUs + startUs,
  );
}

/** floor(time ÷ slide), exact: a rounded quotient is put right by its remainder. */
function windowNumber(time: number, slideUs: number): number {
  const number = Math.floor(time / slideUs);
  const rest = time - number * slideUs;
  if (rest < 0) return number - 1;
  return rest >= slideUs ? number + 1 : number;
}

function finish(
  groups: Int32Array,
  rows: Int32Array | undefined,
  count: number,
  startOf: (entry: number) => number,
): Grouped {
  const firstEntries = firstRowsOf(groups, undefined, count);
  const firstRows =
    rows === undefined ? firstEntries : firstEntries.map((e) => (e < 0 ? -1 : (rows[e] ?? -1)));
  const starts = new Float64Array(count);
  for (let group = 0; group < count; group++) {
    const entry = firstEntries[group] ?? -1;
    if (entry >= 0) starts[group] = startOf(entry);
  }
  return { entries: groups.length, rows, groups, count, firstRows, starts };
}

function firstRowsOf(groups: Int32Array, rows: Int32Array | undefined, count: number): Int32Array {
  const first = new Int32Array(count).fill(-1);
  for (let entry = groups.length - 1; entry >= 0; entry--) {
    const group = groups[entry] ?? -1;
    if (group >= 0) first[group] = rows === undefined ? entry : (rows[entry] ?? -1);
  }
  return first;
}
