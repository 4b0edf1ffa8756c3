import { seededRandom } from "../../core/random.ts";
import { ByteSink } from "../leads/byte-sink.ts";
import type { Arrivals } from "./arrivals.ts";
import { DUPLICATE, EVENT, type EventBatch, MALFORMED } from "./batch.ts";
import { drawEvent, type EventValues, noValues, unit } from "./draw.ts";
import { writeMalformed } from "./malformed.ts";
import { MAX_MESSAGE_BYTES, writeMessage } from "./message.ts";
import { BLOCK_MESSAGES, type LeadEventsSettings } from "./settings.ts";
import type { Subjects } from "./subjects.ts";
import { count, countLag, emptyEventTotals } from "./totals.ts";

/** Random numbers of their own beside the leads', which are those of (seed, block) and (seed, block, 1). */
const EVENTS = 2;
const ID_DIGITS = 8;
/** A duplicate repeats one of so many events before it. */
const RECENT_EVENTS = 512;
/** Messages take some 190 bytes; the sink grows where that is not enough. */
const ROOM_BYTES = 200;

/** What every block of a stream is made with. */
export interface StreamParts {
  readonly settings: LeadEventsSettings;
  readonly subjects: Subjects;
  readonly arrivals: Arrivals;
  /** What an `event_id` begins with. */
  readonly idPrefix: Uint8Array;
}

/** Messages [from, to) of a block. It is always drawn from its first one on; what lies before `from` is left out. */
export function generateEvents(
  parts: StreamParts,
  part: { readonly block: number; readonly from: number; readonly to: number },
): EventBatch {
  const { settings, subjects, arrivals, idPrefix } = parts;
  const { from, to } = part;
  const random = seededRandom(settings.seed, part.block, EVENTS);
  const sink = new ByteSink(new Uint8Array(to * ROOM_BYTES + MAX_MESSAGE_BYTES));
  const starts = new Int32Array(to);
  const ends = new Int32Array(to);
  const keys = new ByteSink(new Uint8Array(to * ID_DIGITS));
  const timestamps = new Float64Array(to);
  const kinds = new Uint8Array(to);
  const eventMicros = new Float64Array(to);
  const totals = emptyEventTotals();
  const values = noValues();
  /** Rows of the events so far: what a later message may repeat. */
  const events = new Int32Array(to);
  let eventCount = 0;

  for (let row = 0; row < to; row++) {
    const position = part.block * BLOCK_MESSAGES + row;
    const arrival = arrivals.at(position);
    const slot = arrivals.at(position + 1) - arrival;
    const arrivalMicros = settings.startMs * 1000 + arrival + Math.floor(slot * unit(random));
    timestamps[row] = Math.floor(arrivalMicros / 1000);
    sink.reserve(MAX_MESSAGE_BYTES);
    starts[row] = sink.length;
    const fate = unit(random);
    if (fate < settings.duplicates && eventCount > 0) {
      const back = 1 + Math.floor(unit(random) * Math.min(eventCount, RECENT_EVENTS));
      const original = events[eventCount - back] ?? 0;
      kinds[row] = DUPLICATE;
      eventMicros[row] = eventMicros[original] ?? 0;
      sink.repeat(starts[original] ?? 0, ends[original] ?? 0);
      keys.repeat(original * ID_DIGITS, (original + 1) * ID_DIGITS);
    } else {
      drawEvent(random, values, { settings, subjects, position, arrivalMicros });
      keys.digits(values.lead, ID_DIGITS);
      // A first message that would repeat one before it is an event: there is none to repeat.
      if (fate >= settings.duplicates && fate < settings.duplicates + settings.malformed) {
        kinds[row] = MALFORMED + writeMalformed(sink, random, values, idPrefix);
        eventMicros[row] = Number.NaN;
      } else {
        kinds[row] = EVENT;
        eventMicros[row] = values.eventMicros;
        events[eventCount++] = row;
        writeMessage(sink, values, idPrefix);
      }
    }
    ends[row] = sink.length;
    if (row < from) continue;

    totals.messages++;
    totals.sizeBytes += sink.length - (starts[row] ?? 0);
    if (arrivals.isBurst(position)) totals.inBursts++;
    const kind = kinds[row] ?? EVENT;
    if (kind === EVENT) countEvent(totals, values, subjects);
    else if (kind === DUPLICATE) totals.duplicates++;
    else count(totals.malformed, kind - MALFORMED);
  }

  return {
    firstPosition: part.block * BLOCK_MESSAGES + from,
    count: to - from,
    values: { bytes: sink.bytes, starts: starts.subarray(from), ends: ends.subarray(from) },
    keys: { bytes: keys.bytes, ...keyRanges(from, to) },
    timestamps: timestamps.subarray(from),
    kinds: kinds.subarray(from),
    eventMicros: eventMicros.subarray(from),
    totals,
  };
}

function countEvent(totals: EventBatch["totals"], values: EventValues, subjects: Subjects): void {
  totals.events++;
  count(totals.types, values.type);
  countLag(totals.delayed, values.lagMicros);
  if (subjects.isClean[values.subject] === 0) totals.unknownLeads++;
}

function keyRanges(from: number, to: number): { starts: Int32Array; ends: Int32Array } {
  const starts = new Int32Array(to - from);
  const ends = new Int32Array(to - from);
  for (let row = from; row < to; row++) {
    starts[row - from] = row * ID_DIGITS;
    ends[row - from] = (row + 1) * ID_DIGITS;
  }
  return { starts, ends };
}
