import type { Column } from "../../core/table.ts";

/** Small integers for the distinct values of rows: `codes[row]` in [0, count). */
export interface Codes {
  readonly codes: Int32Array;
  readonly count: number;
}

/** Codes of one column; null is a value of its own. */
export function codesOf(column: Column, rows: number): Codes {
  switch (column.kind) {
    case "string":
      return textCodes(rows, (row) => column.values[row] ?? "", column.validity);
    case "dictionary":
      return dictionaryCodes(column.codes, column.dictionary, column.validity, rows);
    case "boolean":
    case "int32":
    case "date": {
      const values = Int32Array.from(column.values);
      return pairCodes(values, undefined, column.validity, rows);
    }
    case "float64": {
      const words = new Int32Array(Float64Array.from(column.values, (value) => value + 0).buffer);
      return wordCodes(words, column.validity, rows);
    }
    default:
      return wordCodes(
        new Int32Array(column.values.buffer, column.values.byteOffset, rows * 2),
        column.validity,
        rows,
      );
  }
}

/** Codes of the pairs of two codes. */
export function combineCodes(a: Codes, b: Codes): Codes {
  const rows = a.codes.length;
  if (a.count <= 1) return b;
  if (b.count <= 1) return a;
  if (a.count * b.count <= rows * 4 + 1024) {
    const dense = new Int32Array(a.count * b.count);
    const codes = new Int32Array(rows);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const cell = (a.codes[row] ?? 0) * b.count + (b.codes[row] ?? 0);
      let code = dense[cell] ?? 0;
      if (code === 0) {
        code = ++count;
        dense[cell] = code;
      }
      codes[row] = code - 1;
    }
    return { codes, count };
  }
  return pairCodes(a.codes, b.codes, undefined, rows);
}

function textCodes(rows: number, at: (row: number) => string, validity: Uint8Array | undefined): Codes {
  const known = new Map<string, number>();
  const codes = new Int32Array(rows);
  let nullCode = -1;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (validity !== undefined && validity[row] === 0) {
      if (nullCode < 0) nullCode = count++;
      codes[row] = nullCode;
      continue;
    }
    const text = at(row);
    let code = known.get(text);
    if (code === undefined) {
      code = count++;
      known.set(text, code);
    }
    codes[row] = code;
  }
  return { codes, count };
}

function dictionaryCodes(
  from: Uint32Array,
  dictionary: readonly string[],
  validity: Uint8Array | undefined,
  rows: number,
): Codes {
  const known = new Map<string, number>();
  const merged = new Int32Array(dictionary.length);
  dictionary.forEach((text, i) => {
    const code = known.get(text) ?? known.size;
    known.set(text, code);
    merged[i] = code;
  });
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++)
    codes[row] = validity !== undefined && validity[row] === 0 ? known.size : (merged[from[row] ?? 0] ?? 0);
  return { codes, count: known.size + 1 };
}

function wordCodes(words: Int32Array, validity: Uint8Array | undefined, rows: number): Codes {
  const low = new Int32Array(rows);
  const high = new Int32Array(rows);
  for (let row = 0, w = 0; row < rows; row++, w += 2) {
    low[row] = words[w] ?? 0;
    high[row] = words[w + 1] ?? 0;
  }
  return pairCodes(low, high, validity, rows);
}

/** Open addressing over pairs of integers; linear probing, at most half full. */
function pairCodes(
  a: Int32Array,
  b: Int32Array | undefined,
  validity: Uint8Array | undefined,
  rows: number,
): Codes {
  let size = 1024;
  let index = new Int32Array(size);
  let firstRows = new Int32Array(size);
  const codes = new Int32Array(rows);
  let nullCode = -1;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (validity !== undefined && validity[row] === 0) {
      if (nullCode < 0) {
        nullCode = count++;
        firstRows[nullCode] = -1;
      }
      codes[row] = nullCode;
      continue;
    }
    if (count * 2 >= size) {
      size *= 4;
      const larger = new Int32Array(size);
      larger.set(firstRows.subarray(0, count));
      firstRows = larger;
      index = new Int32Array(size);
      for (let code = 0; code < count; code++) {
        const first = firstRows[code] ?? -1;
        if (first < 0) continue;
        let at = mix(a[first] ?? 0, b?.[first] ?? 0) & (size - 1);
        while (index[at] !== 0) at = (at + 1) & (size - 1);
        index[at] = code + 1;
      }
    }
    const x = a[row] ?? 0;
    const y = b?.[row] ?? 0;
    let at = mix(x, y) & (size - 1);
    let code = (index[at] ?? 0) - 1;
    while (code >= 0) {
      const first = firstRows[code] ?? 0;
      if (a[first] === x && (b === undefined || b[first] === y)) break;
      at = (at + 1) & (size - 1);
      code = (index[at] ?? 0) - 1;
    }
    if (code < 0) {
      code = count++;
      firstRows[code] = row;
      index[at] = code + 1;
    }
    codes[row] = code;
  }
  return { codes, count };
}

function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}
