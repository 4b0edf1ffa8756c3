import type { Table } from "../../core/table.ts";
import { numberReadings } from "../checks/answers.ts";
import { resultNames } from "../checks/run-check.ts";
import { valueNear } from "../checks/value.ts";
import { DEFAULT_TOLERANCE } from "../compare/paired-column.ts";
import { compareRows } from "../compare/rows.ts";
import type { Check, Exercise } from "../exercise.ts";
import type { HandleByKind } from "../kinds/open.ts";
import { type Call, callValue, isSameQuestion } from "../run/calls.ts";
import type { JudgedCheck } from "../run/run-case.ts";
import type { FailureReason } from "../verdict.ts";
import { isDataEqual, isTable } from "./deep-equal.ts";
import { countOf, type Differences, isContained, tableDifferences, valueDifferences } from "./differences.ts";

/**
 * How much a submission's failure is that of a wrong answer. `equal`: everything that the check asked gave the
 * same; `same-reason`: the check found the same fault; `contained`: all that the wrong answer gets wrong is wrong
 * in the same way, among other things (`size` of them); `same-words`: the check said the same of two files, which
 * proves something only where it says it of no other wrong answer.
 */
export type Likeness =
  | { readonly kind: "equal" }
  | { readonly kind: "same-reason" }
  | { readonly kind: "contained"; readonly size: number }
  | { readonly kind: "same-words" };

/**
 * A mistake that explains less than this part of what is wrong is not named: an empty result contains every
 * mistake that loses rows, and a missing filter every one that lets some in.
 */
const MIN_SHARE = 0.25;

/** Undefined: they have nothing in common that proves anything. Both must have failed the check. */
export function likenessOf(
  spec: Exercise,
  check: Check<HandleByKind[Exercise["kind"]]>,
  submission: JudgedCheck,
  wrong: JudgedCheck,
): Likeness | undefined {
  if (submission.result.passed || wrong.result.passed) return undefined;
  const tolerance = ("tolerance" in check ? check.tolerance : undefined) ?? DEFAULT_TOLERANCE;
  const reason = submission.result.reason;
  if (areCallsEqual(submission.calls, wrong.calls, tolerance) && isOrderEqual(reason, submission, wrong)) {
    return { kind: "equal" };
  }
  if (isReasonEqual(reason, wrong.result.reason, tolerance)) return { kind: "same-reason" };
  const own = differencesOf(spec, check, submission, submission.expectedCalls, tolerance);
  const theirs = differencesOf(spec, check, wrong, submission.expectedCalls, tolerance);
  const size = countOf(theirs);
  if (isContained(theirs, own) && size >= MIN_SHARE * countOf(own)) return { kind: "contained", size };
  const isSaid = spec.kind === "files" && reason.kind === "said";
  return isSaid && isDataEqual(submission.result, wrong.result, tolerance)
    ? { kind: "same-words" }
    : undefined;
}

function areCallsEqual(a: readonly Call[], b: readonly Call[], tolerance: number): boolean {
  if (a.length !== b.length || a.length === 0) return false;
  return a.every((call, index) => {
    const other = b[index];
    if (other === undefined || !isSameQuestion(call, other)) return false;
    if (call.outcome.kind !== other.outcome.kind) return false;
    if (Buffer.compare(outcomeBytes(call), outcomeBytes(other)) === 0) return true;
    return call.outcome.kind === "value" && isDataEqual(callValue(call), callValue(other), tolerance);
  });
}

function outcomeBytes(call: Call): Uint8Array {
  return call.outcome.kind === "value"
    ? call.outcome.bytes
    : Buffer.from(JSON.stringify(call.outcome.problem));
}

/** Tables are equal in any order; where the order is the fault, it must be the same one. */
function isOrderEqual(reason: FailureReason, a: JudgedCheck, b: JudgedCheck): boolean {
  if (reason.kind !== "order") return true;
  const [left, right] = [tableIn(a.calls), tableIn(b.calls)];
  if (left === undefined || right === undefined) return false;
  return compareRows(left, right, { result: "", key: [], orderBy: reason.by }).reason === undefined;
}

function tableIn(calls: readonly Call[]): Table | undefined {
  return calls.map(callValue).find(isTable);
}

/** True when two reasons show the same fault. What is only said, or the mere count of rows, shows none. */
function isReasonEqual(a: FailureReason, b: FailureReason, tolerance: number): boolean {
  if (a.kind === "value" && b.kind === "value") {
    return a.name === b.name && valueNear(a.actual, b.actual, tolerance);
  }
  if (a.kind === "answer" && b.kind === "answer") {
    return (
      a.field === b.field &&
      a.problem === "wrong" &&
      b.problem === "wrong" &&
      isAnswerEqual(a.given, b.given, tolerance)
    );
  }
  const hasFacts = a.kind === "files" || a.kind === "plan" || a.kind === "columns" || a.kind === "types";
  return hasFacts && isDataEqual(a, b, tolerance);
}

function isAnswerEqual(a: unknown, b: unknown, tolerance: number): boolean {
  const [left, right] = [numberReadings(a), numberReadings(b)];
  if (left.length > 0 && right.length > 0) {
    return left.some((x) => right.some((y) => valueNear(x, y, tolerance)));
  }
  return String(a).trim().toLowerCase() === String(b).trim().toLowerCase();
}

const NONE: Differences = new Map();

function differencesOf(
  spec: Exercise,
  check: Check<HandleByKind[Exercise["kind"]]>,
  judged: JudgedCheck,
  expectedCalls: readonly Call[],
  tolerance: number,
): Differences {
  const reason = judged.result.passed ? undefined : judged.result.reason;
  switch (reason?.kind) {
    case undefined:
      return NONE;
    case "columns":
      return new Map(reason.missing.map((name) => [name.toLowerCase(), 1]));
    case "types":
      return new Map(reason.columns.map(({ name, actual }) => [`${name.toLowerCase()} ${actual}`, 1]));
    case "files":
    case "plan":
      return new Map(
        reason.facts
          .filter((fact) => fact.expected !== fact.actual)
          .map((fact) => [`${fact.name.en} ${fact.actual}`, 1]),
      );
    default:
      break;
  }
  if (check.kind === "rows") {
    const [expected, actual] = [tableIn(expectedCalls), tableIn(judged.calls)];
    if (reason?.kind !== "rows" || expected === undefined || actual === undefined) return NONE;
    return tableDifferences(expected, actual, {
      ...check,
      result: check.result ?? resultNames(spec)[0] ?? "",
    });
  }
  return callDifferences(expectedCalls, judged.calls, tolerance);
}

/** Differences of each call from the solution's answer to the same call. */
function callDifferences(
  expectedCalls: readonly Call[],
  calls: readonly Call[],
  tolerance: number,
): Differences {
  const all = new Map<string, number>();
  const left = [...expectedCalls];
  calls.forEach((call, index) => {
    const at = left.findIndex((other) => isSameQuestion(other, call));
    const expected = at < 0 ? undefined : left.splice(at, 1)[0];
    if (expected === undefined || call.outcome.kind !== "value") return;
    for (const [name, times] of valueDifferences(callValue(expected), callValue(call), tolerance)) {
      all.set(`${index}${name}`, times);
    }
  });
  return all;
}
