import { type Cell, cellOf, type Table } from "../../core/table.ts";
import { isCellEqual, isNear, type PairedColumn } from "../compare/paired-column.ts";
import { compareRows, type RowsComparison, type RowsOptions } from "../compare/rows.ts";
import { isList, isTable } from "./deep-equal.ts";

/** How often each difference from the expected outcome occurs; two outcomes' differences compare by their names. */
export type Differences = ReadonlyMap<string, number>;

/** Past this many the sets are not made: a mistake that changes everything is recognised by equality. */
const MAX_DIFFERENCES = 200_000;

/** The differing rows and cells of a table: missing rows, extra rows, and each changed cell with its new value. */
export function tableDifferences(expected: Table, actual: Table, options: RowsOptions): Differences {
  const found = compareRows(expected, actual, options);
  const names = new Map<string, number>();
  const { missing, extra, changed } = found.match;
  if (missing.length + extra.length + changed.length > MAX_DIFFERENCES) return names;
  for (const row of missing) add(names, `missing ${nameRow(found.columns, "expected", row)}`);
  for (const row of extra) add(names, `extra ${nameRow(found.columns, "actual", row)}`);
  for (const pair of changed) {
    const key = nameRow(found.key, "actual", pair.actual);
    for (const column of found.columns) {
      if (!isCellEqual(column, pair.expected, pair.actual)) {
        add(names, `cell ${key} ${column.name} ${nameCell(column, "actual", pair.actual)}`);
      }
    }
  }
  return names;
}

/** The leaves in which a value differs from the expected one, by path and new value. */
export function valueDifferences(expected: unknown, actual: unknown, tolerance: number): Differences {
  const names = new Map<string, number>();
  collect(names, "", expected, actual, tolerance);
  return names;
}

/** The number of differences, repeated ones included. */
export function countOf(differences: Differences): number {
  let count = 0;
  for (const times of differences.values()) count += times;
  return count;
}

/** True when each of `part` is also in `whole`, as often at least; never for an empty `part`. */
export function isContained(part: Differences, whole: Differences): boolean {
  if (part.size === 0) return false;
  for (const [name, times] of part) if ((whole.get(name) ?? 0) < times) return false;
  return true;
}

function collect(
  names: Map<string, number>,
  path: string,
  expected: unknown,
  actual: unknown,
  tolerance: number,
): void {
  if (names.size > MAX_DIFFERENCES) return;
  if (isTable(expected) && isTable(actual)) {
    for (const [name, times] of tableDifferences(expected, actual, { result: "", key: [], tolerance })) {
      names.set(`${path} ${name}`, times);
    }
    return;
  }
  if (isList(expected) && isList(actual)) {
    const length = Math.max(expected.length, actual.length);
    for (let i = 0; i < length; i++) collect(names, `${path}/${i}`, expected[i], actual[i], tolerance);
    return;
  }
  if (isPlain(expected) && isPlain(actual)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      collect(names, `${path}/${name}`, expected[name], actual[name], tolerance);
    }
    return;
  }
  const isEqual =
    typeof expected === "number" && typeof actual === "number"
      ? isNear(actual, expected, tolerance)
      : Object.is(expected, actual);
  if (!isEqual) add(names, `${path} = ${nameValue(actual)}`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !isList(value) && !(value instanceof Date);
}

function nameRow(columns: RowsComparison["columns"], side: "expected" | "actual", row: number): string {
  return columns.map((column) => nameCell(column, side, row)).join("|");
}

function nameCell(column: PairedColumn, side: "expected" | "actual", row: number): string {
  const { field, column: values } = column[side];
  return nameValue(column.tolerance === undefined ? cellOf(field, values, row) : numberOf(column, side, row));
}

function numberOf(column: PairedColumn, side: "expected" | "actual", row: number): Cell {
  const { validity, values } = column[side];
  return validity !== undefined && validity[row] === 0 ? null : (values[row] ?? null);
}

/** Fractions with nine digits, so that the same value reached by another sum has the same name. */
function nameValue(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return value.toPrecision(9);
  if (typeof value === "bigint") return value.toString();
  return (
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)) ?? ""
  );
}

function add(names: Map<string, number>, name: string): void {
  names.set(name, (names.get(name) ?? 0) + 1);
}
