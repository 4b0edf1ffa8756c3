import { type BenchRow, benchRow } from "../bench-row.ts";
import type { ProcessCost } from "../process-cost.ts";

export const CASES = { windows: "windows by lead", scoring: "enriched and scored" } as const;
export type Case = keyof typeof CASES;

/** One job through the whole topic. */
export interface Throughput {
  readonly cost: ProcessCost;
  readonly steadyPerSecond: number;
  readonly events: number;
  /** The sum of all scores; 0 without a model. */
  readonly scores: number;
}

/** From an event's time to the sink. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The rows of one job. */
export function rowsOf(input: {
  readonly name: Case;
  readonly events: number;
  readonly ours: Throughput;
  readonly theirs: Throughput | undefined;
  readonly ourWait: Latency;
  readonly theirWait: Latency | undefined;
}): BenchRow[] {
  const { name, events, ours, theirs, ourWait, theirWait } = input;
  const base = {
    bench: "streaming",
    case: `${events.toLocaleString("en")} events, ${CASES[name]}`,
    peer: "Spark local[2]",
  };
  const read = name === "scoring" ? CASES[name] : "parsed";
  const slow = {
    bench: "streaming",
    case: `10,000 events/s, ${read}, event to sink`,
    peer: "Spark local[2]",
  };
  const perCpu = (one: Throughput) => one.events / (one.cost.cpuSeconds ?? Number.NaN);
  return [
    benchRow({
      ...base,
      metric: "steady rate",
      unit: "events/s",
      ours: ours.steadyPerSecond,
      peerValue: theirs?.steadyPerSecond ?? null,
      aim: { on: "ratio", atLeast: 2 },
    }),
    benchRow({
      ...base,
      metric: "whole process",
      unit: "s",
      ours: ours.cost.seconds,
      peerValue: theirs?.cost.seconds ?? null,
    }),
    benchRow({
      ...base,
      metric: "events per CPU-second",
      unit: "events",
      ours: perCpu(ours),
      peerValue: theirs === undefined ? null : perCpu(theirs),
      aim: { on: "ratio", atLeast: 3 },
    }),
    benchRow({
      ...base,
      metric: "peak memory",
      unit: "MB",
      ours: (ours.cost.peakBytes ?? Number.NaN) / 1e6,
      peerValue: theirs === undefined ? null : (theirs.cost.peakBytes ?? Number.NaN) / 1e6,
      aim: { on: "ratio", atMost: 0.25 },
    }),
    benchRow({
      ...slow,
      metric: "median latency",
      unit: "ms",
      ours: ourWait.p50Ms,
      peerValue: theirWait?.p50Ms ?? null,
    }),
    benchRow({
      ...slow,
      metric: "latency, 99th percentile",
      unit: "ms",
      ours: ourWait.p99Ms,
      peerValue: theirWait?.p99Ms ?? null,
      aim: { on: "ratio", atMost: 0.2 },
    }),
  ];
}
