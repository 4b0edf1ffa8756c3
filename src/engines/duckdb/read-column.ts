import { type DuckDBDataChunk, DuckDBDecimalType, DuckDBTypeId } from "@duckdb/node-api";
import type { Column } from "../../core/table.ts";
import { quoteName, SqlError } from "../engine.ts";
import { GrowingArray, GrowingValidity } from "./growing-array.ts";
import { enumReader, stringReader, uuidReader } from "./read-strings.ts";
import type { ColumnPlan } from "./types.ts";
import { validityBits, vectorBytes } from "./vector-bytes.ts";

/** Takes one column out of chunk after chunk. */
export interface ColumnReader {
  /** The first `rows` rows of the chunk. */
  read(chunk: DuckDBDataChunk, index: number, rows: number): void;
  finish(): Column;
}

const newInt32 = (n: number): Int32Array => new Int32Array(n);
const newFloat64 = (n: number): Float64Array => new Float64Array(n);
const newInt64 = (n: number): BigInt64Array => new BigInt64Array(n);
const newUint8 = (n: number): Uint8Array => new Uint8Array(n);

/** The reader that a column's type needs. */
export function columnReader(plan: ColumnPlan): ColumnReader {
  switch (plan.type.kind) {
    case "boolean":
      return numberReader(newUint8, Uint8Array, (values, validity) => ({
        kind: "boolean",
        values,
        validity,
      }));
    case "int32":
      return numberReader(newInt32, smallIntegers(plan.from.typeId), (values, validity) => ({
        kind: "int32",
        values,
        validity,
      }));
    case "date":
      return numberReader(newInt32, Int32Array, (values, validity) => ({ kind: "date", values, validity }));
    case "float64":
      if (plan.from instanceof DuckDBDecimalType) return wideDecimalAsDouble(plan.from.scale);
      return numberReader(
        newFloat64,
        plan.from.typeId === DuckDBTypeId.FLOAT ? Float32Array : Float64Array,
        (values, validity) => ({ kind: "float64", values, validity }),
      );
    case "string":
      if (plan.from.typeId === DuckDBTypeId.ENUM) return enumReader(plan.from);
      if (plan.from.typeId === DuckDBTypeId.UUID) return uuidReader();
      return stringReader(plan.from.typeId === DuckDBTypeId.SQLNULL);
    case "int64":
    case "decimal":
    case "timestamp":
      return bigintReader(plan, plan.type.kind);
  }
}

type NumberArray = Uint8Array | Int32Array | Float64Array;

/** A constructor of typed arrays over DuckDB's memory. */
export interface ArrayView {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayLike<number>;
}

function smallIntegers(typeId: DuckDBTypeId): ArrayView {
  switch (typeId) {
    case DuckDBTypeId.TINYINT:
      return Int8Array;
    case DuckDBTypeId.SMALLINT:
      return Int16Array;
    case DuckDBTypeId.UTINYINT:
      return Uint8Array;
    case DuckDBTypeId.USMALLINT:
      return Uint16Array;
    default:
      return Int32Array;
  }
}

/** Numbers as they lie in memory, widened by the copy where the target is wider. */
function numberReader<A extends NumberArray>(
  create: (length: number) => A,
  View: ArrayView,
  build: (values: A, validity: Uint8Array | undefined) => Column,
): ColumnReader {
  const values = new GrowingArray(create);
  const validity = new GrowingValidity();
  return {
    read(chunk, index, rows) {
      const bytes = vectorBytes(chunk, index, rows * View.BYTES_PER_ELEMENT);
      const start = values.reserve(rows);
      values.array.set(new View(bytes.buffer, bytes.byteOffset, rows), start);
      validity.add(validityBits(chunk, index, rows), rows, (row) => {
        values.array[start + row] = 0;
      });
    },
    finish: () => build(values.finish(), validity.finish()),
  };
}

/** int64, decimal and timestamp: 64-bit integers in the table, of 2 to 16 bytes in DuckDB. */
function bigintReader(plan: ColumnPlan, kind: "int64" | "decimal" | "timestamp"): ColumnReader {
  const values = new GrowingArray(newInt64);
  const validity = new GrowingValidity();
  const layout = bigintLayout(plan);
  return {
    read(chunk, index, rows) {
      const bytes = vectorBytes(chunk, index, rows * layout.byteWidth);
      const start = values.reserve(rows);
      const bits = validityBits(chunk, index, rows);
      if (layout.convert === undefined) {
        values.array.set(new BigInt64Array(bytes.buffer, bytes.byteOffset, rows), start);
      } else {
        layout.convert(bytes, rows, values.array.subarray(start), (row) => hasValue(bits, row));
      }
      validity.add(bits, rows, (row) => {
        values.array[start + row] = 0n;
      });
    },
    finish: () => ({ kind, values: values.finish(), validity: validity.finish() }),
  };
}

