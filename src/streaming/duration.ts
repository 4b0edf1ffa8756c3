import { UserError } from "../core/errors.ts";
import { verbatim } from "../core/text.ts";

/** Microseconds: the unit of event times. */
const UNITS: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1_000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
};

/** A span of time in Spark's words (`"10 seconds"`, `"1 hour 30 minutes"`) or as whole milliseconds. */
export type Duration = string | number;

/**
 * Microseconds of a duration. Months and years have no fixed length and are refused, as Spark does for windows.
 * Throws a UserError (`bad-duration`).
 */
export function durationMicros(duration: Duration): number {
  if (typeof duration === "number") {
    if (!Number.isFinite(duration)) throw badDuration(String(duration));
    return Math.round(duration * 1000);
  }
  const words = duration
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, "")
    .split(/\s+/);
  if (words.length < 2 || words.length % 2 !== 0) throw badDuration(duration);
  let micros = 0;
  for (let i = 0; i < words.length; i += 2) {
    const count = Number(words[i]);
    const unit = UNITS[(words[i + 1] ?? "").replace(/s$/, "")];
    if (!Number.isFinite(count) || unit === undefined) throw badDuration(duration);
    micros += Math.round(count * unit);
  }
  return micros;
}

/** Whole milliseconds of a duration, floored: the unit of watermarks and triggers. */
export function durationMillis(duration: Duration): number {
  return Math.floor(durationMicros(duration) / 1000);
}

function badDuration(text: string): UserError {
  return new UserError({
    fault: "usage",
    code: "bad-duration",
    what: {
      es: `«${text}» no es una duración: escribe un número y una unidad, de microseconds a weeks.`,
      en: `"${text}" is no duration: write a number and a unit, from microseconds to weeks.`,
    },
    next: [verbatim('"10 seconds"'), verbatim('"1 hour 30 minutes"')],
  });
}
