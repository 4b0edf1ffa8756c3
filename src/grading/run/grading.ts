import { type Cache, openDiskCache } from "../cache.ts";
import { loadInputs } from "../cases/inputs.ts";
import type { GradingCase } from "../cases/list.ts";
import { hashOf, hashOfExercise, hashOfFiles } from "../content-hash.ts";
import type { Exercise } from "../exercise.ts";
import {
  DEFAULT_WORLD,
  type Files,
  type GradableExercise,
  type GradingPlace,
  type GradingWorld,
} from "../gradable.ts";
import {
  type HandleByKind,
  type PreparedSubmission,
  prepareSubmission,
  SubmissionError,
} from "../kinds/open.ts";
import { type CaseOutcome, openSolution, runCase } from "./run-case.ts";

/** One exercise being graded: what its cases share, and what must be closed at the end. */
export interface Grading {
  readonly exercise: GradableExercise;
  /**
   * Runs a submission on a case; it is made ready by the first one. One that can't be read is a problem of no
   * check.
   */
  runOn(one: GradingCase, files: Files, signal?: AbortSignal): Promise<CaseOutcome>;
  /** The outcome of a wrong answer on a case, from the cache when it is known. */
  runWrong(mistake: string, one: GradingCase): Promise<CaseOutcome>;
  /** Asks the reference solution on a case; its answers are remembered. */
  onSolution(
    one: GradingCase,
    ask: (solution: HandleByKind[Exercise["kind"]]) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface GradingRequest extends GradingPlace {
  readonly exercise: GradableExercise;
  readonly world?: GradingWorld | undefined;
  /**
   * Where outcomes are remembered instead of on disk, the submission's own among them: for a proof, which runs
   * the same variants as submissions and as wrong answers to compare with, and trusts nothing older than itself.
   */
  readonly outcomes?: Cache | undefined;
}

export function openGrading(request: GradingRequest): Grading {
  const { exercise } = request;
  const world = request.world ?? DEFAULT_WORLD;
  const exerciseHash = hashOfExercise(exercise);
  const disk = openDiskCache(request.cacheFolder);
  const cache = request.outcomes ?? disk;
  const prepared = new Map<Files, Promise<PreparedSubmission>>();
  const prepare = (files: Files): Promise<PreparedSubmission> => {
    const known = prepared.get(files);
    if (known !== undefined) return known;
    const made = prepareSubmission(exercise.spec, files);
    prepared.set(files, made);
    return made;
  };
  const inputsOf = memoize((one: GradingCase) =>
    loadInputs({ ...request, exercise, case: one, cache: disk }),
  );
  const caseRequest = async (one: GradingCase, signal: AbortSignal | undefined) => ({
    exercise,
    exerciseHash,
    case: one,
    inputs: await inputsOf(one),
    solution: () => prepare(exercise.solution),
    world,
    cache,
    signal,
  });
  const runFresh = async (
    one: GradingCase,
    made: Promise<PreparedSubmission>,
    signal = request.signal,
  ): Promise<CaseOutcome> => {
    try {
      const submission = await made;
      return await runCase({ ...(await caseRequest(one, signal)), submission });
    } catch (error) {
      if (!(error instanceof SubmissionError)) throw error;
      return { checks: [], problem: { check: undefined, problem: error.problem } };
    }
  };
  const remembered = async (
    files: Files,
    one: GradingCase,
    make: () => Promise<CaseOutcome>,
  ): Promise<CaseOutcome> => {
    const { hash } = await inputsOf(one);
    const key = hashOf("outcome", exerciseHash, hashOfFiles(files), hash, world.clockMs, world.seed);
    const known = await cache.get<CaseOutcome>(key);
    if (known !== undefined) return known;
    const outcome = await make();
    // A limit may be the machine's bad moment, not the submission's.
    if (outcome.problem?.problem.kind.endsWith("-limit") !== true) await cache.put(key, outcome);
    return outcome;
  };
  return {
    exercise,
    runOn: (one, files, signal) =>
      request.outcomes === undefined
        ? runFresh(one, prepare(files), signal)
        : remembered(files, one, () => runFresh(one, prepare(files), signal)),
    onSolution: async (one, ask) => {
      const solution = await openSolution(await caseRequest(one, request.signal));
      try {
        await ask(solution.handle);
      } finally {
        await solution.close();
      }
    },
    runWrong: async (mistake, one) => {
      const files = exercise.wrong[mistake];
      if (files === undefined) throw new RangeError(`${exercise.id}: there is no wrong/${mistake}`);
      return remembered(files, one, async () => {
        // Its own, closed at once: half a dozen engines side by side would not fit a small machine.
        const own = prepareSubmission(exercise.spec, files);
        try {
          const outcome = await runFresh(one, own);
          return request.outcomes === undefined ? withoutExpected(outcome) : outcome;
        } finally {
          await own.then(
            (made) => made.close(),
            () => undefined,
          );
        }
      });
    },
    close: async () => {
      const all = await Promise.allSettled(prepared.values());
      await Promise.all(all.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
    },
  };
}

/** What the solution answered is only needed of a submission, and stored for itself already. */
function withoutExpected(outcome: CaseOutcome): CaseOutcome {
  return { ...outcome, checks: outcome.checks.map((check) => ({ ...check, expectedCalls: [] })) };
}

/** One promise per case: two that run at a time share the data. */
function memoize<T>(make: (one: GradingCase) => Promise<T>): (one: GradingCase) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (one) => {
    const known = made.get(one.id);
    if (known !== undefined) return known;
    const value = make(one);
    made.set(one.id, value);
    return value;
  };
}
