import {
  type Cell,
  type Column,
  type DataType,
  type Field,
  isNull,
  type Row,
  stringAt,
  type Table,
} from "./table.ts";

/** A table of no rows with these fields. */
export function emptyTable(fields: readonly Field[]): Table {
  return tableFromRows(fields, []);
}

/**
 * A table from small rows of objects (edges, tests, lessons' examples). A missing key is null.
 * Cells take the forms of {@link Cell}; int64 also takes a safe integer, decimal a number or text,
 * date and timestamp ISO text. Throws a TypeError that names the column and row of a wrong cell.
 */
export function tableFromRows(fields: readonly Field[], rows: readonly Row[]): Table {
  return {
    fields: [...fields],
    columns: fields.map((field) =>
      columnFromCells(
        field,
        rows.map((row) => row[field.name] ?? null),
      ),
    ),
    rowCount: rows.length,
  };
}

/** `{ lead_id: "string", amount: "decimal(10,2)" }` in short: nullable fields from names and types. */
export function fieldsOf(types: Readonly<Record<string, DataType>>): Field[] {
  return Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
}

/** A column from cells, one a row; see {@link tableFromRows} for the forms. */
export function columnFromCells(field: Field, cells: readonly Cell[]): Column {
  const hasNull = cells.includes(null);
  const validity = hasNull ? Uint8Array.from(cells, (cell) => (cell === null ? 0 : 1)) : undefined;
  const wrong = (cell: Cell, row: number) =>
    new TypeError(`column "${field.name}", row ${row}: ${String(cell)} is not ${field.type.kind}`);
  const numberAt = (cell: Cell, row: number): number => {
    if (cell === null) return 0;
    if (typeof cell !== "number") throw wrong(cell, row);
    return cell;
  };
  const bigintAt = (cell: Cell, row: number): bigint => {
    if (cell === null) return 0n;
    if (typeof cell === "bigint") return cell;
    if (typeof cell === "number" && Number.isSafeInteger(cell)) return BigInt(cell);
    throw wrong(cell, row);
  };
  const type = field.type;
  switch (type.kind) {
    case "boolean":
      return {
        kind: "boolean",
        validity,
        values: Uint8Array.from(cells, (cell, row) => {
          if (cell !== null && typeof cell !== "boolean") throw wrong(cell, row);
          return cell === true ? 1 : 0;
        }),
      };
    case "int32":
      return { kind: "int32", validity, values: Int32Array.from(cells, numberAt) };
    case "float64":
      return { kind: "float64", validity, values: Float64Array.from(cells, numberAt) };
    case "int64":
      return { kind: "int64", validity, values: BigInt64Array.from(cells.map(bigintAt)) };
    case "decimal":
      return {
        kind: "decimal",
        validity,
        values: BigInt64Array.from(
          cells.map((cell, row) => {
            if (cell === null) return 0n;
            const value = parseDecimal(String(cell), type.scale);
            if (value === undefined) throw wrong(cell, row);
            return value;
          }),
        ),
      };
    case "string":
      return {
        kind: "string",
        validity,
        values: cells.map((cell, row) => {
          if (cell !== null && typeof cell !== "string") throw wrong(cell, row);
          return cell ?? "";
        }),
      };
    case "date":
      return {
        kind: "date",
        validity,
        values: Int32Array.from(cells, (cell, row) => {
          if (cell === null) return 0;
          const millis = typeof cell === "string" ? Date.parse(`${cell.slice(0, 10)}T00:00:00Z`) : Number.NaN;
          if (Number.isNaN(millis)) throw wrong(cell, row);
          return Math.floor(millis / 86_400_000);
        }),
      };
    case "timestamp":
      return {
        kind: "timestamp",
        validity,
        values: BigInt64Array.from(
          cells.map((cell, row) => {
            if (cell === null) return 0n;
            const micros = typeof cell === "string" ? parseTimestamp(cell) : undefined;
            if (micros === undefined) throw wrong(cell, row);
            return micros;
          }),
        ),
      };
  }
}

/** `12.5` with scale 2 → `1250n`; undefined when it is no plain decimal or has more digits after the point. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null || (match[2] === "" && (match[3] ?? "") === "")) return undefined;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > scale) return undefined;
  const value = BigInt(`${match[2]}${fraction.padEnd(scale, "0")}` || "0");
  return match[1] === "-" ? -value : value;
}

/** `2024-01-05 10:00:00.123456` (T, Z and a shorter fraction allowed) → microseconds, UTC. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = /^([+-]?\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z?$/.exec(text.trim());
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(millis)) return undefined;
  return BigInt(millis) * 1000n + BigInt((match[3] ?? "").padEnd(6, "0"));
}

/** Rows `[from, to)` as a table; typed arrays are shared, not copied. */
export function sliceTable(table: Table, from: number, to: number): Table {
  const start = Math.max(0, from);
  const end = Math.max(start, Math.min(to, table.rowCount));
  return {
    fields: table.fields,
    columns: table.columns.map((column) => sliceColumn(column, start, end)),
    rowCount: end - start,
  };
}

/** The rows at these positions, in this order. */
export function takeRows(table: Table, rows: readonly number[] | Uint32Array | Int32Array): Table {
  const index = Uint32Array.from(rows);
  return {
    fields: table.fields,
    columns: table.columns.map((column) => takeColumn(column, index)),
    rowCount: index.length,
  };
}

