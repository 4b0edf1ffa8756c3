import type { DataType } from "../../core/table.ts";
import type { Text } from "../../core/text.ts";
import * as because from "./column-notes.ts";
import type { ColumnProfile } from "./column-profile.ts";
import { type DateOrder, writeDateFormat } from "./formats.ts";
import {
  BARE_EXPONENT,
  BIG,
  CH,
  CH_GROUPED,
  DATES,
  DMY,
  DMY_TIME,
  EN,
  EN_GROUPED,
  ES,
  ES_GROUPED,
  EXPONENT,
  FR,
  FR_GROUPED,
  LEADING_ZERO,
  MDY,
  MDY_TIME,
  NUMBERS,
  OFFSET,
  PHONE,
  SEPARATED,
  SHORT_YEAR,
  TRUTH,
  YMD,
  YMD_TIME,
} from "./shape.ts";
import { TRUTH_PAIRS } from "./words.ts";

export interface TypeDecision {
  readonly type: DataType;
  readonly format?: string | undefined;
  readonly nulls?: readonly string[] | undefined;
  readonly notes: readonly Text[];
}

/**
 * The type of each column from the profiles of all. A column is text unless every value agrees on one
 * reading: what can be read in two ways (05/04/2024, 1,234) stays text, with a note, unless other columns of
 * the file settle it.
 */
export function decideTypes(profiles: readonly ColumnProfile[], delimiter: string): TypeDecision[] {
  const habit = separatorHabit(profiles);
  return profiles.map((profile) => decide(profile, habit, delimiter));
}

/** The decimal separator that the unambiguous columns of a file agree on. */
type Habit = "point" | "comma" | undefined;

function separatorHabit(profiles: readonly ColumnProfile[]): Habit {
  const count = { point: 0, comma: 0 };
  for (const { mask, flags } of profiles) {
    if ((mask & NUMBERS) === 0 || (flags & SEPARATED) === 0) continue;
    const isPoint = (mask & (EN | CH)) !== 0;
    const isComma = (mask & (ES | FR)) !== 0;
    if (isPoint && !isComma) count.point++;
    if (isComma && !isPoint) count.comma++;
  }
  if (count.point > 0 && count.comma === 0) return "point";
  if (count.comma > 0 && count.point === 0) return "comma";
  return undefined;
}

function decide(profile: ColumnProfile, habit: Habit, delimiter: string): TypeDecision {
  if (profile.firstMisfit !== undefined) return text(misfitNotes(profile));
  if (profile.fits === 0) return text([]);
  const decision =
    (profile.mask & NUMBERS) !== 0
      ? decideNumber(profile, habit, delimiter)
      : (profile.mask & DATES) !== 0
        ? decideDate(profile)
        : decideTruth(profile);
  if (decision.type.kind === "string" || profile.nullWords.size === 0) return decision;
  const nulls = [...profile.nullWords].sort();
  return { ...decision, nulls, notes: [...decision.notes, because.nullWords(nulls)] };
}

function text(notes: readonly Text[]): TypeDecision {
  return { type: { kind: "string" }, notes };
}

function misfitNotes(profile: ColumnProfile): Text[] {
  const misfit = profile.firstMisfit;
  if (misfit === undefined) return [];
  const { flags } = misfit;
  if ((flags & LEADING_ZERO) !== 0) return [because.leadingZeros(misfit)];
  if ((flags & PHONE) !== 0) return [because.phone(misfit)];
  if ((flags & BARE_EXPONENT) !== 0) return [because.bareExponent(misfit)];
  if ((flags & SHORT_YEAR) !== 0) return [because.shortYear(misfit)];
  if ((flags & OFFSET) !== 0) return [because.offset(misfit)];
  if (profile.fits === 0) return [];
  return [
    because.lateChange({
      misfit,
      was: familyOf(profile.maskBefore),
      misfits: profile.misfits,
      fits: profile.fits,
      isCounted: !profile.isClosed,
    }),
  ];
}

function familyOf(mask: number): "number" | "date" | "truth" {
  if ((mask & NUMBERS) !== 0) return "number";
  return (mask & DATES) !== 0 ? "date" : "truth";
}

