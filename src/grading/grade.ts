import { throwIfCancelled, UserError } from "../core/errors.ts";
import { type GradingCase, listCases } from "./cases/list.ts";
import { isConsequence } from "./consequence.ts";
import { diagnose } from "./diagnose.ts";
import type { Files } from "./gradable.ts";
import { type Grading, type GradingRequest, openGrading } from "./run/grading.ts";
import { inOrder } from "./run/in-order.ts";
import { SolutionError } from "./run/remembered-solution.ts";
import type { CaseOutcome } from "./run/run-case.ts";
import { checkTypes } from "./type-errors.ts";
import type { CheckOutcome, SubmissionProblem, Verdict } from "./verdict.ts";

export interface GradeRequest extends GradingRequest {
  /** By the names of the exercise's `files`. */
  readonly submission: Files;
  /** Type errors of TypeScript beside the run; default true. */
  readonly typeCheck?: boolean | undefined;
  /** Only these cases (`visible`, `seed-101`, `edge-empty`, …); default all. */
  readonly only?: readonly string[] | undefined;
}

/**
 * Grades a submission case by case: the visible data, the hidden sets, the edges. All checks of a case are
 * judged; the first case with a failing one is the last. A wrong answer, a crash or a limit is a verdict; what is
 * thrown is CancelledError, a UserError of the environment, or a bug of the exercise or of ours.
 */
export async function grade(request: GradeRequest): Promise<Verdict> {
  const startedMs = request.clock.elapsed();
  const { exercise } = request;
  const typeErrors =
    request.typeCheck === false
      ? Promise.resolve([])
      : checkTypes(exercise.spec, request.submission, request);
  // Awaited when the run is over; until then a failure must not count as unhandled.
  typeErrors.catch(() => undefined);
  const grading = openGrading(request);
  try {
    const judged = await judge(grading, request);
    return {
      exercise: exercise.id,
      version: exercise.spec.version,
      passed: judged.state === "passed",
      ...judged,
      typeErrors: await typeErrors,
      seconds: (request.clock.elapsed() - startedMs) / 1000,
    };
  } catch (error) {
    throw error instanceof SolutionError && error.problem.kind === "time-limit" ? tooSlow(error) : error;
  } finally {
    await grading.close();
    await typeErrors.catch(() => undefined);
  }
}

/** The reference solution fits its limit where the exercise was made: here the machine is the problem. */
function tooSlow(error: SolutionError): UserError {
  return new UserError({
    fault: "limit",
    code: "solution-too-slow",
    what: {
      es: "La solución de referencia no termina a tiempo en esta máquina: ahora no puedo corregir.",
      en: "The reference solution does not end in time on this machine: I can't grade now.",
    },
    next: [
      {
        es: "cierra lo que ocupe el procesador y repite",
        en: "close what keeps the processor busy and try again",
      },
    ],
    cause: error,
  });
}

type Judged = Pick<Verdict, "state" | "checks" | "problem" | "problemCase">;

async function judge(grading: Grading, request: GradeRequest): Promise<Judged> {
  const { spec } = grading.exercise;
  const unjudged = spec.checks.map(({ id }): CheckOutcome => ({ id, passed: null }));
  const cases = listCases(spec).filter(({ id }) => request.only?.includes(id) ?? true);
  const outcomes = new Map<string, CaseOutcome>();
  const passed = new Set<string>();
  // The cases of kind sql share one process.
  const atATime = spec.kind === "sql" ? 1 : 2;
  const run = (one: GradingCase, signal: AbortSignal) => grading.runOn(one, request.submission, signal);
  let failing: { one: GradingCase; outcome: CaseOutcome } | undefined;
  for await (const { item, result } of inOrder(cases, { atATime, signal: request.signal }, run)) {
    throwIfCancelled(request.signal);
    outcomes.set(item.id, result);
    report(request, outcomes.size, cases.length);
    for (const check of result.checks) if (check.result.passed) passed.add(check.id);
    if (result.problem === undefined && result.checks.every((check) => check.result.passed)) continue;
    failing = { one: item, outcome: result };
    break;
  }
  if (failing === undefined) {
    return { state: "passed", checks: unjudged.map((check) => ({ ...check, passed: true })) };
  }
  const { one, outcome } = failing;
  const failed = await explain({ grading, submission: request.submission, outcomes, failing: one });
  const unmet = new Set(outcome.checks.filter((check) => !check.result.passed).map(({ id }) => id));
  const checks = unjudged.map((check) => {
    const isPassed = !unmet.has(check.id) && isHeld(check.id, outcome, passed);
    return failed.get(check.id) ?? (isPassed ? { ...check, passed: true } : check);
  });
  if (failed.size > 0) return { state: "failed", checks };
  const isReadable = outcome.problem?.check !== undefined;
  return { ...ended(outcome.problem?.problem), checks, ...(isReadable ? { problemCase: one.id } : {}) };
}

/** Held on every case that judged it; one that the last case did not reach because of a problem is open. */
function isHeld(check: string, last: CaseOutcome, passed: ReadonlySet<string>): boolean {
  if (last.problem !== undefined) return last.checks.some(({ id }) => id === check);
  return passed.has(check);
}

/** The failed checks of the case, without those that say the same again; the first with the recognised mistake. */
async function explain(found: {
  grading: Grading;
  submission: Files;
  outcomes: ReadonlyMap<string, CaseOutcome>;
  failing: GradingCase;
}): Promise<Map<string, CheckOutcome>> {
  const { grading, submission, outcomes, failing } = found;
  const failed = new Map<string, CheckOutcome>();
  for (const { id, result } of outcomes.get(failing.id)?.checks ?? []) {
    if (result.passed) continue;
    const { reason, example } = result;
    const earlier = [...failed.values()].flatMap(({ failure }) => failure?.reason ?? []);
    if (earlier.some((one) => isConsequence(reason, one))) continue;
    if (failed.size > 0) {
      failed.set(id, { id, passed: false, case: failing.id, failure: { reason, example } });
      continue;
    }
    const diagnosis = await diagnose({
      grading,
      case: failing,
      check: id,
      outcomes,
      runMore: (one) => grading.runOn(one, submission),
    });
    failed.set(id, {
      id,
      passed: false,
      case: failing.id,
      failure: { reason, example: diagnosis?.example ?? example },
      mistake: diagnosis?.mistake,
    });
  }
  return failed;
}

function ended(problem: SubmissionProblem | undefined): Pick<Judged, "state" | "problem"> {
  return { state: problem?.kind === "time-limit" ? "timeout" : "error", problem };
}

function report(request: GradeRequest, done: number, total: number): void {
  request.emit?.({
    kind: "progress",
    task: { es: "Corrigiendo", en: "Grading" },
    done: Math.round((100 * done) / total),
    total: 100,
    unit: "percent",
  });
}