/** Only these columns, in this order; throws a RangeError for a name that is not there. */
export function selectColumns(table: Table, names: readonly string[]): Table {
  const picked = names.map((name) => {
    const index = table.fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
    const field = table.fields[index];
    const column = table.columns[index];
    if (field === undefined || column === undefined) throw new RangeError(`no column "${name}"`);
    return { field, column };
  });
  return {
    fields: picked.map((p) => p.field),
    columns: picked.map((p) => p.column),
    rowCount: table.rowCount,
  };
}

/** One table from several of one schema (the first one's names and types hold). Throws when types differ. */
export function concatTables(tables: readonly Table[], fields?: readonly Field[]): Table {
  const first = tables[0];
  if (first === undefined) return emptyTable(fields ?? []);
  if (tables.length === 1) return first;
  return {
    fields: first.fields,
    columns: first.fields.map((field, index) =>
      concatColumns(
        field,
        tables.map((table) => {
          const column = table.columns[index];
          if (column === undefined) throw new TypeError(`concatTables: column ${index} is missing in a part`);
          return column;
        }),
        tables.map((table) => table.rowCount),
      ),
    ),
    rowCount: tables.reduce((sum, table) => sum + table.rowCount, 0),
  };
}

function sliceColumn(column: Column, start: number, end: number): Column {
  const validity = column.validity?.subarray(start, end);
  switch (column.kind) {
    case "dictionary":
      return { ...column, validity, codes: column.codes.subarray(start, end) };
    case "string":
      return { kind: "string", validity, values: column.values.slice(start, end) };
    case "boolean":
      return { kind: "boolean", validity, values: column.values.subarray(start, end) };
    case "int32":
    case "date":
      return { kind: column.kind, validity, values: column.values.subarray(start, end) };
    case "float64":
      return { kind: "float64", validity, values: column.values.subarray(start, end) };
    case "int64":
    case "decimal":
    case "timestamp":
      return { kind: column.kind, validity, values: column.values.subarray(start, end) };
  }
}

function takeColumn(column: Column, index: Uint32Array): Column {
  const source = column.validity;
  const validity = source === undefined ? undefined : Uint8Array.from(index, (row) => source[row] ?? 0);
  switch (column.kind) {
    case "dictionary":
      return { ...column, validity, codes: index.map((row) => column.codes[row] ?? 0) };
    case "string":
      return { kind: "string", validity, values: Array.from(index, (row) => column.values[row] ?? "") };
    case "boolean":
      return { kind: "boolean", validity, values: Uint8Array.from(index, (row) => column.values[row] ?? 0) };
    case "int32":
    case "date":
      return {
        kind: column.kind,
        validity,
        values: Int32Array.from(index, (row) => column.values[row] ?? 0),
      };
    case "float64":
      return {
        kind: "float64",
        validity,
        values: Float64Array.from(index, (row) => column.values[row] ?? 0),
      };
    case "int64":
    case "decimal":
    case "timestamp": {
      const values = new BigInt64Array(index.length);
      for (let i = 0; i < index.length; i++) values[i] = column.values[index[i] ?? 0] ?? 0n;
      return { kind: column.kind, validity, values };
    }
  }
}

function concatColumns(field: Field, parts: readonly Column[], counts: readonly number[]): Column {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const kinds = new Set(parts.map((part) => (part.kind === "dictionary" ? "string" : part.kind)));
  if (kinds.size > 1)
    throw new TypeError(`column "${field.name}" has parts of different types: ${[...kinds].join(", ")}`);
  let validity: Uint8Array | undefined;
  if (parts.some((part) => part.validity !== undefined)) {
    validity = new Uint8Array(total).fill(1);
    let offset = 0;
    parts.forEach((part, i) => {
      if (part.validity !== undefined) validity?.set(part.validity, offset);
      offset += counts[i] ?? 0;
    });
  }
  const first = parts[0];
  if (first === undefined) throw new TypeError("concatColumns: no parts");
  switch (first.kind) {
    case "string":
    case "dictionary": {
      const values: string[] = [];
      parts.forEach((part, i) => {
        for (let row = 0; row < (counts[i] ?? 0); row++)
          values.push(isNull(part, row) ? "" : (stringAt(part, row) ?? ""));
      });
      return { kind: "string", validity, values };
    }
    case "boolean":
      return { kind: "boolean", validity, values: joinTyped(new Uint8Array(total), parts) };
    case "int32":
    case "date":
      return { kind: first.kind, validity, values: joinTyped(new Int32Array(total), parts) };
    case "float64":
      return { kind: "float64", validity, values: joinTyped(new Float64Array(total), parts) };
    case "int64":
    case "decimal":
    case "timestamp": {
      const values = new BigInt64Array(total);
      let offset = 0;
      for (const part of parts) {
        if (part.kind === "int64" || part.kind === "decimal" || part.kind === "timestamp") {
          values.set(part.values, offset);
          offset += part.values.length;
        }
      }
      return { kind: first.kind, validity, values };
    }
  }
}

function joinTyped<T extends Uint8Array | Int32Array | Float64Array>(target: T, parts: readonly Column[]): T {
  let offset = 0;
  for (const part of parts) {
    if (part.kind === "boolean" || part.kind === "int32" || part.kind === "date" || part.kind === "float64") {
      target.set(part.values, offset);
      offset += part.values.length;
    }
  }
  return target;
}
