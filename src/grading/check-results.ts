import type { Table } from "../core/table.ts";
import type { Text } from "../core/text.ts";
import { compareRows, type RowsOptions } from "./compare/rows.ts";
import { compareSchemas } from "./compare/schema.ts";
import type { CheckResult } from "./exercise.ts";
import type { Failure, FailureReason } from "./verdict.ts";

/** What an author's own check gives: `passed`, or one of the ways to fail below. */
export const passed: CheckResult = { passed: true };

/** A failed check with its reason; `example` is the smallest counter-example, `mistake` the one that a rule recognised. */
export function failed(reason: FailureReason, more: Omit<Failure, "reason"> = {}): CheckResult {
  return { passed: false, reason, ...more };
}

/** A failed check in the author's own words. */
export function failedSaying(text: Text, more: Omit<Failure, "reason"> = {}): CheckResult {
  return failed({ kind: "said", text }, more);
}

/** One thing that a check of kind `files` or `plan` looks at. */
export interface Fact {
  readonly name: Text;
  /** As it is shown. */
  readonly expected: string;
  readonly actual: string;
  readonly holds: boolean;
}

/** Passed when every fact holds; else the facts that do not. */
export function judgeFacts(
  kind: "files" | "plan",
  facts: readonly Fact[],
  more: Omit<Failure, "reason"> = {},
): CheckResult {
  const broken = facts.filter((fact) => !fact.holds);
  if (broken.length === 0) return passed;
  const shown = broken.map(({ name, expected, actual }) => ({ name, expected, actual }));
  return failed({ kind, facts: shown }, more);
}

/**
 * Passed when two tables have the same columns (by family) and rows, as a check of kind `rows` compares them;
 * else the first missing, extra and changed rows. `result` names the table in the verdict.
 */
export function sameTables(expected: Table, actual: Table, options: RowsOptions): CheckResult {
  const isPartial = options.keysOnly === true || options.columns !== undefined;
  const reason =
    (isPartial ? undefined : compareSchemas(expected, actual, { result: options.result })) ??
    compareRows(expected, actual, options).reason;
  return reason === undefined ? passed : failed(reason);
}
