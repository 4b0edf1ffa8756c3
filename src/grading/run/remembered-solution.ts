import { deserialize, serialize } from "node:v8";
import type { Cache } from "../cache.ts";
import { hashOf } from "../content-hash.ts";
import type { ExerciseKind } from "../exercise.ts";
import { type HandleByKind, type OpenedSubmission, SubmissionError } from "../kinds/open.ts";
import type { SubmissionProblem } from "../verdict.ts";
import { type Invoke, wrapHandle } from "./calls.ts";

/** The reference solution could not serve a call: the exercise is broken, not the learner's work. */
export class SolutionError extends Error {
  readonly problem: SubmissionProblem;
  readonly case: string;

  constructor(exercise: string, caseId: string, cause: SubmissionError) {
    super(`${exercise}: the solution fails on ${caseId}: ${cause.message}`, { cause });
    this.name = "SolutionError";
    this.problem = cause.problem;
    this.case = caseId;
  }
}

export interface RememberedSolution<K extends ExerciseKind> {
  readonly handle: HandleByKind[K];
  /** Stores what was learnt and ends the process, if one was started. */
  close(): Promise<void>;
}

/**
 * The solution's handle on one case, answered from the cache as long as the same calls come in the same order;
 * at the first new call a process is started, brought to the same state by the calls so far, and asked.
 *
 * `key` names everything that the answers depend on: exercise, solution, engine, data, day and seed.
 */
export async function rememberSolution<K extends ExerciseKind>(request: {
  readonly kind: K;
  readonly exercise: string;
  readonly case: string;
  readonly key: string;
  readonly cache: Cache;
  readonly open: () => Promise<OpenedSubmission<K>>;
}): Promise<RememberedSolution<K>> {
  const known = (await request.cache.get<Map<string, Uint8Array>>(request.key)) ?? new Map();
  let hasNews = false;
  let state = "";
  let hasRun = false;
  let opened: OpenedSubmission<K> | undefined;
  const past: ((handle: HandleByKind[K]) => Promise<unknown>)[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  const answer = async <T>(
    method: string,
    args: readonly unknown[],
    run: (handle: HandleByKind[K]) => Promise<T>,
  ): Promise<T> => {
    // The first result of kind sql runs the file.
    if (method === "result" && !hasRun) state = hashOf(state, "run");
    hasRun ||= method === "result" || method === "run";
    const call = hashOf(state, method, serialize(args));
    const isPure = PURE.has(method);
    if (!isPure) state = call;
    const bytes = known.get(call);
    if (bytes !== undefined && (opened === undefined || isPure)) {
      past.push(run);
      return deserialize(bytes) as T;
    }
    try {
      if (opened === undefined) {
        opened = await request.open();
        for (const earlier of past) await earlier(opened.handle);
      }
      const value = await run(opened.handle);
      known.set(call, serialize(value));
      hasNews = true;
      return value;
    } catch (error) {
      if (error instanceof SubmissionError) throw new SolutionError(request.exercise, request.case, error);
      throw error;
    }
  };
  // One call at a time: the key of a call is the calls before it.
  const invoke: Invoke<K> = (method, args, run) => {
    const result = turn.then(() => answer(method, args, run));
    turn = result.catch(() => undefined);
    return result;
  };
  return {
    handle: wrapHandle[request.kind](invoke),
    close: async () => {
      await turn;
      await opened?.close();
      if (hasNews) await request.cache.put(request.key, known);
    },
  };
}

/** Calls that change nothing: the state after them is the state before. */
const PURE = new Set(["result", "read"]);
