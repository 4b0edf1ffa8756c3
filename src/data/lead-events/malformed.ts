import type { Random } from "../../core/random.ts";
import type { ByteSink } from "../leads/byte-sink.ts";
import { type EventValues, unit } from "./draw.ts";
import { NO_FAULT, writeMessage } from "./message.ts";
import { MALFORMED_KINDS, type MalformedKind, REQUIRED_FIELDS } from "./settings.ts";

/** Valid JSON or not, none of them is an object. */
const NOT_JSON = ["ping", "<event/>", "event_id;lead_id;type", "42"].map((text) =>
  new TextEncoder().encode(text),
);
const NO_BYTES = new Uint8Array(0);

/** Writes what is no event where an event was to be; gives its position in MALFORMED_KINDS. */
export function writeMalformed(
  sink: ByteSink,
  random: Random,
  values: EventValues,
  idPrefix: Uint8Array,
): number {
  const kind = Math.floor(unit(random) * MALFORMED_KINDS.length);
  const which = random.uint32() & 3;
  const start = sink.length;
  const name: MalformedKind = MALFORMED_KINDS[kind] ?? "not-json";
  switch (name) {
    case "broken-json":
      writeMessage(sink, values, idPrefix);
      // Something stays of it, never the brace that closes it.
      sink.length = start + 1 + Math.floor(unit(random) * (sink.length - start - 1));
      break;
    case "not-json":
      sink.text(NOT_JSON[which] ?? NO_BYTES);
      break;
    case "missing-field":
      writeMessage(sink, values, idPrefix, { ...NO_FAULT, missing: which % REQUIRED_FIELDS.length });
      break;
    case "wrong-type":
      writeMessage(sink, values, idPrefix, { ...NO_FAULT, wrongVisits: which });
      break;
    case "impossible-time":
      writeMessage(sink, values, idPrefix, { ...NO_FAULT, impossibleTime: which });
      break;
    case "negative-count":
      writeMessage(sink, values, idPrefix, { ...NO_FAULT, isNegative: true });
  }
  return kind;
}
