import { decimalsNeeded, formatNumber, localizeDigits } from "../../core/numbers.ts";
import { type Cell, cellOf, type Field, type Table } from "../../core/table.ts";
import type { Lang } from "../../core/text.ts";
import { oneLine } from "./safe-text.ts";

/** A column ready to be drawn. `null` stands for NULL, so that it never looks like the text "NULL". */
export interface DrawnColumn {
  readonly name: string;
  readonly isNumber: boolean;
  readonly cells: readonly (string | null)[];
}

/**
 * The first `rows` values of a column as texts of one form: all with the same decimals; thousands are parted
 * where a value passes 9,999 and the name is not that of an id or a year.
 */
export function drawColumn(table: Table, index: number, options: { rows: number; lang: Lang }): DrawnColumn {
  const field = table.fields[index];
  const column = table.columns[index];
  if (field === undefined || column === undefined) throw new RangeError(`the table has no column ${index}`);
  const cells: Cell[] = [];
  for (let row = 0; row < Math.min(options.rows, table.rowCount); row++)
    cells.push(cellOf(field, column, row));
  const isNumber = ["int32", "int64", "float64", "decimal"].includes(field.type.kind);
  const form = columnForm(field, cells);
  return {
    name: oneLine(field.name),
    isNumber,
    cells: cells.map((cell) =>
      cell === null ? null : formatCell(cell, { ...form, lang: options.lang, isNumber }),
    ),
  };
}

/** One value on its own (a key, an expected value), in the locale's form. NULL as `NULL`. */
export function formatValue(cell: Cell, lang: Lang): string {
  if (cell === null) return "NULL";
  const isGrouped = typeof cell === "number" || typeof cell === "bigint" ? magnitude(cell) > 9_999 : false;
  return formatCell(cell, { decimals: undefined, isGrouped, lang, isNumber: false });
}

interface ColumnForm {
  readonly decimals: number | undefined;
  readonly isGrouped: boolean;
}

function formatCell(cell: Exclude<Cell, null>, form: ColumnForm & { lang: Lang; isNumber: boolean }): string {
  switch (typeof cell) {
    case "number":
    case "bigint":
      return formatNumber(cell, form.lang, { decimals: form.decimals, isGrouped: form.isGrouped });
    case "boolean":
      return String(cell);
    // A decimal comes as text, exact to its last digit.
    case "string":
      return form.isNumber ? localizeDigits(cell, form.lang, form.isGrouped) : oneLine(cell);
  }
}

function columnForm(field: Field, cells: readonly Cell[]): ColumnForm {
  let decimals = 0;
  let largest = 0;
  for (const cell of cells) {
    if (cell === null || typeof cell === "boolean") continue;
    const size = magnitude(cell);
    if (Number.isFinite(size)) largest = Math.max(largest, size);
    if (typeof cell === "number") decimals = Math.max(decimals, decimalsNeeded(cell));
  }
  return {
    decimals: field.type.kind === "float64" ? Math.min(decimals, largest >= 1000 ? 2 : 6) : undefined,
    isGrouped: largest > 9_999 && !isIdentifier(field.name),
  };
}

function magnitude(cell: number | bigint | string): number {
  return Math.abs(Number(cell));
}

function isIdentifier(name: string): boolean {
  return (
    /(^|[_ ])(id|key|code|year|año|anio|zip|cp|port|pid|seed|version|hash)s?$/i.test(name) ||
    /[a-z]Id$/.test(name)
  );
}
