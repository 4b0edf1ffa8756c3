import { type Cell, cellOf, type Field, fieldIndex, type Row, type Table } from "../../core/table.ts";
import { tableFromRows, takeRows } from "../../core/table-build.ts";
import type { FailureReason, RowDifference } from "../verdict.ts";

/** A counter-example has at most this many rows. */
const MAX_ROWS = 3;

/**
 * The smallest rows behind a difference: rows of the input that carries the key's columns, because there the
 * learner sees what arrived; else the first missing rows of the expected table or the first rows of the actual
 * one that are too many or changed. Undefined when no row differs.
 */
export function exampleOfRows(
  reason: FailureReason,
  tables: {
    readonly inputs: Readonly<Record<string, Table>>;
    readonly expected: Table;
    readonly actual: Table;
  },
): Table | undefined {
  if (reason.kind !== "rows") return undefined;
  const { inputs, expected, actual } = tables;
  const keys = reason.differences.map((difference) => difference.key);
  for (const input of Object.values(inputs)) {
    const rows = rowsWithKeys(input, keys);
    if (rows.length > 0) return takeRows(input, rows);
  }
  return rowsOfResult(reason.differences, expected, actual);
}

/** The differences of the first one's kind, as rows of their table. */
function rowsOfResult(
  differences: readonly RowDifference[],
  expected: Table,
  actual: Table,
): Table | undefined {
  const [first] = differences;
  if (first === undefined) return undefined;
  const rows = differences
    .filter(({ kind }) => kind === first.kind)
    // Changed rows differ in different columns: one of them.
    .slice(0, first.kind === "changed" ? 1 : MAX_ROWS)
    .map((difference): Row => {
      if (difference.kind !== "changed") return difference.row;
      const changed = difference.cells.map((cell): [string, Cell] => [cell.column, cell.actual]);
      return { ...difference.key, ...Object.fromEntries(changed) };
    });
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  // Differences carry the expected table's names; the actual one may write them in another case.
  const fields = expected.fields
    .filter(({ name }) => names.has(name))
    .map((field): Field => {
      const index = first.kind === "missing" ? undefined : fieldIndex(actual, field.name);
      const given = index === undefined ? undefined : actual.fields[index];
      return { ...field, type: given?.type ?? field.type, nullable: true };
    });
  return tableFromRows(fields, rows);
}

/** Rows whose key columns hold one of the keys, in the order of the keys; compared as trimmed text. */
function rowsWithKeys(table: Table, keys: readonly RowDifference["key"][]): number[] {
  const names = Object.keys(keys[0] ?? {});
  const columns = names.flatMap((name) => {
    const index = fieldIndex(table, name);
    const field = index === undefined ? undefined : table.fields[index];
    const column = index === undefined ? undefined : table.columns[index];
    return field === undefined || column === undefined ? [] : [{ field, column }];
  });
  if (names.length === 0 || columns.length < names.length) return [];
  const wanted = new Map(keys.map((key, at) => [textOf(names.map((name) => key[name] ?? null)), at]));
  const found: { row: number; at: number }[] = [];
  for (let row = 0; row < table.rowCount && found.length < 4 * MAX_ROWS; row++) {
    const at = wanted.get(textOf(columns.map(({ field, column }) => cellOf(field, column, row))));
    if (at !== undefined) found.push({ row, at });
  }
  return found
    .sort((a, b) => a.at - b.at || a.row - b.row)
    .slice(0, MAX_ROWS)
    .map(({ row }) => row);
}

function textOf(cells: readonly Cell[]): string {
  return JSON.stringify(cells.map((cell) => (cell === null ? null : String(cell).trim())));
}
