import { UserError } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";
import { MAX_ROWS } from "../leads/materialise.ts";

/** Raised when the same settings give other bytes. */
export const LEAD_EVENTS_VERSION = 1;

/** Messages of a block: each block has its own random numbers, and a duplicate lies in its original's block. */
export const BLOCK_MESSAGES = 4096;

/** What happened to a lead. */
export const EVENT_TYPES = ["visit", "email_open", "form", "call"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What a message may be instead of an event, in the order of their codes. */
export const MALFORMED_KINDS = [
  "broken-json",
  "not-json",
  "missing-field",
  "wrong-type",
  "impossible-time",
  "negative-count",
] as const;
export type MalformedKind = (typeof MALFORMED_KINDS)[number];

/** Fields without which a message is no event. */
export const REQUIRED_FIELDS = ["event_id", "lead_id", "type", "event_time"] as const;

/** What a stream of events is made from: the same settings give the same bytes, on every machine. */
export interface LeadEventsSettings {
  /** Of the leads and of the stream: the events are those of `leads --seed` with the same seed. */
  readonly seed: number;
  /** Rows of the file of leads that the events are about; default 200,000. */
  readonly leadRows: number;
  /** How many of its leads take part, from the first on; at most those that there are. */
  readonly keys: number;
  /** When the stream begins, in milliseconds since 1970. */
  readonly startMs: number;
  /** Messages per second of the stream's own time. */
  readonly rate: number;
  /** How many times the rate a burst has; 1: there are none. */
  readonly burst: number;
  /** Seconds between two bursts. */
  readonly burstEverySeconds: number;
  /** Seconds that a burst takes. */
  readonly burstSeconds: number;
  /** Share of the events that arrive after later ones, 0–1. */
  readonly outOfOrder: number;
  /** The longest that such an event is under way, in milliseconds; half of them take an eighth of it or less. */
  readonly maxLagMs: number;
  /** Share of messages that repeat an earlier one, byte by byte, 0–1. */
  readonly duplicates: number;
  /** Share of messages that are no event, 0–1. */
  readonly malformed: number;
}

export const DEFAULT_SETTINGS: LeadEventsSettings = {
  seed: 7,
  leadRows: 200_000,
  keys: 10_000,
  // 2025-01-01T00:00:00Z, the day after the last lead of the file.
  startMs: 1_735_689_600_000,
  rate: 1_000,
  burst: 1,
  burstEverySeconds: 25,
  burstSeconds: 5,
  outOfOrder: 0.1,
  maxLagMs: 60_000,
  duplicates: 0.02,
  malformed: 0.01,
};

/** The settings with their defaults; throws a UserError that names the one that is out of its range. */
export function completeSettings(given: Partial<LeadEventsSettings>): LeadEventsSettings {
  const whole = { ...DEFAULT_SETTINGS, ...given };
  checkInteger("seed", whole.seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("leadRows", whole.leadRows, 1, MAX_ROWS);
  checkInteger("keys", whole.keys, 1, MAX_ROWS);
  // 1970 to 2200: microseconds stay whole numbers of a double.
  checkInteger("startMs", whole.startMs, 0, 7_258_118_400_000);
  check("rate", whole.rate, 0.001, 10_000_000);
  check("burst", whole.burst, 1, 1_000);
  check("burstEverySeconds", whole.burstEverySeconds, 0.001, 86_400);
  check("burstSeconds", whole.burstSeconds, 0.001, 86_400);
  check("outOfOrder", whole.outOfOrder, 0, 1);
  check("maxLagMs", whole.maxLagMs, 1, 86_400_000);
  check("duplicates", whole.duplicates, 0, 0.9);
  check("malformed", whole.malformed, 0, 1);
  return whole;
}

function checkInteger(name: keyof LeadEventsSettings, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value)) throw outOfRange(name, value, min, max);
  check(name, value, min, max);
}

function check(name: keyof LeadEventsSettings, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw outOfRange(name, value, min, max);
}

function outOfRange(name: string, value: number, min: number, max: number): UserError {
  const what: Text = {
    es: `No puedo generar eventos con ${name} = ${value}: va de ${min} a ${max}.`,
    en: `I can't generate events with ${name} = ${value}: it goes from ${min} to ${max}.`,
  };
  return new UserError({
    fault: "usage",
    code: "lead-events-out-of-range",
    what,
    next: [{ es: "mira docs/data.md, «lead-events»", en: 'see docs/data.md, "lead-events"' }],
  });
}
