import { afterLineEnd, type LineMarks, lineEndAt, shareOfRecords } from "./lines.ts";
import {
  ESCAPED,
  PLAIN,
  QUOTED,
  type RecordSink,
  type ScannedRecord,
  type ScanOptions,
  type StructuralReason,
} from "./record.ts";

/**
 * Cuts a stream of UTF-8 bytes into records in one pass: RFC 4180 with the options of a dialect, lines ended
 * by LF, CRLF or CR. Every record is delivered once, as a record or as a reject. Memory: the longest record.
 *
 * An open quote is told from a long text by what lies inside: when {@link OPEN_QUOTE_LINES} lines or more
 * inside a quoted field look like records of the file, the quote was a stray one. Only the line that opened
 * it is rejected, and scanning goes on with the line after. A record that ends malformed or ragged after
 * swallowing lines is treated the same.
 */
export class RecordScanner {
  readonly #sink: RecordSink;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #isBackslash: boolean;
  readonly #skipSpace: boolean;
  readonly #expected: number;
  readonly #maxRecordBytes: number;
  readonly #marks: LineMarks;
  readonly #plainStops: Uint8Array;
  readonly #quotedStops: Uint8Array;
  readonly #record: ScannedRecord;
  #awaitsHeader: boolean;
  #linesToSkip: number;
  #bytes = new Uint8Array(1 << 16);
  #end = 0;
  #pos = 0;
  #line = 1;
  /** Offset in the stream of `#bytes[0]`. */
  #origin = 0;
  /** An incomplete record is looked at again when its bytes have doubled, so that a long one costs no more than twice. */
  #retryBytes = 0;
  #isDroppingLine = false;

