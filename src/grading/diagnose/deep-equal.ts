import type { Table } from "../../core/table.ts";
import { isNear } from "../compare/paired-column.ts";
import { isTableEqual } from "../compare/rows.ts";

/** True when two values that crossed the sandbox are the same data: numbers within `tolerance`, tables as multisets of rows. */
export function isDataEqual(a: unknown, b: unknown, tolerance: number): boolean {
  if (typeof a === "number" && typeof b === "number") return isNear(a, b, tolerance);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (isTable(a) && isTable(b)) return isTableEqual(a, b, tolerance);
  if (a instanceof Date && b instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof Map && b instanceof Map) return isDataEqual([...a], [...b], tolerance);
  if (a instanceof Set && b instanceof Set) return isDataEqual([...a], [...b], tolerance);
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isDataEqual(a[i], b[i], tolerance)) return false;
    return true;
  }
  const left = new Map(Object.entries(a).filter(([, value]) => value !== undefined));
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  if (left.size !== right.size) return false;
  for (const [name, value] of left) {
    if (!right.has(name) || !isDataEqual(value, right.get(name), tolerance)) return false;
  }
  return true;
}

/** True for the one table type, as it looks after a structured clone. */
export function isTable(value: unknown): value is Table {
  return (
    typeof value === "object" &&
    value !== null &&
    "fields" in value &&
    "columns" in value &&
    "rowCount" in value &&
    Array.isArray(value.fields) &&
    Array.isArray(value.columns) &&
    typeof value.rowCount === "number"
  );
}

/** Arrays and typed arrays. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
