import type { ByteSink } from "../leads/byte-sink.ts";
import type { EventValues } from "./draw.ts";
import { EVENT_TYPES } from "./settings.ts";

const MICROS_PER_DAY = 86_400_000_000;
const MILLION = 1_000_000;
const COLON = 58;
const DASH = 45;
const DOT = 46;
const CLOSE = 125;
const LETTER_T = 84;
const LETTER_Z = 90;

/** No message is longer, in bytes: its fixed parts take 150, its numbers at most 80. */
export const MAX_MESSAGE_BYTES = 260;

const TYPES = EVENT_TYPES.map(encode);
const NAMES = {
  event_id: encode('"event_id":"'),
  lead_id: encode('"lead_id":"'),
  type: encode('"type":"'),
  event_time: encode('"event_time":"'),
};
const OPEN = encode("{");
const NEXT = encode('",');
const VISITS = encode('"visits":');
const MINUTES = encode(',"minutes_on_site":');
const EMAILS = encode(',"emails_opened":');
const DAYS = encode(',"days_since_contact":');
const NULL = encode("null");

/** No day of the calendar, no hour of the day: four that a lenient parser takes for something else. */
const IMPOSSIBLE_TIMES = [
  "2025-02-30T10:00:00.000000Z",
  "2025-13-01T00:00:00.000000Z",
  "2025-01-01T25:61:00.000000Z",
  "ayer por la tarde",
].map(encode);

/** A text where a number must be. */
const WRONG_VISITS = ['"doce"', "[12]", '{"n":12}', "true"].map(encode);

/** What is wrong with it, if anything: at most one of them. */
interface MessageFault {
  /** The position in REQUIRED_FIELDS of the field that is left out; −1: none. */
  readonly missing: number;
  /** Which text stands where the visits must be; −1: none. */
  readonly wrongVisits: number;
  /** Which impossible time; −1: none. */
  readonly impossibleTime: number;
  readonly isNegative: boolean;
}

export const NO_FAULT: MessageFault = { missing: -1, wrongVisits: -1, impossibleTime: -1, isNegative: false };

/**
 * Writes one JSON object. The caller has reserved MAX_MESSAGE_BYTES.
 * @param idPrefix what an `event_id` begins with, encoded: ids of two seeds never meet.
 */
export function writeMessage(
  sink: ByteSink,
  values: EventValues,
  idPrefix: Uint8Array,
  fault: MessageFault = NO_FAULT,
): void {
  const { missing } = fault;
  sink.text(OPEN);
  if (missing !== 0) {
    sink.text(NAMES.event_id);
    sink.text(idPrefix);
    const millions = Math.floor(values.position / MILLION);
    sink.digits(millions, 6);
    sink.digits(values.position - millions * MILLION, 6);
    sink.text(NEXT);
  }
  if (missing !== 1) {
    sink.text(NAMES.lead_id);
    sink.digits(values.lead, 8);
    sink.text(NEXT);
  }
  if (missing !== 2) {
    sink.text(NAMES.type);
    sink.text(TYPES[values.type] ?? NULL);
    sink.text(NEXT);
  }
  if (missing !== 3) {
    sink.text(NAMES.event_time);
    if (fault.impossibleTime >= 0) sink.text(IMPOSSIBLE_TIMES[fault.impossibleTime] ?? NULL);
    else writeInstant(sink, values.eventMicros);
    sink.text(NEXT);
  }
  sink.text(VISITS);
  if (fault.wrongVisits >= 0) sink.text(WRONG_VISITS[fault.wrongVisits] ?? NULL);
  else {
    if (fault.isNegative) sink.byte(DASH);
    sink.digits(fault.isNegative ? values.visits + 1 : values.visits);
  }
  sink.text(MINUTES);
  if (values.minutesTenths < 0) sink.text(NULL);
  else {
    const whole = Math.floor(values.minutesTenths / 10);
    sink.digits(whole);
    sink.byte(DOT);
    sink.digits(values.minutesTenths - whole * 10);
  }
  sink.text(EMAILS);
  sink.digits(values.emailsOpened);
  sink.text(DAYS);
  if (values.daysSinceContact < 0) sink.text(NULL);
  else sink.digits(values.daysSinceContact);
  sink.byte(CLOSE);
}

/** `2025-01-01T00:00:00.000000Z` */
export function writeInstant(sink: ByteSink, micros: number): void {
  const day = Math.floor(micros / MICROS_PER_DAY);
  const rest = micros - day * MICROS_PER_DAY;
  const seconds = Math.floor(rest / MILLION);
  sink.text(dateOf(day));
  sink.byte(LETTER_T);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  sink.pair(hours);
  sink.byte(COLON);
  sink.pair(minutes - hours * 60);
  sink.byte(COLON);
  sink.pair(seconds - minutes * 60);
  sink.byte(DOT);
  sink.digits(rest - seconds * MILLION, 6);
  sink.byte(LETTER_Z);
}

/** The last day that was written: a stream seldom changes it. */
let lastDay = Number.NaN;
let lastDate = encode("");

/** `2025-01-01` of a day since 1970 (Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days). */
function dateOf(day: number): Uint8Array {
  if (day === lastDay) return lastDate;
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number) => String(value).padStart(2, "0");
  lastDay = day;
  lastDate = encode(`${String(year).padStart(4, "0")}-${two(month)}-${two(dayOfMonth)}`);
  return lastDate;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
