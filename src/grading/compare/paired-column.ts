import { type Column, type DataType, isNull, stringAt } from "../../core/table.ts";
import type { NamedColumn } from "./families.ts";

/**
 * One column of both tables in a form that is compared without looking at types again: two doubles are
 * equal exactly when the cells are, or within `tolerance` where that is set. Null rows hold 0.
 */
export interface PairedColumn {
  readonly name: string;
  readonly expected: PairedSide;
  readonly actual: PairedSide;
  /** Largest |a − b| / max(1, |b|) that is equal, b the expected one; undefined: only identical values are. */
  readonly tolerance: number | undefined;
}

export interface PairedSide extends NamedColumn {
  readonly values: Float64Array;
  readonly validity: Uint8Array | undefined;
}

/** What counts as equal for fractions when a check does not say. */
export const DEFAULT_TOLERANCE = 1e-9;

/** Pairs two columns of one family ({@link isSameFamily}); numbers of any kind may be paired too. */
export function pairColumns(expected: NamedColumn, actual: NamedColumn, tolerance?: number): PairedColumn {
  const name = expected.field.name;
  const a = expected.column;
  const b = actual.column;
  const pair = (values: [Float64Array, Float64Array], fractionTolerance?: number): PairedColumn => ({
    name,
    expected: { ...expected, values: values[0], validity: a.validity },
    actual: { ...actual, values: values[1], validity: b.validity },
    tolerance: fractionTolerance,
  });
  if (isText(a) && isText(b)) return pair(textCodes(a, b));
  const bothDecimal = a.kind === "decimal" && b.kind === "decimal" && tolerance === undefined;
  if (!bothDecimal && (isFraction(a) || isFraction(b))) {
    return pair(
      [doublesOf(a, expected.field.type), doublesOf(b, actual.field.type)],
      tolerance ?? DEFAULT_TOLERANCE,
    );
  }
  if (a.kind === "boolean" || a.kind === "int32") {
    if (b.kind === "boolean" || b.kind === "int32")
      return pair([Float64Array.from(a.values), Float64Array.from(b.values)]);
  }
  if (a.kind === "date" && b.kind === "date")
    return pair([Float64Array.from(a.values), Float64Array.from(b.values)]);
  return pair(integerCodes(wholeOf(a, expected, actual), wholeOf(b, actual, expected)));
}

/** True when a cell of the expected table equals one of the actual table. */
export function isCellEqual(column: PairedColumn, expectedRow: number, actualRow: number): boolean {
  const { expected, actual, tolerance } = column;
  const isExpectedNull = expected.validity !== undefined && expected.validity[expectedRow] === 0;
  const isActualNull = actual.validity !== undefined && actual.validity[actualRow] === 0;
  if (isExpectedNull || isActualNull) return isExpectedNull && isActualNull;
  const b = expected.values[expectedRow] ?? 0;
  const a = actual.values[actualRow] ?? 0;
  return a === b || (tolerance !== undefined && isNear(a, b, tolerance));
}

/** |a − b| ≤ tolerance · max(1, |b|), b the expected value; NaN is near NaN, an infinity only itself. */
export function isNear(a: number, b: number, tolerance: number): boolean {
  if (a === b) return true;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
}

function isText(column: Column): boolean {
  return column.kind === "string" || column.kind === "dictionary";
}

function isFraction(column: Column): boolean {
  return column.kind === "float64" || column.kind === "decimal";
}

/** Equal texts get one code, over both columns. */
function textCodes(a: Column, b: Column): [Float64Array, Float64Array] {
  const codes = new Map<string, number>();
  const codeOf = (text: string): number => {
    const known = codes.get(text);
    if (known !== undefined) return known;
    codes.set(text, codes.size);
    return codes.size - 1;
  };
  const encode = (column: Column): Float64Array => {
    if (column.kind === "dictionary") {
      const byCode = column.dictionary.map(codeOf);
      return Float64Array.from(column.codes, (code) => byCode[code] ?? 0);
    }
    if (column.kind !== "string") return new Float64Array(0);
    const values = new Float64Array(column.values.length);
    for (let row = 0; row < values.length; row++) {
      if (!isNull(column, row)) values[row] = codeOf(stringAt(column, row) ?? "");
    }
    return values;
  };
  return [encode(a), encode(b)];
}

function doublesOf(column: Column, type: DataType): Float64Array {
  switch (column.kind) {
    case "float64":
      return column.values;
    case "decimal": {
      const unit = 10 ** (type.kind === "decimal" ? type.scale : 0);
      const values = new Float64Array(column.values.length);
      for (let row = 0; row < values.length; row++) values[row] = Number(column.values[row] ?? 0n) / unit;
      return values;
    }
    case "int64":
      return Float64Array.from(column.values, Number);
    case "int32":
    case "boolean":
      return Float64Array.from(column.values);
    default:
      throw new TypeError(`pairColumns: a ${column.kind} column is no number`);
  }
}

/** Whole numbers in one unit for both columns: dates beside timestamps in µs, decimals at the finer scale. */
function wholeOf(column: Column, own: NamedColumn, other: NamedColumn): BigInt64Array | bigint[] {
  switch (column.kind) {
    case "int64":
    case "timestamp":
      return column.values;
    case "int32":
      return Array.from(column.values, BigInt);
    case "date":
      return Array.from(column.values, (days) => BigInt(days) * 86_400_000_000n);
    case "decimal": {
      const lift = scaleOf(other.field.type) - scaleOf(own.field.type);
      return lift > 0 ? Array.from(column.values, (value) => value * 10n ** BigInt(lift)) : column.values;
    }
    default:
      throw new TypeError(`pairColumns: ${own.field.name}: ${own.column.kind} beside ${other.column.kind}`);
  }
}

function scaleOf(type: DataType): number {
  return type.kind === "decimal" ? type.scale : 0;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The numbers themselves where doubles hold them; else, and only then, one code for each value. */
function integerCodes(
  a: BigInt64Array | bigint[],
  b: BigInt64Array | bigint[],
): [Float64Array, Float64Array] {
  if (isSafe(a) && isSafe(b)) return [Float64Array.from(a, Number), Float64Array.from(b, Number)];
  const codes = new Map<bigint, number>();
  const encode = (value: bigint): number => {
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    return code;
  };
  return [Float64Array.from(a, encode), Float64Array.from(b, encode)];
}

function isSafe(values: BigInt64Array | bigint[]): boolean {
  for (const value of values) if (value > MAX_SAFE || value < -MAX_SAFE) return false;
  return true;
}
