import { isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";
import type { RunningSubmission } from "../exercise.ts";
import { type HandleByKind, SubmissionError } from "../kinds/open.ts";
import type { SubmissionProblem } from "../verdict.ts";

/** One call of a check to a submission, and what came back; the bytes are a structured clone. */
export interface Call {
  readonly method: string;
  readonly args: Uint8Array;
  readonly outcome:
    | { readonly kind: "value"; readonly bytes: Uint8Array }
    | { readonly kind: "problem"; readonly problem: SubmissionProblem };
}

/** Carries out one call on the real handle, or answers it from memory. */
export type Invoke<K extends keyof HandleByKind> = <T>(
  method: string,
  args: readonly unknown[],
  run: (handle: HandleByKind[K]) => Promise<T>,
) => Promise<T>;

type Wrappers = { readonly [K in keyof HandleByKind]: (invoke: Invoke<K>) => HandleByKind[K] };

const lifecycle = <K extends "sql" | "ts" | "router">(invoke: Invoke<K>): RunningSubmission => ({
  start: () => invoke("start", [], (handle: RunningSubmission) => handle.start()),
  kill: () => invoke("kill", [], (handle: RunningSubmission) => handle.kill()),
  restart: () => invoke("restart", [], (handle: RunningSubmission) => handle.restart()),
});

/** For each kind, a handle whose every call goes through `invoke`. */
export const wrapHandle: Wrappers = {
  sql: (invoke) => ({
    ...lifecycle(invoke),
    run: () => invoke("run", [], (handle) => handle.run()),
    result: (name) => invoke("result", [name], (handle) => handle.result(name)),
    query: (sql) => invoke("query", [sql], (handle) => handle.query(sql)),
  }),
  ts: (invoke) => ({
    ...lifecycle(invoke),
    call: (name, ...args) => invoke("call", [name, ...args], (handle) => handle.call(name, ...args)),
  }),
  router: (invoke) => ({
    ...lifecycle(invoke),
    request: (request) => invoke("request", [request], (handle) => handle.request(request)),
  }),
  answers: (invoke) => ({ read: () => invoke("read", [], (handle) => handle.read()) }),
  files: (invoke) => ({ read: () => invoke("read", [], (handle) => handle.read()) }),
};

/** A handle that notes every call, so that outcomes of two submissions can be compared. */
export interface RecordedHandle<K extends keyof HandleByKind> {
  readonly handle: HandleByKind[K];
  /** The calls since the last `take`, in the order in which they were made. */
  take(): Call[];
}

/** Notes the calls to a handle. Values are copied when they arrive: a check may sort what it was given. */
export function recordCalls<K extends keyof HandleByKind>(
  kind: K,
  target: HandleByKind[K],
): RecordedHandle<K> {
  let calls: Call[] = [];
  const invoke: Invoke<K> = async (method, args, run) => {
    const noted = { method, args: serialize(args) };
    const slot = calls.push({ ...noted, outcome: { kind: "value", bytes: serialize(undefined) } }) - 1;
    const into = calls;
    try {
      const value = await run(target);
      into[slot] = { ...noted, outcome: { kind: "value", bytes: serialize(value) } };
      return value;
    } catch (error) {
      if (error instanceof SubmissionError) {
        into[slot] = { ...noted, outcome: { kind: "problem", problem: error.problem } };
      }
      throw error;
    }
  };
  return {
    handle: wrapHandle[kind](invoke),
    take: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
  };
}

/** What a call gave; undefined for one that failed. */
export function callValue(call: Call): unknown {
  return call.outcome.kind === "value" ? deserialize(call.outcome.bytes) : undefined;
}

/** True when two calls asked the same. The same text may be held in one or two bytes a letter. */
export function isSameQuestion(a: Call, b: Call): boolean {
  if (a.method !== b.method) return false;
  return Buffer.from(a.args).equals(b.args) || isDeepStrictEqual(deserialize(a.args), deserialize(b.args));
}
