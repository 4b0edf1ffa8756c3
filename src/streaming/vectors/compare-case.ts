import type { VectorBatch, VectorCase, VectorRefusal, VectorRow } from "./case.ts";
import type { CaseOutcome } from "./run-case.ts";

/** The first thing in which a case's outcome is not what Spark recorded. */
export interface CaseDifference {
  readonly name: string;
  /** The place in the case's list of batches; undefined for a refusal or a stop. */
  readonly batch: number | undefined;
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Undefined when all agrees: rows (in any order), watermark, batch ids, counters, refusals and stops. */
export function compareCase(given: VectorCase, outcome: CaseOutcome): CaseDifference | undefined {
  const differs = (what: string, expected: unknown, actual: unknown, batch?: number): CaseDifference => ({
    name: given.name,
    batch,
    what,
    expected,
    actual,
  });
  if (!Array.isArray(given.expect)) {
    const { refused } = given.expect;
    return isSameRefusal(refused, outcome.refused)
      ? undefined
      : differs("refusal", refused, outcome.refused ?? outcome.batches);
  }
  if (outcome.refused !== undefined) return differs("refusal", undefined, outcome.refused);
  const length = Math.max(given.expect.length, outcome.batches.length);
  for (let i = 0; i < length; i++) {
    const expected = given.expect[i];
    const actual = outcome.batches[i];
    if (expected === undefined || actual === undefined) return differs("batch", expected, actual, i);
    const what = differenceOf(expected, actual);
    if (what !== undefined) return differs(what, expected, actual, i);
  }
  const stopsOf = (stops: VectorCase["stops"]): string =>
    stops.map((stop) => `${stop.phase}:${plain(stop.condition)}`).join(" ");
  if (stopsOf(given.stops) !== stopsOf([...outcome.stops]))
    return differs("stops", given.stops, outcome.stops);
  return undefined;
}

const LEGACY = "_LEGACY_ERROR_TEMP_";

/** Spark's unnamed conditions count as one. */
function plain(condition: string): string {
  return condition.startsWith(LEGACY) ? LEGACY : condition;
}

function isSameRefusal(expected: VectorRefusal, actual: VectorRefusal | undefined): boolean {
  if (actual === undefined || expected.stage !== actual.stage) return false;
  return expected.condition.startsWith(LEGACY) || expected.condition === actual.condition;
}

function differenceOf(expected: VectorBatch, actual: VectorBatch): string | undefined {
  if (expected.phase !== actual.phase) return "phase";
  if (expected.batchId !== actual.batchId) return "batchId";
  if ((expected.crashed ?? false) !== (actual.crashed ?? false)) return "crashed";
  if (textOfRows(expected.rows) !== textOfRows(actual.rows)) return "rows";
  if (expected.crashed) return undefined;
  if (expected.inputRows !== actual.inputRows) return "inputRows";
  if (expected.noData !== actual.noData) return "noData";
  if (expected.watermark !== actual.watermark) return "watermark";
  if (JSON.stringify(orderedState(expected)) !== JSON.stringify(orderedState(actual))) return "state";
  return undefined;
}

function orderedState(batch: VectorBatch): unknown {
  return batch.state?.map((one) => [one.rows, one.updated, one.removed, one.droppedByWatermark]);
}

/** Rows as one text, whatever their order; numbers to twelve digits, so that means compare. */
function textOfRows(rows: readonly VectorRow[] | null): string {
  if (rows === null) return "null";
  return rows
    .map((row) =>
      JSON.stringify(
        Object.keys(row)
          .sort()
          .map((name) => [name, row[name]]),
        (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(12)) : value),
      ),
    )
    .sort()
    .join("\n");
}
