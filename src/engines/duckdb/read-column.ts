import { type DuckDBDataChunk, DuckDBDecimalType, DuckDBTypeId } from "@duckdb/node-api";
import type { Column } from "../../core/table.ts";
import { quoteName, SqlError } from "../engine.ts";
import { ColumnParts, ValidityParts } from "./column-parts.ts";
import { enumReader, stringReader, uuidReader } from "./read-strings.ts";
import type { ColumnPlan } from "./types.ts";
import { validityBits, vectorBytes } from "./vector-bytes.ts";

/** Takes one column out of chunk after chunk. */
export interface ColumnReader {
  /** The first `rows` rows of the chunk. */
  read(chunk: DuckDBDataChunk, index: number, rows: number): void;
  finish(): Column;
}

/** The reader that a column's type needs. */
export function columnReader(plan: ColumnPlan): ColumnReader {
  switch (plan.type.kind) {
    case "boolean":
      return numberReader(uint8s, (values, validity) => ({ kind: "boolean", values, validity }));
    case "int32":
      return numberReader(int32sOf(plan.from.typeId), (values, validity) => ({
        kind: "int32",
        values,
        validity,
      }));
    case "date":
      return numberReader(int32s, (values, validity) => ({ kind: "date", values, validity }));
    case "float64":
      if (plan.from instanceof DuckDBDecimalType) return wideDecimalAsDouble(plan.from.scale);
      return numberReader(plan.from.typeId === DuckDBTypeId.FLOAT ? floats : doubles, (values, validity) => ({
        kind: "float64",
        values,
        validity,
      }));
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

type Numbers = Uint8Array | Int32Array | Float64Array;

/** How the bytes of a chunk become numbers of the table: as they lie, or widened. */
interface NumberLayout<A extends Numbers> {
  readonly byteWidth: number;
  create(rows: number): A;
  read(bytes: Uint8Array, rows: number): A;
}

const uint8s: NumberLayout<Uint8Array> = {
  byteWidth: 1,
  create: (rows) => new Uint8Array(rows),
  read: (bytes) => bytes,
};

const int32s: NumberLayout<Int32Array> = {
  byteWidth: 4,
  create: (rows) => new Int32Array(rows),
  read: (bytes, rows) => new Int32Array(bytes.buffer, bytes.byteOffset, rows),
};

const doubles: NumberLayout<Float64Array> = {
  byteWidth: 8,
  create: (rows) => new Float64Array(rows),
  read: (bytes, rows) => new Float64Array(bytes.buffer, bytes.byteOffset, rows),
};

const floats: NumberLayout<Float64Array> = {
  ...doubles,
  byteWidth: 4,
  read: (bytes, rows) => Float64Array.from(new Float32Array(bytes.buffer, bytes.byteOffset, rows)),
};

/** A constructor of typed arrays over a chunk's bytes. */
interface ArrayView {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayLike<number>;
}

function int32sOf(typeId: DuckDBTypeId): NumberLayout<Int32Array> {
  const View = SMALL_INTEGERS.get(typeId);
  if (View === undefined) return int32s;
  return {
    ...int32s,
    byteWidth: View.BYTES_PER_ELEMENT,
    read: (bytes, rows) => Int32Array.from(new View(bytes.buffer, bytes.byteOffset, rows)),
  };
}

const SMALL_INTEGERS = new Map<DuckDBTypeId, ArrayView>([
  [DuckDBTypeId.TINYINT, Int8Array],
  [DuckDBTypeId.SMALLINT, Int16Array],
  [DuckDBTypeId.UTINYINT, Uint8Array],
  [DuckDBTypeId.USMALLINT, Uint16Array],
]);

function numberReader<A extends Numbers>(
  layout: NumberLayout<A>,
  build: (values: A, validity: Uint8Array | undefined) => Column,
): ColumnReader {
  const values = new ColumnParts(layout.create);
  const validity = new ValidityParts();
  return {
    read(chunk, index, rows) {
      const part = layout.read(vectorBytes(chunk, index, rows * layout.byteWidth), rows);
      validity.push(validityBits(chunk, index, rows), rows, (row) => {
        part[row] = 0;
      });
      values.push(part);
    },
    finish: () => build(values.join(), validity.join()),
  };
}

/** int64, decimal and timestamp: 64-bit integers in the table, of 2 to 16 bytes in DuckDB. */
function bigintReader(plan: ColumnPlan, kind: "int64" | "decimal" | "timestamp"): ColumnReader {
  const values = new ColumnParts<BigInt64Array>((rows) => new BigInt64Array(rows));
  const validity = new ValidityParts();
  const layout = bigintLayout(plan);
  return {
    read(chunk, index, rows) {
      const bytes = vectorBytes(chunk, index, rows * layout.byteWidth);
      const bits = validityBits(chunk, index, rows);
      const part =
        layout.convert === undefined
          ? new BigInt64Array(bytes.buffer, bytes.byteOffset, rows)
          : layout.convert(bytes, rows, (row) => hasValue(bits, row));
      validity.push(bits, rows, (row) => {
        part[row] = 0n;
      });
      values.push(part);
    },
    finish: () => ({ kind, values: values.join(), validity: validity.join() }),
  };
}

interface BigintLayout {
  readonly byteWidth: number;
  /** Absent where the bytes are taken as they are. */
  readonly convert?: (bytes: Uint8Array, rows: number, hasValueAt: (row: number) => boolean) => BigInt64Array;
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
    convert(bytes, rows) {
      const source = new View(bytes.buffer, bytes.byteOffset, rows);
      return BigInt64Array.from({ length: rows }, (_, row) => BigInt(source[row] ?? 0));
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
    convert(bytes, rows, hasValueAt) {
      const target = new BigInt64Array(rows);
      const words = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows * wordsPerValue);
      for (let row = 0; row < rows; row++) {
        const low = words[row * wordsPerValue] ?? 0n;
        const high = words[row * wordsPerValue + 1] ?? 0n;
        if (!fits(low, high) && hasValueAt(row)) throw tooWide(plan);
        target[row] = low;
      }
      return target;
    },
  };
}

function scaled(plan: ColumnPlan, scale: (value: bigint) => bigint | undefined): BigintLayout {
  return {
    byteWidth: 8,
    convert(bytes, rows, hasValueAt) {
      const target = new BigInt64Array(rows);
      const source = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows);
      for (let row = 0; row < rows; row++) {
        if (!hasValueAt(row)) continue;
        const value = scale(source[row] ?? 0n);
        if (value === undefined) throw tooWide(plan);
        target[row] = value;
      }
      return target;
    },
  };
}

function wideDecimalAsDouble(scale: number): ColumnReader {
  return numberReader(
    {
      ...doubles,
      byteWidth: 16,
      read(bytes, rows) {
        const low = new BigUint64Array(bytes.buffer, bytes.byteOffset, rows * 2);
        const high = new BigInt64Array(bytes.buffer, bytes.byteOffset, rows * 2);
        const part = new Float64Array(rows);
        for (let row = 0; row < rows; row++) {
          const whole = ((high[row * 2 + 1] ?? 0n) << 64n) | (low[row * 2] ?? 0n);
          // Text, because one division after one rounding would round twice.
          part[row] = Number(`${whole}e-${scale}`);
        }
        return part;
      },
    },
    (values, validity) => ({ kind: "float64", values, validity }),
  );
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