function decideNumber(profile: ColumnProfile, habit: Habit, delimiter: string): TypeDecision {
  const convention = conventionOf(profile, habit, delimiter);
  if (convention === undefined) return text([because.ambiguousNumber()]);
  const { bit, notes } = convention;
  const isSpanish = bit === ES || bit === FR;
  const digits = isSpanish ? profile.esDigits : profile.enDigits;
  const scale = isSpanish ? profile.esScale : profile.enScale;
  const minScale = isSpanish ? profile.esMinScale : profile.enMinScale;
  const isGrouped = (profile.flags & GROUPED_BIT[bit]) !== 0;
  const format = formatOf(bit, isGrouped, scale > 0);
  const hasExponent = (profile.flags & EXPONENT) !== 0;
  if (scale === 0 && !hasExponent) {
    if ((profile.flags & BIG) !== 0) return text([because.beyondInt64()]);
    if (isGrouped && digits >= 9 && profile.minDigits === digits) return text([because.groupedCode()]);
    return { type: { kind: "int64" }, format, notes };
  }
  if (minScale === scale && digits + scale <= 18) {
    return { type: { kind: "decimal", precision: 18, scale }, format, notes };
  }
  if (digits + scale > 17 && !hasExponent) return text([because.tooPrecise()]);
  return { type: { kind: "float64" }, format, notes };
}

const GROUPED_BIT = { [EN]: EN_GROUPED, [ES]: ES_GROUPED, [FR]: FR_GROUPED, [CH]: CH_GROUPED };

function formatOf(
  bit: keyof typeof GROUPED_BIT,
  isGrouped: boolean,
  hasFraction: boolean,
): string | undefined {
  if (!isGrouped && !hasFraction) return undefined;
  if (bit === EN) return isGrouped ? "1,234.56" : undefined;
  if (bit === ES) return isGrouped ? "1.234,56" : "1234,56";
  return bit === FR ? "1 234,56" : "1'234.56";
}

/** Which of the conventions that are left the column is written in; undefined when two of them differ in value. */
function conventionOf(
  profile: ColumnProfile,
  habit: Habit,
  delimiter: string,
): { bit: keyof typeof GROUPED_BIT; notes: Text[] } | undefined {
  const { mask, flags } = profile;
  if ((mask & EN) !== 0 && ((mask & ES) === 0 || (flags & SEPARATED) === 0)) return { bit: EN, notes: [] };
  if ((mask & (EN | ES)) === ES) return { bit: ES, notes: [] };
  if ((mask & (EN | ES)) === 0) return { bit: (mask & FR) !== 0 ? FR : CH, notes: [] };
  // Every value is like 1.234, or every value is like 1,234.
  if (habit === "comma") return { bit: ES, notes: [because.habitComma()] };
  if (habit === "point") return { bit: EN, notes: [because.habitPoint()] };
  const isWrittenWithPoint = (flags & ES_GROUPED) !== 0;
  if (isWrittenWithPoint && delimiter !== ";") return { bit: EN, notes: [because.pointAssumed()] };
  return undefined;
}

function decideDate(profile: ColumnProfile): TypeDecision {
  const { mask } = profile;
  const isDayFirst = (mask & (DMY | DMY_TIME)) !== 0;
  if (isDayFirst && (mask & (MDY | MDY_TIME)) !== 0) return text([because.ambiguousDate()]);
  const order: DateOrder = (mask & (YMD | YMD_TIME)) !== 0 ? "ymd" : isDayFirst ? "dmy" : "mdy";
  const hasTime = (mask & (YMD_TIME | DMY_TIME | MDY_TIME)) !== 0;
  const date = writeDateFormat(order, String.fromCharCode(profile.dateSeparator));
  const isUsual = date === "yyyy-mm-dd";
  if (!hasTime) return { type: { kind: "date" }, format: isUsual ? undefined : date, notes: [] };
  return { type: { kind: "timestamp" }, format: isUsual ? undefined : `${date} hh:mm:ss`, notes: [] };
}

function decideTruth(profile: ColumnProfile): TypeDecision {
  if ((profile.mask & TRUTH) === 0) return text([]);
  const index = TRUTH_PAIRS.findIndex((_, bit) => (profile.pairs & (1 << bit)) !== 0);
  const pair = TRUTH_PAIRS[index];
  if (pair === undefined) return text([]);
  if (!pair.isCertain && !(profile.hasTrue && profile.hasFalse)) return text([]);
  return {
    type: { kind: "boolean" },
    format: pair.format === "true/false" ? undefined : pair.format,
    notes: [],
  };
}
