import type { Random } from "../../core/random.ts";
import type { LeadEventsSettings } from "./settings.ts";
import type { Subjects } from "./subjects.ts";

const TO_UNIT = 1 / 4294967296;
/** After so many messages a lead, what is known of it has grown by half of what it ever grows. */
const HALF_GROWN = 20;
const CALL = 3;

/** What an event says. −1 is null. */
export interface EventValues {
  /** Of the message in the stream, from 0. */
  position: number;
  /** The lead, by its place in the subjects. */
  subject: number;
  /** The number in `lead_id`. */
  lead: number;
  /** The position in EVENT_TYPES. */
  type: number;
  /** Microseconds since 1970. */
  eventMicros: number;
  /** How long it was under way, in microseconds. */
  lagMicros: number;
  visits: number;
  minutesTenths: number;
  emailsOpened: number;
  daysSinceContact: number;
}

export function noValues(): EventValues {
  return {
    position: 0,
    subject: 0,
    lead: 0,
    type: 0,
    eventMicros: 0,
    lagMicros: 0,
    visits: 0,
    minutesTenths: 0,
    emailsOpened: 0,
    daysSinceContact: 0,
  };
}

/** Draws what happened to whom and when into `values`, for a message that arrives at this instant. */
export function drawEvent(
  random: Random,
  values: EventValues,
  input: {
    readonly settings: LeadEventsSettings;
    readonly subjects: Subjects;
    readonly position: number;
    readonly arrivalMicros: number;
  },
): void {
  const { settings, subjects, position, arrivalMicros } = input;
  // Squared: the first leads are busier than the last ones. The keys of a real topic are never even.
  const u = unit(random);
  const subject = Math.floor(u * u * subjects.count);
  const type = typeOf(random.uint32() & 15);
  let lag = 0;
  if (unit(random) < settings.outOfOrder) {
    const v = unit(random);
    lag = Math.min(arrivalMicros, 1000 + Math.floor(settings.maxLagMs * 1000 * v * v * v));
  }
  const lead = subjects.ids[subject] ?? 0;
  values.position = position;
  values.subject = subject;
  values.lead = lead;
  values.type = type;
  values.eventMicros = arrivalMicros - lag;
  values.lagMicros = lag;

  // A lead's numbers grow with the stream's time, towards a bound: a closed form, so that a block can be made alone.
  const soFar = Math.max(0, position - (lag * settings.rate) / 1e6) / subjects.count;
  const grown = soFar / (soFar + HALF_GROWN);
  // Each lead at its own moment.
  const phase = ((lead * 40_503) & 1023) / 1024;
  const minutes = subjects.minutesTenths[subject] ?? -1;
  values.visits = (subjects.visits[subject] ?? 0) + Math.floor(8 * grown + phase);
  values.minutesTenths = minutes < 0 ? -1 : minutes + Math.floor(300 * grown + phase);
  values.emailsOpened = (subjects.emailsOpened[subject] ?? 0) + Math.floor(4 * grown + phase);
  values.daysSinceContact = type === CALL ? 0 : (subjects.daysSinceContact[subject] ?? -1);
}

/** A uniform number in [0, 1) with 32 random bits. */
export function unit(random: Random): number {
  return random.uint32() * TO_UNIT;
}

/** visit 8, email_open 5, form 1, call 2 of sixteen. */
function typeOf(sixteenth: number): number {
  if (sixteenth < 8) return 0;
  if (sixteenth < 13) return 1;
  return sixteenth < 14 ? 2 : CALL;
}
