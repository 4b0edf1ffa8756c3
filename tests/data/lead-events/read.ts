import type { EventBatch } from "../../../src/data/lead-events/batch.ts";
import { leadEvents } from "../../../src/data/lead-events/lead-events.ts";
import type { LeadEventsSettings } from "../../../src/data/lead-events/settings.ts";

/** A message as a reader that knows nothing of the generator sees it. */
export interface ReadMessage {
  readonly text: string;
  readonly key: string;
  readonly timestamp: number;
  /** Why it is no event; undefined when it is one. */
  readonly fault: string | undefined;
  readonly event: Readonly<Record<string, unknown>>;
}

/** Messages of a stream, read independently: JSON.parse and the rules of docs/data.md. */
export function readStream(
  settings: Partial<LeadEventsSettings>,
  range: { readonly from?: number; readonly to: number },
): ReadMessage[] {
  return [...leadEvents(settings).batches(range)].flatMap(readBatch);
}

export function readBatch(batch: EventBatch): ReadMessage[] {
  const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  return Array.from({ length: batch.count }, (_, row) => {
    const text = decode(batch.values.bytes.subarray(batch.values.starts[row], batch.values.ends[row]));
    const event = parse(text);
    return {
      text,
      key: decode(batch.keys.bytes.subarray(batch.keys.starts[row], batch.keys.ends[row])),
      timestamp: batch.timestamps[row] ?? Number.NaN,
      fault: faultOf(event),
      event: event ?? {},
    };
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

function faultOf(event: Record<string, unknown> | undefined): string | undefined {
  if (event === undefined) return "no-object";
  for (const name of ["event_id", "lead_id", "type", "event_time"])
    if (typeof event[name] !== "string") return "missing-field";
  const time = String(event.event_time);
  // Date.parse takes 30 February for 2 March: what it gives must be what was written.
  const millis = Date.parse(time);
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 23) !== time.slice(0, 23))
    return "impossible-time";
  const counts = ["visits", "minutes_on_site", "emails_opened", "days_since_contact"].map(
    (name) => event[name],
  );
  if (counts.some((count) => count !== null && typeof count !== "number")) return "wrong-type";
  return counts.some((count) => typeof count === "number" && count < 0) ? "negative-count" : undefined;
}
