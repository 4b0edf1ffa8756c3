import { type Cell, cellOf, fieldIndex, type Table } from "../../core/table.ts";
import type { FailureReason, RowDifference } from "../verdict.ts";
import { matchRows, type RowMatch } from "./match-rows.ts";
import { isCellEqual, type PairedColumn, pairColumns } from "./paired-column.ts";
import { compareSchemas, pairByName } from "./schema.ts";
import { type PlacedRow, smallest } from "./smallest.ts";

export interface RowsOptions {
  readonly result: string;
  /** Names the rows; need not be unique, may be empty. */
  readonly key: readonly string[];
  /** Only these columns (and the key) are compared; default all of the expected table's. */
  readonly columns?: readonly string[] | undefined;
  /** Only which keys are there is compared. */
  readonly keysOnly?: boolean | undefined;
  /** The actual rows must come in the expected rows' order of these columns; ties in any order. */
  readonly orderBy?: readonly string[] | undefined;
  /** Largest |a − b| / max(1, |b|) that is equal for fractions; default 1e-9, and exact between two decimals. */
  readonly tolerance?: number | undefined;
}

/** What a comparison of rows found; `reason` is undefined when the tables are equal. */
export interface RowsComparison {
  readonly reason: FailureReason | undefined;
  readonly expected: Table;
  readonly actual: Table;
  readonly columns: readonly PairedColumn[];
  readonly key: readonly PairedColumn[];
  readonly match: RowMatch;
}

/** At most this many differing rows are kept; the counts are exact. */
export const MAX_DIFFERENCES = 5;

const NO_MATCH: RowMatch = { missing: [], extra: [], changed: [] };

/**
 * Compares two tables as multisets of rows, and their order where it is asked for. Columns are paired by name,
 * case aside; a column that is missing, or of another family, is the reason (`columns`, `types`) and no row is compared.
 *
 * Throws a RangeError when the key or an asked column is not one of the expected table: the author's mistake.
 */
export function compareRows(expected: Table, actual: Table, options: RowsOptions): RowsComparison {
  const asked = askedColumns(expected, options);
  const nothing = { expected, actual, columns: [], key: [], match: NO_MATCH };
  const schema = compareSchemas(expected, actual, { result: options.result, columns: asked });
  if (schema !== undefined) return { reason: schema, ...nothing };
  const columns = pairByName(expected, actual, asked).pairs.map((pair) =>
    pairColumns(pair.expected, pair.actual, options.tolerance),
  );
  const key = options.key.map((name) => named(columns, name));
  const match = matchRows({ columns, key, expectedRows: expected.rowCount, actualRows: actual.rowCount });
  const found = { expected, actual, columns, key, match };
  const { missing, extra, changed } = match;
  if (missing.length + extra.length + changed.length === 0) {
    return { reason: orderReason(found, options), ...found };
  }
  return {
    reason: {
      kind: "rows",
      result: options.result,
      expectedRows: expected.rowCount,
      actualRows: actual.rowCount,
      missing: missing.length,
      extra: extra.length,
      changed: changed.length,
      differences: firstDifferences(found),
    },
    ...found,
  };
}

/** True when two tables have the same columns, families and rows, in any order. */
export function isTableEqual(expected: Table, actual: Table, tolerance?: number): boolean {
  if (compareSchemas(expected, actual, { result: "" }) !== undefined) return false;
  return compareRows(expected, actual, { result: "", key: [], tolerance }).reason === undefined;
}

function askedColumns(expected: Table, options: RowsOptions): string[] {
  const wanted =
    options.keysOnly === true
      ? options.key
      : [
          ...new Set([...options.key, ...(options.columns ?? expected.fields.map((field) => field.name))]),
          ...(options.orderBy ?? []),
        ];
  return [
    ...new Set(
      wanted.map((name) => {
        const index = fieldIndex(expected, name);
        const field = index === undefined ? undefined : expected.fields[index];
        if (field === undefined) throw new RangeError(`the expected table has no column "${name}"`);
        return field.name;
      }),
    ),
  ];
}

function named(columns: readonly PairedColumn[], name: string): PairedColumn {
  const folded = name.toLowerCase();
  const column = columns.find((c) => c.name === name) ?? columns.find((c) => c.name.toLowerCase() === folded);
  if (column === undefined) throw new RangeError(`no column "${name}" is compared`);
  return column;
}

/** The first row (1-based) where the columns of the order are not the expected ones. */
function orderReason(found: Omit<RowsComparison, "reason">, options: RowsOptions): FailureReason | undefined {
  const by = (options.orderBy ?? []).map((name) => named(found.columns, name));
  if (by.length === 0) return undefined;
  for (let row = 0; row < found.expected.rowCount; row++) {
    if (by.some((column) => !isCellEqual(column, row, row))) {
      return { kind: "order", result: options.result, row: row + 1, by: by.map((column) => column.name) };
    }
  }
  return undefined;
}

type PlacedDifference = PlacedRow &
  ({ readonly kind: "missing" | "extra" } | { readonly kind: "changed"; readonly expectedRow: number });

/** The differences with the smallest keys, at least one of each kind there is. */
function firstDifferences(found: Omit<RowsComparison, "reason">): RowDifference[] {
  const { match, columns } = found;
  const by = found.key.length > 0 ? found.key : columns;
  const kinds: PlacedDifference[][] = [
    match.missing.map((row) => ({ kind: "missing", side: "expected", row })),
    match.extra.map((row) => ({ kind: "extra", side: "actual", row })),
    match.changed.map((pair) => ({
      kind: "changed",
      side: "actual",
      row: pair.actual,
      expectedRow: pair.expected,
    })),
  ];
  const all = kinds.map((kind) => smallest(kind, by, MAX_DIFFERENCES));
  const first = all.flatMap((kind) => kind.slice(0, 1));
  const rest = smallest(
    all.flatMap((kind) => kind.slice(1)),
    by,
    MAX_DIFFERENCES - first.length,
  );
  return smallest([...first, ...rest], by, MAX_DIFFERENCES).map((difference): RowDifference => {
    const key = cellsOf(found.key, difference.side, difference.row);
    if (difference.kind !== "changed") {
      return { kind: difference.kind, key, row: cellsOf(columns, difference.side, difference.row) };
    }
    return {
      kind: "changed",
      key,
      cells: columns
        .filter((column) => !isCellEqual(column, difference.expectedRow, difference.row))
        .map((column) => ({
          column: column.name,
          expected: cellOf(column.expected.field, column.expected.column, difference.expectedRow),
          actual: cellOf(column.actual.field, column.actual.column, difference.row),
        })),
    };
  });
}

function cellsOf(
  columns: readonly PairedColumn[],
  side: "expected" | "actual",
  row: number,
): Record<string, Cell> {
  return Object.fromEntries(
    columns.map((column) => [column.name, cellOf(column[side].field, column[side].column, row)]),
  );
}
