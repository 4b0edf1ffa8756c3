import type { Table } from "../core/table.ts";
import { type GradingCase, listCases } from "./cases/list.ts";
import { type Likeness, likenessOf } from "./diagnose/likeness.ts";
import type { Grading } from "./run/grading.ts";
import { type CaseOutcome, checksOf, type JudgedCheck } from "./run/run-case.ts";

export interface Diagnosis {
  readonly mistake: string;
  /** Rows that carry the mistake, where the submission has other differences too. */
  readonly example?: Table | undefined;
}

export interface DiagnoseRequest {
  readonly grading: Grading;
  /** The case that failed, and the check: the first one that did. */
  readonly case: GradingCase;
  readonly check: string;
  /** What the submission did on the cases so far, this one among them. */
  readonly outcomes: ReadonlyMap<string, CaseOutcome>;
  /** Runs the submission on another case: only to tell two mistakes apart that are equal so far. */
  readonly runMore: (one: GradingCase) => Promise<CaseOutcome>;
}

interface Candidate {
  readonly mistake: string;
  readonly likeness: Likeness;
  readonly judged: JudgedCheck;
}

/**
 * Recognises the mistake behind a failed check: the one that the grader's own rule named, else the wrong answer
 * with the same outcome on the same data, else one whose whole fault is part of the submission's. Only a mistake
 * that fails that same check is ever named. Undefined: none is recognised.
 */
export async function diagnose(request: DiagnoseRequest): Promise<Diagnosis | undefined> {
  const { spec } = request.grading.exercise;
  const own = judgedIn(request.outcomes.get(request.case.id), request.check);
  const check = checksOf(spec, request.case).find(({ id }) => id === request.check);
  if (own === undefined || own.result.passed || check === undefined) return undefined;
  const named = own.result.mistake;
  if (named !== undefined && spec.wrong[named] === request.check) return { mistake: named };
  const candidates: Candidate[] = [];
  for (const mistake of Object.keys(spec.wrong)) {
    if (request.grading.exercise.wrong[mistake] === undefined) continue;
    if (named !== mistake && (await isRuledOut(request, mistake))) continue;
    const judged = judgedIn(await request.grading.runWrong(mistake, request.case), request.check);
    const likeness = judged === undefined ? undefined : likenessOf(spec, check, own, judged);
    if (judged === undefined || likeness === undefined) continue;
    if (named === mistake) return { mistake };
    candidates.push({ mistake, likeness, judged });
  }
  const best = await mostSpecific(request, candidates);
  if (best === undefined) return undefined;
  const { likeness, judged, mistake } = best;
  const example = likeness.kind === "contained" && !judged.result.passed ? judged.result.example : undefined;
  return { mistake, example };
}

/** True when the wrong answer fails on data on which the submission passed: then it has another mistake. */
async function isRuledOut(request: DiagnoseRequest, mistake: string): Promise<boolean> {
  for (const one of listCases(request.grading.exercise.spec)) {
    const own = request.outcomes.get(one.id);
    if (one.id === request.case.id || own === undefined || !hasPassed(own)) continue;
    if (!hasPassed(await request.grading.runWrong(mistake, one))) return true;
  }
  return false;
}

function hasPassed(outcome: CaseOutcome): boolean {
  return outcome.problem === undefined && outcome.checks.every(({ result }) => result.passed);
}

/** `equal` before `same-reason` before `contained`, then the larger fault, then what the other cases say. */
async function mostSpecific(
  request: DiagnoseRequest,
  candidates: readonly Candidate[],
): Promise<Candidate | undefined> {
  const top = Math.max(...candidates.map(({ likeness }) => rank(likeness)));
  let tied = candidates.filter(({ likeness }) => rank(likeness) === top);
  for (const one of listCases(request.grading.exercise.spec)) {
    if (tied.length <= 1) break;
    if (one.id === request.case.id) continue;
    const own = request.outcomes.get(one.id) ?? (await request.runMore(one));
    const alike: Candidate[] = [];
    for (const candidate of tied) {
      const theirs = await request.grading.runWrong(candidate.mistake, one);
      if (isOutcomeAlike(request, one, own, theirs)) alike.push(candidate);
    }
    if (alike.length > 0) tied = alike;
  }
  const [first] = tied;
  return first?.likeness.kind === "same-words" && tied.length > 1 ? undefined : first;
}

function rank(likeness: Likeness): number {
  switch (likeness.kind) {
    case "equal":
      return Number.POSITIVE_INFINITY;
    case "same-reason":
      return Number.MAX_VALUE;
    case "contained":
      return likeness.size;
    case "same-words":
      return 0;
  }
}

/** True when on another case the same checks fail, and in the same way. */
function isOutcomeAlike(
  request: DiagnoseRequest,
  one: GradingCase,
  own: CaseOutcome,
  theirs: CaseOutcome,
): boolean {
  const { spec } = request.grading.exercise;
  if (own.problem?.check !== theirs.problem?.check) return false;
  return checksOf(spec, one).every((check) => {
    const left = judgedIn(own, check.id);
    const right = judgedIn(theirs, check.id);
    if (left === undefined || right === undefined) return left === right;
    if (left.result.passed || right.result.passed) return left.result.passed === right.result.passed;
    const likeness = likenessOf(spec, check, left, right);
    return likeness !== undefined && likeness.kind !== "contained";
  });
}

function judgedIn(outcome: CaseOutcome | undefined, check: string): JudgedCheck | undefined {
  return outcome?.checks.find(({ id }) => id === check);
}
