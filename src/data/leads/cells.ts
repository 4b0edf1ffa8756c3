import type { ByteSink } from "./byte-sink.ts";
import { COUNTRIES, INDUSTRIES, NOTES, NULL_TEXTS, SOURCES } from "./columns.ts";
import * as defect from "./defects.ts";
import type { Version } from "./draw.ts";

const COMMA = 44;
const DOT = 46;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const SPACE = 32;
const QUOTE = 34;

/** Line breaks inside each note, by its position in NOTES. */
export const NOTE_NEWLINES: Uint8Array = Uint8Array.from(NOTES, (note) => note.split("\n").length - 1);

/** What a null is written as, by three random bits: half of them empty. */
const NULLS = [0, 0, 0, 0, 1, 2, 3, 4].map((at) => encode(NULL_TEXTS[at] ?? ""));
const FIRST_NULL_WORD = 4;

const SOURCE_FORMS = SOURCES.map((name) => forms(name, name));
const COUNTRY_FORMS = COUNTRIES.map((name) => forms(name, name.toUpperCase()));
const INDUSTRY_NAMES = INDUSTRIES.map(encode);
const NOTE_TEXTS = NOTES.map(encode);
const LABEL_FORMS = [
  ["0", "0", "0", "0", "false", "False", "no", "NO"].map(encode),
  ["1", "1", "1", "1", "true", "TRUE", "yes", "Yes"].map(encode),
];
const IMPOSSIBLE_DATES = [
  "2024-02-30",
  "31/04/2024",
  "30.02.2023",
  "2023-13-05",
  "32/01/2024",
  "2023-02-29",
  "31.06.2024",
  "2024-00-12",
].map(encode);
const UNREADABLE_BUDGETS = ["a consultar", "tbd", "12k", "1O50.00", "???", "pendiente", "€€", "x"].map(
  encode,
);
const NOTHING = new Uint8Array(0);

/** One of the ways to write no value, by three random bits; gives the dirt. */
export function writeNull(sink: ByteSink, which: number): number {
  sink.text(NULLS[which] ?? NOTHING);
  return which >= FIRST_NULL_WORD ? defect.NULL_WORD : 0;
}

export function writeCreated(
  sink: ByteSink,
  version: Version,
  defects: number,
  look: number,
  more: number,
): number {
  if ((defects & defect.IMPOSSIBLE_DATE) !== 0) {
    sink.text(IMPOSSIBLE_DATES[more & 7] ?? NOTHING);
    return 0;
  }
  let day = version.createdDay;
  if ((defects & defect.CREATED_AFTER_UPDATE) !== 0) {
    const updatedDay = Math.floor(version.updatedAt / 86_400);
    // A slip of some days, or a year that is still to come.
    day = (more & 1) === 0 ? updatedDay + 1 + ((more >>> 1) & 255) : updatedDay + 2_500 + (more >>> 16);
  }
  if (look < 9) {
    writeDate(sink, day);
    return 0;
  }
  const { year, month, dayOfMonth } = calendar(day);
  const separator = look < 13 ? SLASH : DOT;
  sink.pair(dayOfMonth);
  sink.byte(separator);
  sink.pair(month);
  sink.byte(separator);
  sink.digits(year, 4);
  return look < 13 ? defect.CREATED_SLASHES : defect.CREATED_DOTS;
}

function writeDate(sink: ByteSink, days: number): void {
  const { year, month, dayOfMonth } = calendar(days);
  sink.digits(year, 4);
  sink.byte(DASH);
  sink.pair(month);
  sink.byte(DASH);
  sink.pair(dayOfMonth);
}

export function writeTimestamp(sink: ByteSink, seconds: number): void {
  const days = Math.floor(seconds / 86_400);
  const second = seconds - days * 86_400;
  writeDate(sink, days);
  sink.byte(SPACE);
  sink.pair(Math.floor(second / 3600));
  sink.byte(COLON);
  sink.pair(Math.floor(second / 60) % 60);
  sink.byte(COLON);
  sink.pair(second % 60);
}

