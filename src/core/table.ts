/**
 * The one shape in which rows travel: an engine gives it, the grader compares it, the terminal draws it.
 *
 * A table is plain data (no class, no method), so that it crosses a process boundary by structured clone.
 */

export type DataType =
  | { readonly kind: "boolean" }
  | { readonly kind: "int32" }
  | { readonly kind: "int64" }
  | { readonly kind: "float64" }
  /** Scaled integers: `precision` ≤ 18 digits, `scale` of them after the point. */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "string" }
  | { readonly kind: "date" }
  | { readonly kind: "timestamp" };

export type TypeKind = DataType["kind"];

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  /** What one unit of the value is (`EUR`, `min`), where that is known. */
  readonly unit?: string | undefined;
}

interface Validity {
  /** One byte a row, 1 = has a value; absent when nothing is null. */
  readonly validity?: Uint8Array | undefined;
}

/** A column's values; a null row holds any value of the type and 0 in `validity`. */
export type Column = Validity &
  (
    | { readonly kind: "boolean"; readonly values: Uint8Array }
    | { readonly kind: "int32"; readonly values: Int32Array }
    | { readonly kind: "int64"; readonly values: BigInt64Array }
    | { readonly kind: "float64"; readonly values: Float64Array }
    /** `value × 10^scale`; the scale is the field's. */
    | { readonly kind: "decimal"; readonly values: BigInt64Array }
    | { readonly kind: "string"; readonly values: readonly string[] }
    /** Strings too: `dictionary[codes[row]]`. */
    | { readonly kind: "dictionary"; readonly codes: Uint32Array; readonly dictionary: readonly string[] }
    /** Days since 1970-01-01. */
    | { readonly kind: "date"; readonly values: Int32Array }
    /** Microseconds since 1970-01-01T00:00:00Z. */
    | { readonly kind: "timestamp"; readonly values: BigInt64Array }
  );

/** `columns[i]` holds `rowCount` values of `fields[i]`. */
export interface Table {
  readonly fields: readonly Field[];
  readonly columns: readonly Column[];
  readonly rowCount: number;
}

/**
 * A value at the edges (an HTTP answer, a drawn cell): decimals, dates and timestamps as text
 * (`12.50`, `2024-01-05`, `2024-01-05 10:00:00.5`), int64 as bigint.
 */
export type Cell = null | boolean | number | bigint | string;

export type Row = Readonly<Record<string, Cell>>;

/** True when the row has no value in this column. */
export function isNull(column: Column, row: number): boolean {
  return column.validity !== undefined && column.validity[row] === 0;
}

/** The position of a column; names ignore case, as in SQL. Undefined when there is none. */
export function fieldIndex(table: Table, name: string): number | undefined {
  const exact = table.fields.findIndex((field) => field.name === name);
  if (exact >= 0) return exact;
  const folded = name.toLowerCase();
  const loose = table.fields.findIndex((field) => field.name.toLowerCase() === folded);
  return loose >= 0 ? loose : undefined;
}

/** A column by name; throws a RangeError that lists the columns there are. */
export function columnOf(table: Table, name: string): { field: Field; column: Column } {
  const index = fieldIndex(table, name);
  const field = index === undefined ? undefined : table.fields[index];
  const column = index === undefined ? undefined : table.columns[index];
  if (field === undefined || column === undefined) {
    throw new RangeError(`no column "${name}"; there are: ${table.fields.map((f) => f.name).join(", ")}`);
  }
  return { field, column };
}

/** The string of a `string` or `dictionary` column; undefined for another kind of column. */
export function stringAt(column: Column, row: number): string | undefined {
  if (column.kind === "string") return column.values[row];
  if (column.kind === "dictionary") return column.dictionary[column.codes[row] ?? 0];
  return undefined;
}

/** One value, for the edges: never in a loop over many rows. */
export function cellOf(field: Field, column: Column, row: number): Cell {
  if (isNull(column, row)) return null;
  switch (column.kind) {
    case "boolean":
      return column.values[row] === 1;
    case "int32":
    case "int64":
    case "float64":
      return column.values[row] ?? null;
    case "decimal":
      return formatDecimal(column.values[row] ?? 0n, field.type.kind === "decimal" ? field.type.scale : 0);
    case "string":
    case "dictionary":
      return stringAt(column, row) ?? null;
    case "date":
      return formatDate(column.values[row] ?? 0);
    case "timestamp":
      return formatTimestamp(column.values[row] ?? 0n);
  }
}

/** One row as an object, for the edges. */
export function rowOf(table: Table, row: number): Row {
  const entries: [string, Cell][] = [];
  table.fields.forEach((field, index) => {
    const column = table.columns[index];
    if (column !== undefined) entries.push([field.name, cellOf(field, column, row)]);
  });
  return Object.fromEntries(entries);
}

/** Every row as an object, for the edges; `limit` rows at most. */
export function rowsOf(table: Table, limit = table.rowCount): Row[] {
  const rows: Row[] = [];
  for (let row = 0; row < Math.min(limit, table.rowCount); row++) rows.push(rowOf(table, row));
  return rows;
}

/** `1250n` with scale 2 → `12.50`. */
export function formatDecimal(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Days since 1970 → `2024-01-05`; years outside 0–9999 with a sign, as ISO 8601 has it. */
export function formatDate(days: number): string {
  const date = new Date(days * 86_400_000);
  if (Number.isNaN(date.getTime())) return `${days} days`;
  return date.toISOString().replace(/T.*$/, "");
}

/** Microseconds since 1970 → `2024-01-05 10:00:00` with a fraction only where there is one. UTC. */
export function formatTimestamp(micros: bigint): string {
  const millis = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n);
  const rest = Number(micros - millis * 1000n);
  const date = new Date(Number(millis));
  if (Number.isNaN(date.getTime())) return `${micros} µs`;
  const iso = date.toISOString();
  const fraction = `${iso.slice(-4, -1)}${String(rest).padStart(3, "0")}`.replace(/0+$/, "");
  const whole = iso.slice(0, -5).replace("T", " ");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** `decimal(10,2)`, `int64`, … as the design writes types. */
export function formatType(type: DataType): string {
  return type.kind === "decimal" ? `decimal(${type.precision},${type.scale})` : type.kind;
}

/** Parses what {@link formatType} writes; undefined for anything else. */
export function parseType(text: string): DataType | undefined {
  const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(text.trim().toLowerCase());
  if (decimal !== null) {
    const precision = Number(decimal[1]);
    const scale = Number(decimal[2]);
    return precision >= 1 && precision <= 18 && scale <= precision
      ? { kind: "decimal", precision, scale }
      : undefined;
  }
  switch (text.trim().toLowerCase()) {
    case "boolean":
    case "int32":
    case "int64":
    case "float64":
    case "string":
    case "date":
    case "timestamp":
      return { kind: text.trim().toLowerCase() } as DataType;
    default:
      return undefined;
  }
}
