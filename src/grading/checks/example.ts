import { type Cell, cellOf, fieldIndex, type Table } from "../../core/table.ts";
import { takeRows } from "../../core/table-build.ts";
import type { FailureReason, RowDifference } from "../verdict.ts";

/** A counter-example has at most this many rows. */
const MAX_ROWS = 3;

/**
 * The smallest rows behind a difference: rows of the input that carries the key's columns, because there the
 * learner sees what arrived; else the differing rows of the result. Undefined when no row differs.
 */
export function exampleOfRows(
  reason: FailureReason,
  inputs: Readonly<Record<string, Table>>,
): Table | undefined {
  if (reason.kind !== "rows") return undefined;
  const keys = reason.differences.map((difference) => difference.key);
  for (const input of Object.values(inputs)) {
    const rows = rowsWithKeys(input, keys);
    if (rows.length > 0) return takeRows(input, rows);
  }
  return undefined;
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