/** Days since 1970 to the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function calendar(days: number): { year: number; month: number; dayOfMonth: number } {
  const shifted = days + 719_468;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const leaps = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leaps) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1,
  };
}

export function writeSource(sink: ByteSink, source: number, padding: number, form: number): number {
  if ((padding & 5) === 1) sink.byte(SPACE);
  const dirt = writeForm(sink, SOURCE_FORMS[source], form, defect.SOURCE_RECASED);
  if ((padding & 6) === 2) sink.byte(SPACE);
  return (padding & 5) === 1 || (padding & 6) === 2 ? dirt | defect.SOURCE_PADDED : dirt;
}

export function writeCountry(sink: ByteSink, country: number, form: number): number {
  return writeForm(sink, COUNTRY_FORMS[country], form, defect.COUNTRY_RECASED);
}

export function writeIndustry(sink: ByteSink, industry: number): void {
  sink.text(INDUSTRY_NAMES[industry] ?? NOTHING);
}

function writeForm(
  sink: ByteSink,
  spellings: readonly Uint8Array[] | undefined,
  form: number,
  recased: number,
): number {
  const which = form < 5 ? 0 : form - 5;
  sink.text(spellings?.[which] ?? NOTHING);
  return which === 0 ? 0 : recased;
}

/** Two decimals always; `1234.56`, `1234,56`, `1.234,56` or `1,234.56`; quoted where there is a comma. */
export function writeBudget(sink: ByteSink, budgetCents: number, look: number): number {
  const euros = (budgetCents / 100) | 0;
  const cents = budgetCents - euros * 100;
  const isDecimalComma = look >= 3 && look < 6;
  const isGrouped = look >= 4;
  const isQuoted = isDecimalComma || (isGrouped && euros >= 1000);
  if (isQuoted) sink.byte(QUOTE);
  if (isGrouped) sink.grouped(euros, isDecimalComma ? DOT : COMMA);
  else sink.digits(euros);
  sink.byte(isDecimalComma ? COMMA : DOT);
  sink.pair(cents);
  if (isQuoted) sink.byte(QUOTE);
  return (
    (isDecimalComma ? defect.BUDGET_DECIMAL_COMMA : 0) |
    (isGrouped && euros >= 1000 ? defect.BUDGET_THOUSANDS : 0)
  );
}

export function writeMinutes(sink: ByteSink, tenths: number, isComma: boolean): number {
  const whole = (tenths / 10) | 0;
  if (isComma) sink.byte(QUOTE);
  sink.digits(whole);
  sink.byte(isComma ? COMMA : DOT);
  sink.digits(tenths - whole * 10);
  if (isComma) sink.byte(QUOTE);
  return isComma ? defect.MINUTES_DECIMAL_COMMA : 0;
}

export function writeUnreadable(sink: ByteSink, which: number): void {
  sink.text(UNREADABLE_BUDGETS[which] ?? NOTHING);
}

/** `0` or `1` in half of the rows, a word in the others. */
export function writeLabel(sink: ByteSink, label: number, form: number): number {
  sink.text(LABEL_FORMS[label]?.[form] ?? NOTHING);
  return form >= 4 ? defect.LABEL_WORD : 0;
}

export function writeNote(sink: ByteSink, note: number): number {
  const encoded = NOTE_TEXTS[note] ?? NOTHING;
  sink.text(encoded);
  const newline = (NOTE_NEWLINES[note] ?? 0) > 0 ? defect.NOTES_NEWLINE : 0;
  return encoded[0] === QUOTE ? newline | defect.NOTES_QUOTED : newline;
}

/** The usual spelling and the two others: lower, Capital, UPPER. */
function forms(name: string, usual: string): readonly Uint8Array[] {
  const lower = name.toLowerCase();
  const all = [lower, lower.charAt(0).toUpperCase() + lower.slice(1), name.toUpperCase()];
  return [usual, ...all.filter((form) => form !== usual)].map(encode);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
