import { type LeadEvents, leadEvents, UserError } from "taller/author";

/** What the command line may ask of the stream. */
export interface StreamOptions {
  readonly seed: number;
  readonly keys: number;
  readonly rate: number;
  readonly burst: number;
  readonly outOfOrder: number;
  /** In seconds. */
  readonly maxLag: number;
  readonly duplicates: number;
  readonly malformed: number;
  /** Position of the first message. */
  readonly from: number;
  /** When the stream begins, as ISO text. */
  readonly start?: string | undefined;
}

/** The stream that the options ask for. A live one, `nowMs`, is shifted so that its first message is due now. */
export function openStream(asked: StreamOptions, nowMs: number | undefined): LeadEvents {
  const { seed, keys, rate, burst, outOfOrder, duplicates, malformed, from, start } = asked;
  const maxLagMs = asked.maxLag * 1000;
  const settings = { seed, keys, rate, burst, outOfOrder, maxLagMs, duplicates, malformed };
  if (start !== undefined) return leadEvents({ ...settings, startMs: parseStart(start) });
  if (nowMs === undefined) return leadEvents(settings);
  const stream = leadEvents({ ...settings, startMs: nowMs });
  if (from === 0) return stream;
  const [first] = stream.batches({ from, to: from + 1 });
  return leadEvents({ ...settings, startMs: 2 * nowMs - (first?.timestamps[0] ?? nowMs) });
}

function parseStart(text: string): number {
  const startMs = Date.parse(text);
  if (!Number.isNaN(startMs)) return startMs;
  throw new UserError({
    fault: "usage",
    code: "bad-option",
    what: { es: `«${text}» no es una fecha ISO.`, en: `"${text}" is no ISO date.` },
    where: "--start",
    next: [{ es: "por ejemplo 2025-01-01T00:00:00Z", en: "for example 2025-01-01T00:00:00Z" }],
  });
}