interface BigintLayout {
  readonly byteWidth: number;
  /** Absent where the bytes are copied as they are. */
  readonly convert?: (
    bytes: Uint8Array,
    rows: number,
    target: BigInt64Array,
    hasValueAt: (row: number) => boolean,
  ) => void;
}

function bigintLayout(plan: ColumnPlan): BigintLayout {
  switch (plan.from.typeId) {
    case DuckDBTypeId.UINTEGER:
      return widened(Uint32Array);
    case DuckDBTypeId.UBIGINT:
      return checked(plan, 1, (low) => low >= 0n);
    case DuckDBTypeId.HUGEINT:
      return checked(plan, 2, (low, high) => high === (low < 0n ? -1n : 0n));
    case DuckDBTypeId.UHUGEINT:
      return checked(plan, 2, (low, high) => high === 0n && low >= 0n);
    case DuckDBTypeId.TIMESTAMP_S:
      return scaled(plan, (value) => value * 1_000_000n);
    case DuckDBTypeId.TIMESTAMP_MS:
      return scaled(plan, (value) => value * 1_000n);
    case DuckDBTypeId.TIMESTAMP_NS:
      return scaled(plan, (value) => (value % 1_000n === 0n ? value / 1_000n : undefined));
    case DuckDBTypeId.DECIMAL: {
      const width = plan.from instanceof DuckDBDecimalType ? plan.from.width : 18;
      if (width <= 4) return widened(Int16Array);
      if (width <= 9) return widened(Int32Array);
      if (width <= 18) return { byteWidth: 8 };
      return checked(
        plan,
        2,
        (low, high) =>
          high === (low < 0n ? -1n : 0n) &&
          low < 1_000_000_000_000_000_000n &&
          low > -1_000_000_000_000_000_000n,
      );
    }
    default:
      return { byteWidth: 8 };
  }
}

function widened(View: ArrayView): BigintLayout {
  return {
    byteWidth: View.BYTES_PER_ELEMENT,
    convert(bytes, rows, target) {
      const source = new View(bytes.buffer, bytes.byteOffset, rows);
      for (let row = 0; row < rows; row++) target[row] = BigInt(source[row] ?? 0);
    },
  };
}

/** Takes the low 64 bits of values that fit in them; a value that does not is an error with the column's name. */
function checked(
  plan: ColumnPlan,
  wordsPerValue: 1 | 2,
  fits: (low: bigint, high: bigint) => boolean,
): BigintLayout {
  return {
    byteWidth: 8 * wordsPerValue,
    convert(bytes, rows, target, hasValueAt) {
      const words = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows * wordsPerValue);
      for (let row = 0; row < rows; row++) {
        const low = words[row * wordsPerValue] ?? 0n;
        const high = words[row * wordsPerValue + 1] ?? 0n;
        if (!fits(low, high) && hasValueAt(row)) throw tooWide(plan);
        target[row] = low;
      }
    },
  };
}

function scaled(plan: ColumnPlan, scale: (value: bigint) => bigint | undefined): BigintLayout {
  return {
    byteWidth: 8,
    convert(bytes, rows, target, hasValueAt) {
      const source = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows);
      for (let row = 0; row < rows; row++) {
        if (!hasValueAt(row)) continue;
        const value = scale(source[row] ?? 0n);
        if (value === undefined) throw tooWide(plan);
        target[row] = value;
      }
    },
  };
}

function wideDecimalAsDouble(scale: number): ColumnReader {
  const values = new GrowingArray(newFloat64);
  const validity = new GrowingValidity();
  return {
    read(chunk, index, rows) {
      const bytes = vectorBytes(chunk, index, rows * 16);
      const low = new BigUint64Array(bytes.buffer, bytes.byteOffset, rows * 2);
      const high = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows * 2);
      const start = values.reserve(rows);
      for (let row = 0; row < rows; row++) {
        const whole = ((high[row * 2 + 1] ?? 0n) << 64n) | (low[row * 2] ?? 0n);
        // Text, because one division after one rounding would round twice.
        values.array[start + row] = Number(`${whole}e-${scale}`);
      }
      validity.add(validityBits(chunk, index, rows), rows, (row) => {
        values.array[start + row] = 0;
      });
    },
    finish: () => ({ kind: "float64", values: values.finish(), validity: validity.finish() }),
  };
}

function hasValue(bits: Uint8Array | undefined, row: number): boolean {
  return bits === undefined || ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

function tooWide(plan: ColumnPlan): SqlError {
  const name = quoteName(plan.name);
  const cast = plan.type.kind === "timestamp" ? "TIMESTAMP" : "DOUBLE";
  const holds = { int64: "64 bits", decimal: "18 digits", timestamp: "whole microseconds" }[
    plan.type.kind === "decimal" || plan.type.kind === "timestamp" ? plan.type.kind : "int64"
  ];
  return new SqlError({
    code: "Out of Range",
    message: `column ${name} is ${plan.from.toString()} and has a value that does not fit in ${holds}; write: CAST(${name} AS ${cast}) AS ${name}`,
  });
}
