import { DMY, DMY_TIME, MDY, MDY_TIME, OFFSET, SHORT_YEAR, type Shape, YMD, YMD_TIME } from "./shape.ts";

const DASH = 45;
const DOT = 46;
const SLASH = 47;

/**
 * Reads `2024-01-05`, `5/1/2024` (by day or by month first, whichever is in the calendar) and either with a
 * time. A year of two digits and an offset from UTC are flagged, and are no date.
 */
export function readDate(bytes: Uint8Array, s: number, e: number, shape: Shape): void {
  if (e - s === 10 && bytes[s + 4] === DASH && bytes[s + 7] === DASH) {
    readIsoDate(bytes, s, shape);
    return;
  }
  const firstEnd = digitsEnd(bytes, s, e);
  const separator = bytes[firstEnd];
  if (firstEnd >= e || (separator !== DASH && separator !== SLASH && separator !== DOT)) return;
  const secondEnd = digitsEnd(bytes, firstEnd + 1, e);
  if (secondEnd >= e || bytes[secondEnd] !== separator) return;
  const thirdEnd = digitsEnd(bytes, secondEnd + 1, e);
  const firstLength = firstEnd - s;
  const secondLength = secondEnd - firstEnd - 1;
  const thirdLength = thirdEnd - secondEnd - 1;
  if (secondLength < 1 || secondLength > 2) return;
  const first = numberAt(bytes, s, firstEnd);
  const second = numberAt(bytes, firstEnd + 1, secondEnd);
  const third = numberAt(bytes, secondEnd + 1, thirdEnd);
  let mask = 0;
  if (firstLength === 4 && thirdLength >= 1 && thirdLength <= 2) {
    if (isInCalendar(first, second, third)) mask = YMD;
  } else if (firstLength >= 1 && firstLength <= 2 && thirdLength === 4) {
    if (isInCalendar(third, second, first)) mask |= DMY;
    if (isInCalendar(third, first, second)) mask |= MDY;
  } else if (firstLength >= 1 && firstLength <= 2 && thirdLength === 2) {
    shape.flags |= SHORT_YEAR;
  }
  if (mask === 0) return;
  shape.dateSeparator = separator;
  if (thirdEnd === e) {
    shape.mask = mask;
    return;
  }
  const gap = bytes[thirdEnd];
  if (gap !== 32 && !(gap === 84 && mask === YMD)) return;
  const timeEnd = readTime(bytes, thirdEnd + 1, e);
  if (timeEnd < 0) return;
  if (timeEnd < e && !isUtc(bytes, timeEnd, e)) {
    if (bytes[timeEnd] === 43 || bytes[timeEnd] === DASH) shape.flags |= OFFSET;
    return;
  }
  // The projection turns the separators of such a date into dashes, and would turn this point too.
  if (separator === DOT && mask === YMD && bytes.subarray(thirdEnd, e).includes(DOT)) return;
  // What follows a time is cut off by the projection for dates that start with the year only.
  if (timeEnd < e && mask !== YMD) return;
  shape.mask = mask === YMD ? YMD_TIME : (mask & DMY ? DMY_TIME : 0) | (mask & MDY ? MDY_TIME : 0);
}

/** `2024-01-05`, the most frequent of all: ten bytes, looked at once. */
function readIsoDate(bytes: Uint8Array, s: number, shape: Shape): void {
  let value = 0;
  for (let i = s; i < s + 10; i++) {
    const byte = bytes[i] ?? 0;
    if (i === s + 4 || i === s + 7) continue;
    if (byte < 48 || byte > 57) return;
    value = value * 10 + (byte - 48);
  }
  const year = Math.floor(value / 10_000);
  if (!isInCalendar(year, Math.floor(value / 100) % 100, value % 100)) return;
  shape.mask = YMD;
  shape.dateSeparator = DASH;
}

/** Days of a month, or false for what the calendar does not have; years 1–9999. */
export function isInCalendar(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  if (month === 2) {
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return day <= (isLeap ? 29 : 28);
  }
  return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

/** `h:mm`, `hh:mm:ss` or with up to six digits of a second; where it ends, or -1. */
function readTime(bytes: Uint8Array, s: number, e: number): number {
  const hourEnd = digitsEnd(bytes, s, e);
  if (hourEnd === s || hourEnd - s > 2 || bytes[hourEnd] !== 58 || hourEnd >= e) return -1;
  if (numberAt(bytes, s, hourEnd) > 23) return -1;
  const minuteEnd = digitsEnd(bytes, hourEnd + 1, e);
  if (minuteEnd - hourEnd !== 3 || numberAt(bytes, hourEnd + 1, minuteEnd) > 59) return -1;
  if (minuteEnd >= e || bytes[minuteEnd] !== 58) return minuteEnd;
  const secondEnd = digitsEnd(bytes, minuteEnd + 1, e);
  if (secondEnd - minuteEnd !== 3 || numberAt(bytes, minuteEnd + 1, secondEnd) > 59) return -1;
  if (secondEnd >= e || bytes[secondEnd] !== DOT) return secondEnd;
  const fractionEnd = digitsEnd(bytes, secondEnd + 1, e);
  const length = fractionEnd - secondEnd - 1;
  return length >= 1 && length <= 6 ? fractionEnd : -1;
}

function isUtc(bytes: Uint8Array, s: number, e: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + s, e - s).toString("latin1");
  return text === "Z" || text === "+00:00";
}

function digitsEnd(bytes: Uint8Array, s: number, e: number): number {
  let i = s;
  while (i < e) {
    const b = bytes[i] ?? 0;
    if (b < 48 || b > 57) break;
    i++;
  }
  return i;
}

function numberAt(bytes: Uint8Array, s: number, e: number): number {
  let value = 0;
  for (let i = s; i < e; i++) value = value * 10 + ((bytes[i] ?? 48) - 48);
  return value;
}
