import { arrivalsOf } from "./arrivals.ts";
import type { EventBatch } from "./batch.ts";
import { generateEvents, type StreamParts } from "./block.ts";
import { BLOCK_MESSAGES, completeSettings, type LeadEventsSettings } from "./settings.ts";
import { subjectsOf } from "./subjects.ts";

/** A stream of events, of which any part can be made at any time. */
export interface LeadEvents {
  readonly settings: LeadEventsSettings;
  /** Different leads that the events are about. */
  readonly keys: number;
  /** Messages [from, to) of the stream, as batches of at most 4,096, in order; without `to` they never end. */
  batches(range?: EventRange): Generator<EventBatch, void, void>;
}

export interface EventRange {
  /** Position of the first message; default 0. */
  readonly from?: number | undefined;
  /** Position after the last one; default: there is no last one. */
  readonly to?: number | undefined;
}

/**
 * The event stream of the leads that `leads --seed` makes: JSON messages of some 190 bytes in the order of their
 * arrival, with what goes wrong in real streams. The same settings and positions give the same bytes, also when only
 * a part is made. Throws a UserError for settings out of range.
 */
export function leadEvents(given: Partial<LeadEventsSettings> = {}): LeadEvents {
  const settings = completeSettings(given);
  const subjects = subjectsOf(settings);
  const parts: StreamParts = {
    settings,
    subjects,
    arrivals: arrivalsOf(settings),
    idPrefix: new TextEncoder().encode(`${settings.seed}-`),
  };
  return { settings, keys: subjects.count, batches: (range = {}) => batchesOf(parts, range) };
}

function* batchesOf(parts: StreamParts, range: EventRange): Generator<EventBatch, void, void> {
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = range;
  for (let position = from; position < to; ) {
    const block = Math.floor(position / BLOCK_MESSAGES);
    const first = block * BLOCK_MESSAGES;
    const end = Math.min(to - first, BLOCK_MESSAGES);
    yield generateEvents(parts, { block, from: position - first, to: end });
    position = first + end;
  }
}
