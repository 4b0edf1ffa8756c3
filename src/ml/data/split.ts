import { columnOf, formatDecimal, isNull, stringAt, type Table } from "../../core/table.ts";
import { checkSetting, mlError } from "../ml-error.ts";

/**
 * A hash of each row's id in [0, 2³²). It depends on the id's text and the seed alone, so a split never depends on
 * order, engine or thread count, and 12, 12n and "12" fall on the same side. FNV-1a over UTF-16 code units, then
 * MurmurHash3's finaliser. Throws `id-null` for a row without an id.
 */
export function hashIds(table: Table, idColumn: string, seed: number): Uint32Array {
  const { field, column } = columnOf(table, idColumn);
  const out = new Uint32Array(table.rowCount);
  const scale = field.type.kind === "decimal" ? field.type.scale : 0;
  for (let row = 0; row < table.rowCount; row++) {
    if (isNull(column, row)) {
      throw mlError("id-null", {
        es: `La fila ${row} no tiene ${idColumn}: sin id no se puede repartir.`,
        en: `Row ${row} has no ${idColumn}: without an id it can't be split.`,
      });
    }
    const text = stringAt(column, row);
    if (text !== undefined) out[row] = hashText(text, seed);
    else if (column.kind === "decimal")
      out[row] = hashText(formatDecimal(column.values[row] ?? 0n, scale), seed);
    else if (column.kind !== "string" && column.kind !== "dictionary") {
      out[row] = hashText(String(column.values[row]), seed);
    }
  }
  return out;
}

/** The hash of one id. */
export function hashText(text: string, seed: number): number {
  let h = (0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1)) | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Positions of the rows, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** About `testShare` of the rows (0–1) in `test`: those whose hash lies below `testShare × 2³²`. */
export function splitByHash(hashes: Uint32Array, testShare: number): Split {
  checkSetting("testShare", testShare, { min: 0, max: 1 });
  const limit = testShare * 4294967296;
  return partition(hashes.length, (row) => (hashes[row] as number) < limit);
}

/**
 * As {@link splitByHash}, within each class: the ⌊share × n + ½⌋ rows of the class with the smallest hashes are
 * `test`. Rows with equal hashes (the same id twice) are kept together, so an id never lies on both sides.
 */
export function stratifiedSplit(hashes: Uint32Array, labels: ArrayLike<number>, testShare: number): Split {
  checkSetting("testShare", testShare, { min: 0, max: 1 });
  const isTest = new Uint8Array(hashes.length);
  for (const rows of strata(hashes, labels)) {
    const wanted = Math.floor(testShare * rows.length + 0.5);
    const last = wanted === 0 ? -1 : (hashes[rows[wanted - 1] as number] as number);
    for (const row of rows) if ((hashes[row] as number) <= last) isTest[row] = 1;
  }
  return partition(hashes.length, (row) => isTest[row] === 1);
}

/** `k` folds; each row is in the `test` of exactly one. With labels, each class is spread evenly. */
export function kFold(hashes: Uint32Array, k: number, labels?: ArrayLike<number>): Split[] {
  checkSetting("k", k, { min: 2, max: Math.max(2, hashes.length), integer: true });
  const fold = new Int32Array(hashes.length);
  if (labels === undefined) {
    for (let row = 0; row < fold.length; row++)
      fold[row] = Math.floor(((hashes[row] as number) * k) / 4294967296);
  } else {
    for (const rows of strata(hashes, labels)) {
      let place = 0;
      rows.forEach((row, i) => {
        if (i > 0 && hashes[row] !== hashes[rows[i - 1] as number]) place = i;
        fold[row] = Math.floor((place * k) / rows.length);
      });
    }
  }
  return Array.from({ length: k }, (_, f) => partition(fold.length, (row) => fold[row] === f));
}

function strata(hashes: Uint32Array, labels: ArrayLike<number>): number[][] {
  if (labels.length !== hashes.length)
    throw new RangeError(`${labels.length} labels for ${hashes.length} rows`);
  const byLabel = new Map<number, number[]>();
  for (let row = 0; row < hashes.length; row++) {
    const label = labels[row] as number;
    const rows = byLabel.get(label);
    if (rows === undefined) byLabel.set(label, [row]);
    else rows.push(row);
  }
  for (const rows of byLabel.values()) {
    rows.sort((a, b) => (hashes[a] as number) - (hashes[b] as number) || a - b);
  }
  return [...byLabel.values()];
}

function partition(rowCount: number, isTest: (row: number) => boolean): Split {
  const test: number[] = [];
  const train: number[] = [];
  for (let row = 0; row < rowCount; row++) (isTest(row) ? test : train).push(row);
  return { train: Int32Array.from(train), test: Int32Array.from(test) };
}
