import { readDate } from "./date-shape.ts";
import {
  BARE_EXPONENT,
  BIG,
  BLANK,
  CH,
  CH_GROUPED,
  EN,
  EN_GROUPED,
  ES,
  ES_GROUPED,
  EXPONENT,
  FR,
  FR_GROUPED,
  LEADING_ZERO,
  NULL_WORD,
  NUMBERS,
  PHONE,
  SEPARATED,
  type Shape,
  TRUTH,
} from "./shape.ts";
import { knownWord } from "./words.ts";

const SPACE = 32;
const LONGEST = 48;

/** Fills `shape` with all that the UTF-8 text `bytes[start, end)` can be read as; a text that is none has mask 0. */
export function readShape(bytes: Uint8Array, start: number, end: number, shape: Shape): void {
  let s = start;
  let e = end;
  while (s < e && bytes[s] === SPACE) s++;
  while (e > s && bytes[e - 1] === SPACE) e--;
  shape.start = s;
  shape.end = e;
  shape.mask = 0;
  shape.flags = 0;
  if (s === e) {
    shape.flags = BLANK;
    return;
  }
  if (e - s > LONGEST) return;
  const first = bytes[s] ?? 0;
  if ((first >= 48 && first <= 57) || first === 43 || (first >= 44 && first <= 46)) {
    // A date is seen by its second part's mark; every other value is looked at as a number first.
    if (e - s >= 8 && (isDateMark(bytes[s + 2]) || isDateMark(bytes[s + 4]))) readDate(bytes, s, e, shape);
    if (shape.mask === 0) readNumber(bytes, s, e, shape);
    if (shape.mask === 0) readDate(bytes, s, e, shape);
  }
  if (shape.mask === 0 && e - s <= 10) readWord(bytes, s, e, shape);
}

function isDateMark(byte: number | undefined): boolean {
  return byte === 45 || byte === 47;
}

function readWord(bytes: Uint8Array, s: number, e: number, shape: Shape): void {
  const word = knownWord(bytes, s, e);
  if (word === undefined) return;
  if (word.kind === "null") {
    shape.flags |= NULL_WORD;
    return;
  }
  shape.mask = TRUTH;
  shape.pairs = word.pairs;
  shape.isTrue = word.isTrue;
}

const DOT = 46;
const COMMA = 44;
const APOSTROPHE = 39;

/** `[+-]digits`, with groups of three and a fraction by any of the four conventions, or an exponent. */
function readNumber(bytes: Uint8Array, s: number, e: number, shape: Shape): void {
  let i = s;
  const sign = bytes[i];
  if (sign === 43 || sign === 45) i++;
  const lead = bytes[i];
  const digitsStart = i;
  let run = 0;
  let firstRun = 0;
  let separators = 0;
  let groupSeparator = 0;
  let lastSeparator = 0;
  let groupsFit = true;
  let digits = 0;
  for (; i < e; i++) {
    const b = bytes[i] ?? 0;
    if (b >= 48 && b <= 57) {
      run++;
      digits++;
      continue;
    }
    let separator = 0;
    if (b === DOT || b === COMMA || b === APOSTROPHE || b === SPACE) separator = b;
    else if (b === 0xc2 && bytes[i + 1] === 0xa0) separator = SPACE;
    else if (b === 0xe2 && bytes[i + 1] === 0x80 && bytes[i + 2] === 0xaf) separator = SPACE;
    if (separator === 0) break;
    if (b === 0xc2) i += 1;
    else if (b === 0xe2) i += 2;
    if (separators === 0) {
      firstRun = run;
      groupSeparator = separator;
    } else if (run !== 3 || lastSeparator !== groupSeparator) groupsFit = false;
    lastSeparator = separator;
    separators++;
    run = 0;
  }
  if (digits === 0) return;
  if (i < e) {
    readExponent(bytes, i, e, { separators, lastSeparator, run, digits }, shape);
    return;
  }
  if (separators === 0) {
    shape.mask = NUMBERS;
    shape.enDigits = shape.esDigits = run;
    shape.enScale = shape.esScale = 0;
    if (run > 1 && lead === 48) shape.flags |= LEADING_ZERO;
    if (run > 18 && isBeyondInt64(bytes, digitsStart, e, sign === 45)) shape.flags |= BIG;
    if (sign === 43 && run >= 7) shape.flags |= PHONE;
    return;
  }
  if (run === 0) return;
  const groupStarts = firstRun >= 1 && firstRun <= 3 && lead !== 48;
  if (firstRun > 1 && lead === 48) shape.flags |= LEADING_ZERO;
  if (separators === 1) readOneSeparator(groupSeparator, firstRun, run, groupStarts, shape);
  else if (groupsFit && groupStarts) {
    if (lastSeparator !== groupSeparator)
      readGroupsAndFraction(groupSeparator, lastSeparator, digits, run, shape);
    else if (run === 3) readGroups(groupSeparator, digits, shape);
  }
}

