/** What makes a line a record by itself: bytes, with -1 for no quote. */
export interface LineMarks {
  readonly delimiter: number;
  readonly quote: number;
  readonly isBackslash: boolean;
  readonly fields: number;
}

/** Of the physical lines in [from, to), the share that have that many fields by themselves; 0 for no line. */
export function shareOfRecords(bytes: Uint8Array, from: number, to: number, marks: LineMarks): number {
  let lines = 0;
  let fits = 0;
  for (let i = from; i < to; ) {
    const end = lineEndAt(bytes, i, to);
    if (fieldsOnLine(bytes, i, end, marks) === marks.fields) fits++;
    lines++;
    i = afterLineEnd(bytes, end, to);
  }
  return lines === 0 ? 0 : fits / lines;
}

/** The offset of the next LF or CR, or `end`. */
export function lineEndAt(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== LF && bytes[i] !== CR) i++;
  return i;
}

/** Where the line after the line end at `at` starts. */
export function afterLineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end;
  return bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** How many fields a line has; -1 when its quotes don't match. */
function fieldsOnLine(bytes: Uint8Array, start: number, end: number, marks: LineMarks): number {
  const { delimiter, quote, isBackslash } = marks;
  let fields = 1;
  let i = start;
  for (;;) {
    if (i < end && bytes[i] === quote) {
      i++;
      for (;;) {
        while (i < end && bytes[i] !== quote && !(isBackslash && bytes[i] === BACKSLASH)) i++;
        if (i >= end) return -1;
        if (bytes[i] === quote && bytes[i + 1] !== quote) break;
        i += 2;
      }
      i++;
      if (i < end && bytes[i] !== delimiter) return -1;
    }
    while (i < end && bytes[i] !== delimiter) i++;
    if (i >= end) return fields;
    fields++;
    i++;
  }
}

const LF = 10;
const CR = 13;
const BACKSLASH = 92;
