import { readFile } from "node:fs/promises";
import { z } from "zod";
import { EVENT_TYPES, LEAD_EVENTS_VERSION, type LeadEventsSettings, MALFORMED_KINDS } from "./settings.ts";
import { type EventTotals, LAG_SECONDS } from "./totals.ts";

const whole = z.number().int().min(0);

/** What was planted in a stream of events, and what a correct pipeline must find in it. */
export const eventsLedgerSchema = z.strictObject({
  dataset: z.literal("lead-events"),
  version: whole.describe("Raised when the same settings give other bytes."),
  settings: z.strictObject({
    seed: whole,
    leadRows: whole,
    keys: whole,
    startMs: whole,
    rate: z.number(),
    burst: z.number(),
    burstEverySeconds: z.number(),
    burstSeconds: z.number(),
    outOfOrder: z.number(),
    maxLagMs: z.number(),
    duplicates: z.number(),
    malformed: z.number(),
  }),
  from: whole.describe("Position of the first message in the stream."),
  messages: whole.describe("All of them: events + duplicates + malformed."),
  sizeBytes: whole.describe("Of the messages, without what separates them."),
  events: whole.describe("Messages that are an event for the first time."),
  duplicates: whole.describe("Messages that repeat an event, byte by byte."),
  malformed: whole.describe("Messages that are no event."),
  malformedByKind: z.record(z.string(), whole),
  eventsByType: z.record(z.string(), whole),
  delayed: z
    .record(z.string(), whole)
    .describe(
      "Events that were under way for longer than so many seconds; 0: every one that is out of order.",
    ),
  inBursts: whole.describe("Messages that arrive in a burst."),
  unknownLeads: whole.describe("Events of a lead that the clean table lacks: all of its rows are rejected."),
});

export type EventsLedger = z.infer<typeof eventsLedgerSchema>;

/** The ledger of the messages that were counted. */
export function eventsLedgerOf(
  settings: LeadEventsSettings,
  from: number,
  totals: EventTotals,
): EventsLedger {
  return {
    dataset: "lead-events",
    version: LEAD_EVENTS_VERSION,
    settings: { ...settings },
    from,
    messages: totals.messages,
    sizeBytes: totals.sizeBytes,
    events: totals.events,
    duplicates: totals.duplicates,
    malformed: totals.malformed.reduce((sum, one) => sum + one, 0),
    malformedByKind: named(MALFORMED_KINDS, totals.malformed),
    eventsByType: named(EVENT_TYPES, totals.types),
    delayed: named(LAG_SECONDS, totals.delayed),
    inBursts: totals.inBursts,
    unknownLeads: totals.unknownLeads,
  };
}

/** Reads a ledger that `materialise` left; throws an Error that names the file when it is none. */
export async function readEventsLedger(path: string): Promise<EventsLedger> {
  const parsed = eventsLedgerSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function named(names: readonly (string | number)[], counts: Float64Array): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [String(name), counts[i] ?? 0]));
}
