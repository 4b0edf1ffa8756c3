import type { Random } from "../../core/random.ts";
import type { ByteSink } from "./byte-sink.ts";
import * as cell from "./cells.ts";
import * as defect from "./defects.ts";
import type { Version } from "./draw.ts";

const COMMA = 44;
const DASH = 45;
const NEWLINE = 10;
const LETTER_C = 67;

/** No row is longer, in bytes. */
export const MAX_ROW_BYTES = 400;

/**
 * Writes a version as one row of the dirty CSV, with the defects that are asked for (structural ones aside:
 * see tear.ts). Gives the dirt that it put in, as bits.
 */
export function writeRow(input: {
  readonly sink: ByteSink;
  readonly random: Random;
  readonly version: Version;
  readonly defects: number;
  readonly isLeaky: boolean;
}): number {
  const { sink, random, version, defects } = input;
  const looks = random.uint32();
  const more = random.uint32();
  const nulls = random.uint32();
  sink.reserve(MAX_ROW_BYTES);
  let dirt = 0;

  if ((defects & defect.MISSING_ID) !== 0) dirt |= cell.writeNull(sink, nulls & 7);
  else sink.digits(version.lead + 1, 8);
  sink.byte(COMMA);

  dirt |= cell.writeCreated(sink, version, defects, looks & 15, more);
  sink.byte(COMMA);
  cell.writeTimestamp(sink, version.updatedAt);
  sink.byte(COMMA);
  sink.digits(version.revision);
  sink.byte(COMMA);

  dirt |= cell.writeSource(sink, version.source, (looks >>> 4) & 7, (looks >>> 7) & 7);
  sink.byte(COMMA);
  if (version.country < 0) dirt |= cell.writeNull(sink, (nulls >>> 3) & 7);
  else dirt |= cell.writeCountry(sink, version.country, (looks >>> 10) & 7);
  sink.byte(COMMA);
  if (version.industry < 0) dirt |= cell.writeNull(sink, (nulls >>> 6) & 7);
  else cell.writeIndustry(sink, version.industry);
  sink.byte(COMMA);
  if (version.company < 0) dirt |= cell.writeNull(sink, (nulls >>> 9) & 7);
  else {
    sink.byte(LETTER_C);
    sink.digits(version.company + 1, 5);
  }
  sink.byte(COMMA);

  if ((defects & defect.NEGATIVE_EMPLOYEES) !== 0) {
    sink.byte(DASH);
    sink.digits(version.employees <= 0 ? 1 : version.employees);
  } else if (version.employees < 0) dirt |= cell.writeNull(sink, (nulls >>> 12) & 7);
  else sink.digits(version.employees);
  sink.byte(COMMA);

  if ((defects & defect.UNREADABLE_BUDGET) !== 0) cell.writeUnreadable(sink, (more >>> 12) & 7);
  else if (version.budgetCents < 0) dirt |= cell.writeNull(sink, (nulls >>> 15) & 7);
  else dirt |= cell.writeBudget(sink, version.budgetCents, (looks >>> 13) & 7);
  sink.byte(COMMA);

  if ((defects & defect.NEGATIVE_VISITS) !== 0) {
    sink.byte(DASH);
    sink.digits(version.visits + 1);
  } else sink.digits(version.visits);
  sink.byte(COMMA);
  if (version.minutesTenths < 0) dirt |= cell.writeNull(sink, (nulls >>> 18) & 7);
  else dirt |= cell.writeMinutes(sink, version.minutesTenths, ((looks >>> 16) & 3) === 0);
  sink.byte(COMMA);
  sink.digits(version.emailsOpened);
  sink.byte(COMMA);
  if (version.daysSinceContact < 0) dirt |= cell.writeNull(sink, (nulls >>> 21) & 7);
  else sink.digits(version.daysSinceContact);
  sink.byte(COMMA);
  if (input.isLeaky) {
    sink.digits(version.onboardingCalls);
    sink.byte(COMMA);
  }

  if (version.converted < 0) dirt |= cell.writeNull(sink, (nulls >>> 24) & 7);
  else dirt |= cell.writeLabel(sink, version.converted, (looks >>> 18) & 7);
  sink.byte(COMMA);
  // A free text is seldom filled with a null word: one time in eight of those that could be.
  if (version.note < 0) dirt |= cell.writeNull(sink, ((looks >>> 21) & 7) === 0 ? (nulls >>> 27) & 7 : 0);
  else dirt |= cell.writeNote(sink, version.note);
  sink.byte(NEWLINE);
  return dirt;
}
