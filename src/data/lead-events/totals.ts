import { EVENT_TYPES, MALFORMED_KINDS } from "./settings.ts";

/** How long an event was under way, at least, in seconds: what the ledger counts. */
export const LAG_SECONDS = [0, 1, 5, 10, 30, 60] as const;

/** What is counted over the messages: sums of integers, so that neither order nor threads matter. */
export interface EventTotals {
  messages: number;
  sizeBytes: number;
  /** Messages that are an event for the first time. */
  events: number;
  duplicates: number;
  /** Messages that arrive in a burst. */
  inBursts: number;
  /** Events whose lead the clean table does not have. */
  unknownLeads: number;
  /** In the order of MALFORMED_KINDS. */
  readonly malformed: Float64Array;
  /** Events, in the order of EVENT_TYPES. */
  readonly types: Float64Array;
  /** Events that were under way for longer than LAG_SECONDS. */
  readonly delayed: Float64Array;
}

export function emptyEventTotals(): EventTotals {
  return {
    messages: 0,
    sizeBytes: 0,
    events: 0,
    duplicates: 0,
    inBursts: 0,
    unknownLeads: 0,
    malformed: new Float64Array(MALFORMED_KINDS.length),
    types: new Float64Array(EVENT_TYPES.length),
    delayed: new Float64Array(LAG_SECONDS.length),
  };
}

/** Adds the totals of other messages. */
export function addEventTotals(totals: EventTotals, other: EventTotals): void {
  for (const key of ["messages", "sizeBytes", "events", "duplicates", "inBursts", "unknownLeads"] as const)
    totals[key] += other[key];
  for (const key of ["malformed", "types", "delayed"] as const)
    for (let i = 0; i < totals[key].length; i++) count(totals[key], i, other[key][i] ?? 0);
}

/** Adds one to a counter, or `by`. */
export function count(counts: Float64Array, index: number, by = 1): void {
  counts[index] = (counts[index] ?? 0) + by;
}

/** Counts an event that was under way for so long, in microseconds. */
export function countLag(delayed: Float64Array, lagMicros: number): void {
  for (let i = 0; i < LAG_SECONDS.length; i++)
    if (lagMicros > (LAG_SECONDS[i] ?? 0) * 1e6) delayed[i] = (delayed[i] ?? 0) + 1;
}
