import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedClock } from "../../core/effects.ts";
import { seededRandom } from "../../core/random.ts";
import type { Engine } from "../../engines/engine.ts";
import { openEngine } from "../../engines/open.ts";
import type { Cache } from "../cache.ts";
import type { CaseInputs } from "../cases/inputs.ts";
import { type GradingCase, isJudgedOn } from "../cases/list.ts";
import { runCheck } from "../checks/run-check.ts";
import { hashOf, seedOf } from "../content-hash.ts";
import type { Check, CheckResult, Exercise } from "../exercise.ts";
import type { GradableExercise, GradingWorld } from "../gradable.ts";
import {
  type HandleByKind,
  openSubmission,
  type PreparedSubmission,
  SubmissionError,
} from "../kinds/open.ts";
import type { SubmissionProblem } from "../verdict.ts";
import { type Call, recordCalls } from "./calls.ts";
import { type RememberedSolution, rememberSolution } from "./remembered-solution.ts";

/** What one submission did on one case: data only, so that it can be stored. */
export interface CaseOutcome {
  readonly checks: readonly JudgedCheck[];
  /** What ended the case before its last check; `check` is the one that was being judged, if any was. */
  readonly problem?: { readonly check: string | undefined; readonly problem: SubmissionProblem } | undefined;
}

export interface JudgedCheck {
  readonly id: string;
  readonly result: CheckResult;
  /** What the check asked the submission and what it got. */
  readonly calls: readonly Call[];
  /** What it asked the solution and what it got. */
  readonly expectedCalls: readonly Call[];
}

export interface CaseRequest {
  readonly exercise: GradableExercise;
  /** {@link hashOfExercise} */
  readonly exerciseHash: string;
  readonly case: GradingCase;
  readonly inputs: CaseInputs;
  readonly submission: PreparedSubmission;
  /** Made ready when the cache does not know an answer. */
  readonly solution: () => Promise<PreparedSubmission>;
  readonly world: GradingWorld;
  readonly cache: Cache;
  readonly signal?: AbortSignal | undefined;
}

type AnyHandle = HandleByKind[Exercise["kind"]];

/** Judges all checks of one case in the declared order, the ones after a failing one too. */
export async function runCase(request: CaseRequest): Promise<CaseOutcome> {
  const { exercise, inputs, world } = request;
  const { spec } = exercise;
  const folder = await mkdtemp(join(tmpdir(), "taller-case-"));
  const opened = openSubmission({
    spec,
    prepared: request.submission,
    inputs: inputs.tables,
    signal: request.signal,
    clockMs: world.clockMs,
    seed: world.seed,
  });
  const solution = await openSolution(request);
  const engine = lazyEngine();
  try {
    const recorded = recordCalls(spec.kind, opened.handle);
    const expected = recordCalls(spec.kind, solution.handle);
    const judged: JudgedCheck[] = [];
    for (const check of checksOf(spec, request.case)) {
      try {
        const result = await runCheck(spec, check, {
          case: request.case.id,
          inputs: inputs.tables,
          submission: recorded.handle,
          solution: expected.handle,
          engine: engine.open,
          folder,
          clock: fixedClock(world.clockMs),
          random: seededRandom(seedOf(exercise.id, request.case.id, check.id)),
        });
        judged.push({ id: check.id, result, calls: recorded.take(), expectedCalls: expected.take() });
      } catch (error) {
        if (!(error instanceof SubmissionError)) throw error;
        return { checks: judged, problem: { check: check.id, problem: error.problem } };
      }
    }
    return { checks: judged };
  } finally {
    await Promise.all([opened.close(), solution.close(), engine.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The reference solution on a case: from the cache, or run in the same sandbox as a submission. */
export function openSolution(
  request: Omit<CaseRequest, "submission">,
): Promise<RememberedSolution<Exercise["kind"]>> {
  const { exercise, inputs, world } = request;
  const { spec } = exercise;
  return rememberSolution({
    kind: spec.kind,
    exercise: exercise.id,
    case: request.case.id,
    key: hashOf("solution", request.exerciseHash, inputs.hash, world.clockMs, world.seed),
    cache: request.cache,
    open: async () =>
      openSubmission({
        spec,
        prepared: await request.solution(),
        inputs: inputs.tables,
        signal: request.signal,
        clockMs: world.clockMs,
        seed: world.seed,
      }),
  });
}

/** The checks that judge a case, in the declared order. */
export function checksOf(spec: Exercise, one: GradingCase): Check<AnyHandle>[] {
  // An exercise pairs its checks with its kind's handle; here, where any kind passes, that link is lost.
  const checks = spec.checks as readonly Check<AnyHandle>[];
  return checks.filter((check) => isJudgedOn(check.on, one));
}

/** The grader's own engine, opened by the first check that asks for it. */
function lazyEngine(): { open: () => Promise<Engine>; close: () => Promise<void> } {
  let engine: Promise<Engine> | undefined;
  return {
    open: () => {
      engine ??= openEngine("duckdb");
      return engine;
    },
    close: async () => (await engine)?.close(),
  };
}