/** `1.5`, `1,5`, or one group: `1.234` is both 1.234 and 1 234, and the column decides. */
function readOneSeparator(
  separator: number,
  firstRun: number,
  run: number,
  groupStarts: boolean,
  shape: Shape,
): void {
  if (groupStarts && run === 3) readGroups(separator, firstRun + 3, shape);
  if (separator === DOT) {
    shape.mask |= EN | CH;
    shape.enDigits = firstRun;
    shape.enScale = run;
    shape.flags |= SEPARATED;
  } else if (separator === COMMA) {
    shape.mask |= ES | FR;
    shape.esDigits = firstRun;
    shape.esScale = run;
    shape.flags |= SEPARATED;
  }
}

function readGroups(separator: number, digits: number, shape: Shape): void {
  if (digits > 18) shape.flags |= BIG;
  if (separator === COMMA || separator === APOSTROPHE) {
    shape.enDigits = digits;
    shape.enScale = 0;
    shape.mask |= separator === COMMA ? EN : CH;
    shape.flags |= separator === COMMA ? EN_GROUPED | SEPARATED : CH_GROUPED;
  } else {
    shape.esDigits = digits;
    shape.esScale = 0;
    shape.mask |= separator === DOT ? ES : FR;
    shape.flags |= separator === DOT ? ES_GROUPED | SEPARATED : FR_GROUPED;
  }
}

function readGroupsAndFraction(
  group: number,
  fraction: number,
  digits: number,
  run: number,
  shape: Shape,
): void {
  if (fraction === DOT && (group === COMMA || group === APOSTROPHE)) {
    shape.mask = group === COMMA ? EN : CH;
    shape.flags |= SEPARATED | (group === COMMA ? EN_GROUPED : CH_GROUPED);
    shape.enDigits = digits - run;
    shape.enScale = run;
  } else if (fraction === COMMA && (group === DOT || group === SPACE)) {
    shape.mask = group === DOT ? ES : FR;
    shape.flags |= SEPARATED | (group === DOT ? ES_GROUPED : FR_GROUPED);
    shape.esDigits = digits - run;
    shape.esScale = run;
  }
}

/** `1.5e10`, `1e-05`; a double holds exponents up to 300 safely. */
function readExponent(
  bytes: Uint8Array,
  at: number,
  e: number,
  mantissa: { separators: number; lastSeparator: number; run: number; digits: number },
  shape: Shape,
): void {
  const letter = bytes[at];
  if (letter !== 101 && letter !== 69) return;
  const { separators, lastSeparator, run, digits } = mantissa;
  if (separators > 1 || (separators === 1 && (lastSeparator !== DOT || run === 0))) return;
  let i = at + 1;
  const hasSign = bytes[i] === 43 || bytes[i] === 45;
  if (hasSign) i++;
  let exponent = 0;
  if (i >= e || e - i > 3) return;
  for (; i < e; i++) {
    const d = (bytes[i] ?? 0) - 48;
    if (d < 0 || d > 9) return;
    exponent = exponent * 10 + d;
  }
  if (exponent > 300 - digits) return;
  shape.mask = EN;
  shape.flags |= EXPONENT | (hasSign || separators === 1 ? SEPARATED : BARE_EXPONENT);
  shape.enDigits = digits;
  shape.enScale = 0;
}

const INT64_MAX = 9223372036854775807n;

function isBeyondInt64(bytes: Uint8Array, s: number, e: number, isNegative: boolean): boolean {
  const value = BigInt(Buffer.from(bytes.buffer, bytes.byteOffset + s, e - s).toString("latin1"));
  return value > (isNegative ? INT64_MAX + 1n : INT64_MAX);
}
