import type { Random } from "../../core/random.ts";
import type { ByteSink } from "./byte-sink.ts";
import { TOO_FEW_FIELDS, TOO_MANY_FIELDS } from "./defects.ts";
import { below } from "./draw.ts";

const COMMA = 44;
const QUOTE = 34;
const NEWLINE = 10;
const UNQUOTED_NOTES = ["llamar mañana, sin falta", "bueno, bonito, barato", "no budget, no call"].map(
  (note) => new TextEncoder().encode(note),
);

/**
 * Makes the sink's last row ragged, as a broken writer does: cut after some field, or with a comma that lost its
 * quotes. Gives the defect's bit. The row has no line break inside any more.
 * @param start where the row begins. @param columns how many fields it has.
 */
export function tearRow(sink: ByteSink, random: Random, start: number, columns: number): number {
  if (random.chance(0.5)) {
    // At least two fields stay, so that it is no empty line and no single value.
    sink.length = fieldStart(sink, start, 2 + below(random, columns - 2)) - 1;
    sink.byte(NEWLINE);
    return TOO_FEW_FIELDS;
  }
  sink.length = fieldStart(sink, start, columns - 1);
  sink.text(random.pick(UNQUOTED_NOTES));
  sink.byte(NEWLINE);
  return TOO_MANY_FIELDS;
}

/** Where a field begins, counted from 0; commas inside quotes do not count. */
function fieldStart(sink: ByteSink, start: number, field: number): number {
  let seen = 0;
  let isQuoted = false;
  for (let at = start; at < sink.length; at++) {
    if (seen === field) return at;
    const code = sink.bytes[at];
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (code === COMMA && !isQuoted) seen++;
  }
  return sink.length;
}
