import type { Chart } from "../core/events.ts";
import { type Cell, type Column, cellOf, columnOf, type Field, isNull, type Table } from "../core/table.ts";
import { verbatim } from "../core/text.ts";

export interface ChartColumns {
  /** Default: the first column. */
  readonly x?: string | undefined;
  /** One column, or several with commas between; default: every other column of numbers. */
  readonly y?: string | undefined;
}

/**
 * A chart of a query's result: bars when x is text, a truth value or (up to 40 rows) a date; else a line
 * for each y. Nulls are gaps. Throws a RangeError for a column that is not there and a TypeError for a y that is no number.
 */
export function chartOfTable(table: Table, title: string, columns: ChartColumns = {}): Chart {
  const first = table.fields[0];
  if (first === undefined) throw new RangeError("a chart needs columns");
  const x = columnOf(table, columns.x ?? first.name);
  const names =
    columns.y?.split(",").map((name) => name.trim()) ??
    table.fields
      .filter((field) => field.name !== x.field.name && isNumeric(field))
      .map((field) => field.name);
  const ys = names.map((name) => columnOf(table, name));
  const [y] = ys;
  if (y === undefined) throw new TypeError("a chart needs a column of numbers for y");
  for (const { field } of ys)
    if (!isNumeric(field)) throw new TypeError(`"${field.name}" is no column of numbers`);
  if (isLabel(x.field, table.rowCount)) {
    return {
      kind: "bars",
      title: verbatim(title),
      unit: verbatim(y.field.unit ?? y.field.name),
      bars: Array.from({ length: table.rowCount }, (_, row) => ({
        label: labelOf(cellOf(x.field, x.column, row)),
        value: numberAt(y.field, y.column, row),
      })),
    };
  }
  const xs = Array.from({ length: table.rowCount }, (_, row) => numberAt(x.field, x.column, row));
  return {
    kind: "line",
    title: verbatim(title),
    xLabel: verbatim(axis(x.field)),
    yLabel: verbatim(axis(y.field)),
    series: ys.map(({ field, column }) => ({
      name: field.name,
      x: xs,
      y: Array.from({ length: table.rowCount }, (_, row) => numberAt(field, column, row)),
    })),
  };
}

function isNumeric(field: Field): boolean {
  return ["int32", "int64", "float64", "decimal"].includes(field.type.kind);
}

function isLabel(field: Field, rows: number): boolean {
  const { kind } = field.type;
  if (kind === "string" || kind === "boolean") return true;
  return (kind === "date" || kind === "timestamp") && rows <= 40;
}

/** Dates as days and timestamps as seconds since 1970; NaN for null. */
function numberAt(field: Field, column: Column, row: number): number {
  if (isNull(column, row)) return Number.NaN;
  switch (column.kind) {
    case "boolean":
    case "int32":
    case "float64":
    case "date":
      return column.values[row] ?? Number.NaN;
    case "int64":
      return Number(column.values[row] ?? 0n);
    case "timestamp":
      return Number(column.values[row] ?? 0n) / 1e6;
    case "decimal":
      return Number(column.values[row] ?? 0n) / 10 ** (field.type.kind === "decimal" ? field.type.scale : 0);
    case "string":
    case "dictionary":
      return Number.NaN;
  }
}

function labelOf(cell: Cell): string {
  return cell === null ? "NULL" : String(cell);
}

function axis(field: Field): string {
  return field.unit === undefined ? field.name : `${field.name} (${field.unit})`;
}
