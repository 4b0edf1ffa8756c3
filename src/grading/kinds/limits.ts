import type { Limits } from "../exercise.ts";

/** What a submission sees where the caller names no day and no seed: the grader's default world. */
export const DEFAULT_CLOCK_MS = Date.UTC(2024, 0, 1);
export const DEFAULT_SEED = 1;

export interface ResolvedLimits {
  readonly timeMs: number;
  /** What the verdict names: the heap, buffers and an engine's memory. */
  readonly memoryMb: number;
  /** What the process may hold in all: the limit and what Node itself needs. */
  readonly residentMb: number;
  readonly diskMb: number;
}

/** Node, the harness and its libraries before a submission does anything (measured: 45–60 MB). */
const NODE_MB = 96;

/** An exercise's limits with the defaults filled in; `baseMb` is what the kind's engine holds at rest. */
export function resolveLimits(limits: Limits | undefined, baseMb = 0): ResolvedLimits {
  const memoryMb = limits?.memoryMb ?? 512;
  return {
    timeMs: limits?.timeMs ?? 5_000,
    memoryMb,
    residentMb: memoryMb + NODE_MB + baseMb,
    diskMb: limits?.diskMb ?? 64,
  };
}
