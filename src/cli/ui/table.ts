import { formatNumber } from "../../core/numbers.ts";
import type { Table } from "../../core/table.ts";
import { tableTexts } from "../texts/table.ts";
import { type DrawnColumn, drawColumn } from "./cells.ts";
import { fitColumns } from "./fit.ts";
import { drawGrid } from "./grid.ts";
import { formatCount } from "./numbers.ts";
import { cutTo } from "./safe-text.ts";
import type { Look } from "./terminal.ts";

export interface TableOptions {
  /** Rows drawn at most; default 20. */
  readonly maxRows?: number | undefined;
  /** Spaces before each line; default 0. */
  readonly indent?: number | undefined;
  /** The line with the number of rows; default true. */
  readonly hasRowCount?: boolean | undefined;
}

/**
 * A table as text that fits the look's width: numbers to the right in the locale's form, NULL dim, long
 * texts cut, columns that don't fit left out and named. Ends without a line end.
 */
export function renderTable(table: Table, look: Look, options: TableOptions = {}): string {
  const maxRows = options.maxRows ?? 20;
  const margin = " ".repeat(options.indent ?? 0);
  const inner = { ...look, columns: Math.max(10, look.columns - margin.length) };
  const drawn = table.fields.map((_, index) => drawColumn(table, index, { rows: maxRows, lang: look.lang }));
  const fit = fitColumns(drawn, inner);
  const shownRows = Math.min(maxRows, table.rowCount);
  const columns = fit.kept.map((index) => (index === "gap" ? undefined : drawn[index]));
  const widths = fit.kept.map((index) => (index === "gap" ? 1 : (fit.widths.get(index) ?? 1)));
  const mark = look.isUnicode ? "…" : "~";
  const lines = drawGrid({
    look: inner,
    columns: columns.map((column, index) => ({
      align: column?.isNumber === true ? "right" : "left",
      width: widths[index] ?? 1,
    })),
    header: columns.map((column, index) =>
      column === undefined ? mark : cutTo(column.name, widths[index] ?? 1, look.isUnicode),
    ),
    rows: Array.from({ length: shownRows }, (_, row) =>
      columns.map((column, index) =>
        column === undefined ? mark : cellText(column, row, widths[index] ?? 1, look),
      ),
    ),
  });
  const notes: string[] = [];
  if (options.hasRowCount !== false) notes.push(rowLine(table.rowCount, shownRows, look));
  if (fit.left.length > 0)
    notes.push(
      leftOut(
        fit.left.map((index) => drawn[index]?.name ?? ""),
        inner,
      ),
    );
  return [...lines, ...notes.map((note) => look.colors.dim(note))].map((line) => margin + line).join("\n");
}

function cellText(column: DrawnColumn, row: number, width: number, look: Look): string {
  const cell = column.cells[row];
  if (cell === null || cell === undefined) return look.colors.dim("NULL");
  return cutTo(cell, width, look.isUnicode);
}

function rowLine(rowCount: number, shown: number, look: Look): string {
  const rows = formatCount(rowCount, tableTexts.rows, look.lang);
  if (shown >= rowCount) return rows;
  return `${rows} (${tableTexts.firstOnly[look.lang](formatNumber(shown, look.lang))})`;
}

function leftOut(names: readonly string[], look: Look): string {
  const head = tableTexts.leftOut[look.lang](names.length);
  return cutTo(`${head} ${names.slice(0, 50).join(", ")}`, look.columns, look.isUnicode);
}
