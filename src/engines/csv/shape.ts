/** What one text can be read as: bits of {@link Shape.mask}. */
export const EN = 1; // 1,234.56
export const ES = 2; // 1.234,56
export const FR = 4; // 1 234,56
export const CH = 8; // 1'234.56
export const YMD = 16;
export const DMY = 32;
export const MDY = 64;
export const YMD_TIME = 128;
export const DMY_TIME = 256;
export const MDY_TIME = 512;
export const TRUTH = 1024;
export const NUMBERS = EN | ES | FR | CH;
export const DATES = YMD | DMY | MDY | YMD_TIME | DMY_TIME | MDY_TIME;
export const ALL_SHAPES = NUMBERS | DATES | TRUTH;

/** What else was seen: bits of {@link Shape.flags}. */
export const EN_GROUPED = 1;
export const ES_GROUPED = 2;
export const FR_GROUPED = 4;
export const CH_GROUPED = 8;
export const EXPONENT = 16;
export const LEADING_ZERO = 32;
/** An integer beyond int64. */
export const BIG = 64;
/** `+` and seven digits or more: a telephone, not an amount. */
export const PHONE = 128;
/** `12E5`: more often a code than a number. */
export const BARE_EXPONENT = 256;
export const SHORT_YEAR = 512;
export const OFFSET = 1024;
/** A `.` or `,` was there, so that conventions can be told apart. */
export const SEPARATED = 2048;
/** Only spaces, or nothing. */
export const BLANK = 4096;
/** `NA`, `-`, …: no value, where the rest of the column is numbers or dates. */
export const NULL_WORD = 8192;

/** The reading of one value; one object is filled again and again, since this runs for every cell. */
export interface Shape {
  mask: number;
  flags: number;
  /** Digits before the decimal separator, and after it, read the English (or Swiss) way. */
  enDigits: number;
  enScale: number;
  /** The same, read the Spanish (or French) way. */
  esDigits: number;
  esScale: number;
  /** The separator of a date, as a byte. */
  dateSeparator: number;
  /** Which pairs of {@link TRUTH_WORDS} the word belongs to, as bits, and its side. */
  pairs: number;
  isTrue: boolean;
  /** Offsets of the value without the spaces around it. */
  start: number;
  end: number;
}

export function newShape(): Shape {
  return {
    mask: 0,
    flags: 0,
    enDigits: 0,
    enScale: 0,
    esDigits: 0,
    esScale: 0,
    dateSeparator: 0,
    pairs: 0,
    isTrue: false,
    start: 0,
    end: 0,
  };
}
