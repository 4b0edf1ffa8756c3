import type { Cell } from "../../core/table.ts";
import { DEFAULT_TOLERANCE, isNear } from "../compare/paired-column.ts";

/**
 * True when a value is the expected one: numbers (integers as bigint, decimals as text) within
 * `tolerance` · max(1, |expected|), anything else when identical. Two integers are compared exactly.
 */
export function valueNear(actual: Cell, expected: Cell, tolerance: number = DEFAULT_TOLERANCE): boolean {
  if (actual === null || expected === null) return actual === expected;
  if (isWhole(actual) && isWhole(expected)) {
    if (BigInt(actual) === BigInt(expected)) return true;
    if (tolerance === DEFAULT_TOLERANCE) return false;
  }
  const a = asNumber(actual);
  const b = asNumber(expected);
  if (a !== undefined && b !== undefined) return isNear(a, b, tolerance);
  return actual === expected;
}

function isWhole(value: Cell): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
}

/** A decimal comes as text (`12.50`); a text that is no plain decimal is no number. */
function asNumber(value: Cell): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" && /^[+-]?\d+(\.\d+)?$/.test(value)) return Number(value);
  return undefined;
}

/** A cell for anything that a learner's function may have returned: data that is no cell is shown as JSON. */
export function asCell(value: unknown): Cell {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : (JSON.stringify(value) ?? String(value));
  }
}