  constructor(options: ScanOptions, sink: RecordSink) {
    this.#sink = sink;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#quote = options.quote === "" ? -1 : options.quote.charCodeAt(0);
    this.#isBackslash = options.escape === "\\";
    this.#skipSpace = options.skipSpaceBeforeQuote && this.#quote >= 0;
    this.#expected = options.expectedFields;
    this.#maxRecordBytes = options.maxRecordBytes ?? 64 * 1024 * 1024;
    this.#awaitsHeader = options.hasHeader;
    this.#linesToSkip = options.skipLines;
    this.#marks = {
      delimiter: this.#delimiter,
      quote: this.#quote,
      isBackslash: this.#isBackslash,
      fields: this.#expected,
    };
    this.#plainStops = stops([
      [this.#delimiter, DELIMITER],
      [this.#quote, QUOTE],
    ]);
    this.#quotedStops = stops([
      [this.#quote, QUOTE],
      [this.#isBackslash ? BACKSLASH : -1, ESCAPE],
    ]);
    this.#record = {
      bytes: this.#bytes,
      start: 0,
      end: 0,
      next: 0,
      line: 0,
      lineEnd: "none",
      fieldCount: 0,
      starts: new Int32Array(64),
      ends: new Int32Array(64),
      kinds: new Uint8Array(64),
      isVerbatim: true,
    };
  }

  /** Offset in the stream of an offset in the bytes of the record being delivered. */
  streamOffset(offset: number): number {
    return this.#origin + offset;
  }

  /** Delivers every record that ends in what came so far. */
  push(chunk: Uint8Array): void {
    this.#append(chunk);
    if (this.#end - this.#pos >= this.#retryBytes) this.#scan(false);
  }

  /** Delivers the rest; a last line needs no line end. */
  finish(): void {
    this.#scan(true);
  }

  #append(chunk: Uint8Array): void {
    const kept = this.#end - this.#pos;
    // One byte more, for the sentinel that ends every inner loop.
    if (this.#end + chunk.length + 1 > this.#bytes.length) {
      if (kept + chunk.length + 1 > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(this.#bytes.length * 2, kept + chunk.length + 1));
        grown.set(this.#bytes.subarray(this.#pos, this.#end));
        this.#bytes = grown;
      } else {
        this.#bytes.copyWithin(0, this.#pos, this.#end);
      }
      this.#origin += this.#pos;
      this.#pos = 0;
      this.#end = kept;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    this.#bytes[this.#end] = LF;
    this.#record.bytes = this.#bytes;
  }

  #scan(atEnd: boolean): void {
    this.#bytes[this.#end] = LF;
    while (this.#pos < this.#end) {
      const isDone =
        this.#linesToSkip > 0 || this.#isDroppingLine ? this.#skipLine(atEnd) : this.#next(atEnd);
      if (isDone) continue;
      const kept = this.#end - this.#pos;
      if (kept < this.#maxRecordBytes) {
        this.#retryBytes = kept * 2;
        return;
      }
      this.#giveUp();
    }
    this.#retryBytes = 0;
  }

  /** One record or reject; false when it is not all there yet. */
  #next(atEnd: boolean): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    const stop = this.#plainStops;
    const quote = this.#quote;
    const delimiter = this.#delimiter;
    const record = this.#record;
    const start = this.#pos;
    let { starts, ends, kinds } = record;
    let i = start;
    let count = 0;
    let isVerbatim = true;
    this.#quotedLines = 0;
    this.#firstBreak = -1;
    this.#hasNul = false;
    for (;;) {
      let fieldStart = i;
      let fieldEnd: number;
      let kind = PLAIN;
      if (this.#skipSpace && bytes[i] === SPACE) {
        while (bytes[i] === SPACE) i++;
        if (bytes[i] === quote) isVerbatim = false;
        else i = fieldStart;
      }
      if (bytes[i] === quote && i < end) {
        fieldStart = i + 1;
        const closing = this.#closingQuote(i + 1, atEnd);
        if (closing === MORE) return false;
        if (closing === OPEN) return this.#rejectFirstLine(start, atEnd, "open-quote");
        fieldEnd = closing;
        kind = this.#hasEscape ? ESCAPED : QUOTED;
        if (this.#hasEscape && this.#isBackslash) isVerbatim = false;
        i = closing + 1;
        if (i < end && ((stop[bytes[i] ?? 0] ?? 0) - 1) >>> 0 > 2) {
          isVerbatim = false;
          while (bytes[i] === SPACE) i++;
          if (i >= end && !atEnd) return false;
          if (i < end && ((stop[bytes[i] ?? 0] ?? 0) - 1) >>> 0 > 2) {
            return this.#rejectFirstLine(start, atEnd, this.#firstBreak < 0 ? "stray-quote" : "open-quote");
          }
        }
      } else {
        for (;;) {
          let at = stop[bytes[i] ?? 0] ?? 0;
          while (at === 0) at = stop[bytes[++i] ?? 0] ?? 0;
          if (at <= CARRIAGE_RETURN) break;
          if (at === NUL) this.#hasNul = true;
          else isVerbatim = false;
          i++;
        }
        fieldEnd = i;
      }
      if (count === starts.length) {
        growRecord(record);
        ({ starts, ends, kinds } = record);
      }
      starts[count] = fieldStart;
      ends[count] = fieldEnd;
      kinds[count] = kind;
      count++;
      if (i < end && bytes[i] === delimiter) {
        i++;
        continue;
      }
      break;
    }
    if (i >= end) {
      if (!atEnd) return false;
      record.next = end;
      record.lineEnd = "none";
    } else if (bytes[i] === LF) {
      record.next = i + 1;
      record.lineEnd = "lf";
    } else {
      if (i + 1 >= end && !atEnd) return false;
      const isPair = i + 1 < end && bytes[i + 1] === LF;
      record.next = isPair ? i + 2 : i + 1;
      record.lineEnd = isPair ? "crlf" : "cr";
    }
    record.start = start;
    record.end = i;
    record.line = this.#line;
    record.fieldCount = count;
    record.isVerbatim = isVerbatim;
    this.#deliver(record);
    return true;
  }

  // Set by #closingQuote and #next, for the record that is being cut.
  #hasEscape = false;
  #hasNul = false;
  /** Line ends inside the record's quoted fields. */
  #quotedLines = 0;
  /** Where the record's second physical line starts, or -1. */
  #firstBreak = -1;

  /** The offset of the quote that closes a field, MORE, or OPEN. */
  #closingQuote(from: number, atEnd: boolean): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const stop = this.#quotedStops;
    const quote = this.#quote;
    let i = from;
    let fieldLines = 0;
    let checkAt = OPEN_QUOTE_LINES;
    let windowStart = from;
    this.#hasEscape = false;
    for (;;) {
      let at = stop[bytes[i] ?? 0] ?? 0;
      while (at === 0) at = stop[bytes[++i] ?? 0] ?? 0;
      if (i >= end) return atEnd ? OPEN : MORE;
      if (at === QUOTE) {
        if (i + 1 >= end && !atEnd) return MORE;
        if (i + 1 >= end || bytes[i + 1] !== quote) return i;
        this.#hasEscape = true;
        i += 2;
      } else if (at === ESCAPE) {
        if (i + 1 >= end && !atEnd) return MORE;
        const next = i + 1 < end ? bytes[i + 1] : -1;
        if (next === quote || next === BACKSLASH) {
          this.#hasEscape = true;
          i += 2;
        } else i++;
      } else if (at === NUL) {
        this.#hasNul = true;
        i++;
      } else {
        if (at === CARRIAGE_RETURN) {
          if (i + 1 >= end && !atEnd) return MORE;
          if (i + 1 < end && bytes[i + 1] === LF) i++;
        }
        i++;
        if (this.#firstBreak < 0) this.#firstBreak = i;
        this.#quotedLines++;
        fieldLines++;
        if (fieldLines === 1) windowStart = i;
        if (fieldLines === checkAt) {
          if (this.#looksLikeRecords(windowStart, i, 0.9)) return OPEN;
          checkAt *= 2;
          windowStart = i;
        }
      }
    }
  }

  #deliver(record: ScannedRecord): void {
    const expected = this.#expected;
    const { next, start, end } = record;
    if (end === start || (record.fieldCount === 1 && expected !== 1 && isOnlySpaces(record))) {
      this.#pos = next;
      this.#line++;
      this.#sink.blank(start);
      return;
    }
    const isHeader = this.#awaitsHeader;
    if (expected > 0 && record.fieldCount !== expected && !isHeader) {
      const last = record.fieldCount - 1;
      // A delimiter too many at the end of the line holds no value: nothing is lost without it.
      if (last === expected && record.kinds[last] === PLAIN && record.starts[last] === record.ends[last]) {
        record.fieldCount = expected;
        record.isVerbatim = false;
      } else if (this.#firstBreak >= 0 && this.#looksLikeRecords(this.#firstBreak, end, 0.8)) {
        this.#rejectFirstLine(start, true, "open-quote");
        return;
      } else {
        this.#reject(start, end, next, this.#quotedLines, "ragged", record.fieldCount);
        return;
      }
    }
    if (this.#hasNul && !isHeader) {
      this.#reject(start, end, next, this.#quotedLines, "nul-byte", record.fieldCount);
      return;
    }
    this.#awaitsHeader = false;
    this.#pos = next;
    this.#line += 1 + this.#quotedLines;
    this.#sink.record(record);
  }

  #reject(
    start: number,
    end: number,
    next: number,
    innerLines: number,
    reason: StructuralReason,
    fieldCount = 0,
  ): void {
    const line = this.#line;
    this.#pos = next;
    this.#line += 1 + innerLines;
    this.#sink.reject({ bytes: this.#bytes, start, end, next, line, reason, fieldCount });
  }

  /** Rejects the physical line at which the record starts; false when its end is not there yet. */
  #rejectFirstLine(start: number, atEnd: boolean, reason: StructuralReason): boolean {
    const end = lineEndAt(this.#bytes, start, this.#end);
    if (end + 1 >= this.#end && !atEnd) return false;
    this.#reject(start, end, afterLineEnd(this.#bytes, end, this.#end), 0, reason);
    return true;
  }

  /** True when at least this share of the lines in [from, to) would be records of the file by themselves. */
  #looksLikeRecords(from: number, to: number, share: number): boolean {
    // In a file of one column every line would.
    return this.#expected >= 2 && shareOfRecords(this.#bytes, from, to, this.#marks) >= share;
  }

  #skipLine(atEnd: boolean): boolean {
    const end = lineEndAt(this.#bytes, this.#pos, this.#end);
    if (end + 1 >= this.#end && !atEnd) {
      if (!this.#isDroppingLine) return false;
      this.#pos = end;
      return end === this.#end;
    }
    this.#pos = afterLineEnd(this.#bytes, end, this.#end);
    this.#line++;
    if (this.#isDroppingLine) this.#isDroppingLine = false;
    else this.#linesToSkip--;
    return true;
  }

  /** The record is longer than the limit: an open quote if it holds lines, else a line to be dropped. */
  #giveUp(): void {
    const end = lineEndAt(this.#bytes, this.#pos, this.#end);
    if (end + 1 < this.#end) {
      this.#rejectFirstLine(this.#pos, true, "open-quote");
      return;
    }
    const line = this.#line;
    this.#reject(this.#pos, end, end, 0, "too-long");
    this.#line = line;
    this.#isDroppingLine = true;
  }
}

/** From this many lines inside one quoted field on, the field is suspected. */
export const OPEN_QUOTE_LINES = 20;

const LF = 10;
const SPACE = 32;
const BACKSLASH = 92;

// What a byte means to an inner loop; 0 goes on.
const DELIMITER = 1;
const LINE_FEED = 2;
const CARRIAGE_RETURN = 3;
const NUL = 4;
const QUOTE = 5;
const ESCAPE = 6;

const MORE = -1;
const OPEN = -2;

function stops(special: readonly (readonly [byte: number, meaning: number])[]): Uint8Array {
  const table = new Uint8Array(256);
  table[0] = NUL;
  table[LF] = LINE_FEED;
  table[13] = CARRIAGE_RETURN;
  for (const [byte, meaning] of special) if (byte >= 0) table[byte] = meaning;
  return table;
}

function isOnlySpaces(record: ScannedRecord): boolean {
  if (record.kinds[0] !== PLAIN) return false;
  for (let i = record.start; i < record.end; i++) if (record.bytes[i] !== SPACE) return false;
  return true;
}

function growRecord(record: ScannedRecord): void {
  const size = record.starts.length * 2;
  const { starts, ends, kinds } = record;
  record.starts = new Int32Array(size);
  record.starts.set(starts);
  record.ends = new Int32Array(size);
  record.ends.set(ends);
  record.kinds = new Uint8Array(size);
  record.kinds.set(kinds);
}
