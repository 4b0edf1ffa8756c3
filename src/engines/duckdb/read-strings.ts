import { DuckDBEnumType, type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import type { Column } from "../../core/table.ts";
import { ColumnParts, ValidityParts } from "./column-parts.ts";
import type { ColumnReader } from "./read-column.ts";
import { StringDictionary } from "./string-dictionary.ts";
import { pointedBytes, validityBits, vectorBytes } from "./vector-bytes.ts";

/** A string's entry in a vector: length, then 12 bytes of text, or 4 bytes of it and a pointer. */
const ENTRY_BYTES = 16;
const INLINE_BYTES = 12;

/** A dictionary that has grown past both is given up: nearly every value is a new one. */
const MANY_DISTINCT = 4_096;
const ROWS_PER_DISTINCT = 8;

/** Strings, as codes and a dictionary while values repeat, as plain strings when they don't. */
export function stringReader(isAllNull: boolean): ColumnReader {
  const validity = new ValidityParts();
  const codes = new ColumnParts<Uint32Array>((rows) => new Uint32Array(rows));
  const dictionary = new StringDictionary();
  let rowsRead = 0;
  let plain: string[] | undefined;
  return {
    read(chunk, index, rows) {
      const bits = isAllNull ? new Uint8Array(Math.ceil(rows / 8)) : validityBits(chunk, index, rows);
      const bytes = isAllNull
        ? new Uint8Array(rows * ENTRY_BYTES)
        : vectorBytes(chunk, index, rows * ENTRY_BYTES);
      const entries = new Entries(bytes);
      const isNullAt = (row: number): boolean =>
        bits !== undefined && ((bits[row >> 3] ?? 0) & (1 << (row & 7))) === 0;
      if (plain === undefined) {
        const part = new Uint32Array(rows);
        for (let row = 0; row < rows; row++) {
          part[row] = isNullAt(row) ? dictionary.codeOfText("") : entries.codeIn(dictionary, row);
        }
        codes.push(part);
      } else {
        for (let row = 0; row < rows; row++) plain.push(isNullAt(row) ? "" : entries.textAt(row));
      }
      validity.push(bits, rows, () => {});
      rowsRead += rows;
      if (
        plain === undefined &&
        dictionary.size > MANY_DISTINCT &&
        dictionary.size * ROWS_PER_DISTINCT > rowsRead
      ) {
        plain = textsOf(codes.join(), dictionary.texts);
      }
    },
    finish(): Column {
      if (plain !== undefined) return { kind: "string", values: plain, validity: validity.join() };
      const finished = codes.join();
      if (dictionary.size * 2 > rowsRead) {
        return { kind: "string", values: textsOf(finished, dictionary.texts), validity: validity.join() };
      }
      return {
        kind: "dictionary",
        codes: finished,
        dictionary: dictionary.texts,
        validity: validity.join(),
      };
    },
  };
}

function textsOf(codes: Uint32Array, texts: readonly string[]): string[] {
  return Array.from(codes, (code) => texts[code] ?? "");
}

/** The entries of one vector. */
class Entries {
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }

  textAt(row: number): string {
    const byteCount = this.#words[row * 4] ?? 0;
    const at = row * ENTRY_BYTES;
    if (byteCount > INLINE_BYTES) {
      return pointedBytes(this.#bytes, at + 8, byteCount).toString("utf8");
    }
    const words = this.#words;
    const highBits =
      ((words[row * 4 + 1] ?? 0) | (words[row * 4 + 2] ?? 0) | (words[row * 4 + 3] ?? 0)) & 0x80808080;
    return this.#bytes.toString(highBits === 0 ? "latin1" : "utf8", at + 4, at + 4 + byteCount);
  }

  codeIn(dictionary: StringDictionary, row: number): number {
    const words = this.#words;
    const byteCount = words[row * 4] ?? 0;
    if (byteCount > INLINE_BYTES) return dictionary.codeOfText(this.textAt(row));
    // DuckDB pads the 12 bytes with zeros, so that four words name an inline string.
    return dictionary.codeOfWords(
      byteCount,
      words[row * 4 + 1] ?? 0,
      words[row * 4 + 2] ?? 0,
      words[row * 4 + 3] ?? 0,
      () => this.textAt(row),
    );
  }
}

/** ENUM: DuckDB has the codes and the dictionary already. */
export function enumReader(from: DuckDBType): ColumnReader {
  if (!(from instanceof DuckDBEnumType)) throw new TypeError(`${from.toString()} is not an ENUM`);
  const dictionary = from.values;
  const { byteWidth, read } = enumLayout(from.internalTypeId);
  const codes = new ColumnParts<Uint32Array>((rows) => new Uint32Array(rows));
  const validity = new ValidityParts();
  return {
    read(chunk, index, rows) {
      const part = read(vectorBytes(chunk, index, rows * byteWidth), rows);
      validity.push(validityBits(chunk, index, rows), rows, (row) => {
        part[row] = 0;
      });
      codes.push(part);
    },
    finish: () => ({ kind: "dictionary", codes: codes.join(), dictionary, validity: validity.join() }),
  };
}

function enumLayout(typeId: DuckDBTypeId): {
  readonly byteWidth: number;
  read(bytes: Uint8Array, rows: number): Uint32Array;
} {
  if (typeId === DuckDBTypeId.UTINYINT) return { byteWidth: 1, read: (bytes) => Uint32Array.from(bytes) };
  if (typeId === DuckDBTypeId.USMALLINT) {
    const read = (bytes: Uint8Array, rows: number) =>
      Uint32Array.from(new Uint16Array(bytes.buffer, bytes.byteOffset, rows));
    return { byteWidth: 2, read };
  }
  return { byteWidth: 4, read: (bytes, rows) => new Uint32Array(bytes.buffer, bytes.byteOffset, rows) };
}

/** UUIDs as text; DuckDB stores them as 128-bit integers with the highest bit flipped, so that they sort. */
export function uuidReader(): ColumnReader {
  const values: string[] = [];
  const validity = new ValidityParts();
  return {
    read(chunk, index, rows) {
      const bytes = vectorBytes(chunk, index, rows * 16);
      const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, rows * 2);
      const start = values.length;
      for (let row = 0; row < rows; row++) {
        const high = (words[row * 2 + 1] ?? 0n) ^ 0x8000000000000000n;
        const hex =
          high.toString(16).padStart(16, "0") + (words[row * 2] ?? 0n).toString(16).padStart(16, "0");
        values.push(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
      }
      validity.push(validityBits(chunk, index, rows), rows, (row) => {
        values[start + row] = "";
      });
    },
    finish: () => ({ kind: "string", values, validity: validity.join() }),
  };
}
