import { CR, LF, NONE, Stops } from "./byte-stops.ts";

import type { CsvDialect } from "./engine.ts";
import { QuotedField } from "./quoted-field.ts";
import { Utf8Check } from "./utf8-check.ts";

/** What a CSV holds by RFC 4180, counted byte by byte and apart from any engine: what an engine read is held against it. */
export interface RecordCount {
  /** Rows of the file: header and empty lines aside (in a file of one column an empty line is a row). */
  readonly records: number;
  readonly longestRecordBytes: number;
  /**
   * For the physical line of a record: after `lines[i]` line ends outside quotes there were `inner[i]` inside.
   * Readers number lines without those inside quotes.
   */
  readonly innerBreaks: { readonly lines: readonly number[]; readonly inner: readonly number[] };
  /** The first thing in the file that a reader can't be trusted with. */
  readonly fault: CsvFault | undefined;
}

export interface CsvFault {
  readonly kind: /** A quote that is not closed before the end, or whose closing swallowed the lines in between. */
    | "open-quote"
    /** Text after a closing quote. */
    | "stray-quote"
    /** Lines end in more than one way: some readers stop at the first change. */
    | "mixed-line-ends"
    | "not-utf8";
  /** 1-based, physical. */
  readonly line: number;
  /** Line ends that an open quote swallowed. */
  readonly swallowedLines: number;
}

const SPACE = 32;
const BACKSLASH = 92;

const OUTSIDE = 0;
const QUOTED = 1;
/** After a quote in a quoted field: an escaped one, or the end of the field. */
const QUOTE_SEEN = 2;
const ESCAPED = 3;
const CLOSED = 4;

/** Counts the records of one file, chunk by chunk: `push` all of it, then `finish`. */
export class RecordCounter {
  readonly #quote: number;
  readonly #isBackslash: boolean;
  readonly #lastOfDelimiter: number;
  readonly #fieldCount: number;
  readonly #hasHeader: boolean;

  #state = OUTSIDE;
  /** Offset in the file of the chunk's first byte. */
  #base = 0;
  /** Offset of the record's first byte. */
  #recordStart = 0;
  /** The last byte before the chunk that is no space; NONE at the start of a record. */
  #before = NONE;
  #isAfterCr = false;
  #isAfterInnerCr = false;
  readonly #utf8 = new Utf8Check();

  #records = 0;
  #blankLines = 0;
  #longest = 0;
  #outsideBreaks = 0;
  #innerBreaks = 0;
  #innerAtRecord = 0;
  #stops = new Stops(Buffer.alloc(0), NONE);
  readonly #lines: number[] = [];
  readonly #inner: number[] = [];
  #fault: CsvFault | undefined;
  #lineEnd = 0;

  readonly #field: QuotedField;

  constructor(options: { readonly dialect: CsvDialect; readonly fieldCount: number }) {
    const { dialect } = options;
    const delimiter = Buffer.from(dialect.delimiter, "utf8");
    this.#lastOfDelimiter = delimiter.at(-1) ?? NONE;
    this.#quote = dialect.quote === "" ? NONE : dialect.quote.charCodeAt(0);
    this.#isBackslash = dialect.escape === "\\" && dialect.quote !== "\\";
    this.#fieldCount = options.fieldCount;
    this.#hasHeader = dialect.hasHeader;
    this.#field = new QuotedField(options.fieldCount);
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (!this.#utf8.isValid(bytes)) this.#report("not-utf8", this.#line(), 0);
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#stops = new Stops(chunk, this.#quote);
    let at = this.#skipBom(chunk);
    if (this.#isAfterCr && at < chunk.length) {
      this.#isAfterCr = false;
      at = this.#noteLineEnd(chunk[at] === LF, at);
    } else if (this.#isAfterInnerCr && chunk[at] === LF) {
      at++;
    }
    this.#isAfterInnerCr = false;
    while (at < chunk.length) {
      at = this.#state === OUTSIDE ? this.#scanOutside(chunk, at) : this.#scanQuoted(chunk, at);
    }
    this.#rememberEnd(chunk);
    this.#base += chunk.length;
  }

  finish(): RecordCount {
    if (!this.#utf8.end()) this.#report("not-utf8", this.#line(), 0);
    if (this.#isAfterCr) this.#noteLineEnd(false, 0);
    if (this.#state === QUOTED || this.#state === ESCAPED) {
      this.#report("open-quote", this.#field.line, this.#field.breaks);
    }
    if (this.#base > this.#recordStart) this.#endRecord(this.#base);
    const rows = this.#fieldCount === 1 ? this.#records + this.#blankLines : this.#records;
    return {
      records: this.#hasHeader ? Math.max(0, rows - 1) : rows,
      longestRecordBytes: this.#longest,
      innerBreaks: { lines: this.#lines, inner: this.#inner },
      fault: this.#fault,
    };
  }

  /** Goes to the next line end or opening quote. */
  #scanOutside(chunk: Buffer, from: number): number {
    let at = from;
    for (;;) {
      at = this.#stops.next(at);
      if (at >= chunk.length) return at;
      if (chunk[at] !== this.#quote) return this.#breakOutside(chunk, at);
      if (this.#isFieldStart(chunk, at)) {
        this.#state = QUOTED;
        this.#field.open(this.#line());
        return at + 1;
      }
      at++;
    }
  }

  #scanQuoted(chunk: Buffer, from: number): number {
    const quote = this.#quote;
    const end = chunk.length;
    let at = from;
    while (at < end) {
      if (this.#state === QUOTED) {
        at = this.#skipQuotedText(chunk, at);
        if (at >= end) return at;
        const byte = chunk[at];
        if (byte === quote) {
          this.#state = this.#isBackslash ? CLOSED : QUOTE_SEEN;
          at++;
        } else if (byte === BACKSLASH) {
          this.#state = ESCAPED;
          at++;
        } else {
          at = this.#breakInside(chunk, at);
        }
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (this.#state === ESCAPED) {
        this.#state = QUOTED;
        if (byte !== LF && byte !== CR) at++;
      } else if (this.#state === QUOTE_SEEN && byte === quote) {
        this.#state = QUOTED;
        at++;
      } else if (byte === SPACE) {
        this.#state = CLOSED;
        at++;
      } else {
        this.#state = OUTSIDE;
        this.#judgeClosing(byte);
        return at;
      }
    }
    return at;
  }

  /** Goes to the next quote, escape or line end of a quoted field; from its second line on, counts delimiters. */
  #skipQuotedText(chunk: Buffer, from: number): number {
    if (this.#field.breaks === 0 && !this.#isBackslash) return this.#stops.next(from);
    const quote = this.#quote;
    const escapeByte = this.#isBackslash ? BACKSLASH : NONE;
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === quote || byte === LF || byte === CR || byte === escapeByte) break;
      if (byte === this.#lastOfDelimiter) this.#field.delimiters++;
    }
    return at;
  }

  #judgeClosing(next: number): void {
    const { line, breaks } = this.#field;
    if (next !== LF && next !== CR && next !== this.#lastOfDelimiter) {
      this.#report(breaks > 0 ? "open-quote" : "stray-quote", line, breaks);
    } else if (this.#field.looksSwallowed()) {
      this.#report("open-quote", line, breaks);
    }
  }

  #breakOutside(chunk: Uint8Array, at: number): number {
    this.#endRecord(this.#base + at);
    this.#outsideBreaks++;
    if (chunk[at] === LF) {
      this.#noteKind(1);
      return this.#startRecord(at + 1);
    }
    if (at + 1 >= chunk.length) {
      this.#isAfterCr = true;
      return this.#startRecord(at + 1);
    }
    return this.#noteLineEnd(chunk[at + 1] === LF, at + 1);
  }

  /** After a CR: a LF belongs to it. Gives where the next record begins. */
  #noteLineEnd(isPair: boolean, at: number): number {
    this.#noteKind(isPair ? 2 : 4);
    return this.#startRecord(isPair ? at + 1 : at);
  }

  #noteKind(kind: number): void {
    if (this.#lineEnd !== 0 && this.#lineEnd !== kind) this.#report("mixed-line-ends", this.#line() - 1, 0);
    this.#lineEnd = kind;
  }

  #startRecord(at: number): number {
    this.#recordStart = this.#base + at;
    return at;
  }

  #breakInside(chunk: Uint8Array, at: number): number {
    this.#innerBreaks++;
    this.#field.breakLine();
    if (chunk[at] === LF) return at + 1;
    if (at + 1 === chunk.length) this.#isAfterInnerCr = true;
    return chunk[at + 1] === LF ? at + 2 : at + 1;
  }

  #endRecord(end: number): void {
    const sizeBytes = end - this.#recordStart;
    if (sizeBytes === 0) {
      this.#blankLines++;
      return;
    }
    this.#records++;
    if (sizeBytes > this.#longest) this.#longest = sizeBytes;
    if (this.#innerBreaks > this.#innerAtRecord) {
      this.#innerAtRecord = this.#innerBreaks;
      this.#lines.push(this.#outsideBreaks + 1);
      this.#inner.push(this.#innerBreaks);
    }
  }

  /** A quote opens a field after a delimiter or at the start of a record, spaces aside; else it is a character. */
  #isFieldStart(chunk: Uint8Array, quoteAt: number): boolean {
    let at = quoteAt - 1;
    while (at >= 0 && this.#base + at >= this.#recordStart && chunk[at] === SPACE) at--;
    if (this.#base + at < this.#recordStart) return true;
    const before = at >= 0 ? chunk[at] : this.#before;
    return before === NONE || before === this.#lastOfDelimiter;
  }

  #rememberEnd(chunk: Uint8Array): void {
    let at = chunk.length - 1;
    while (at >= 0 && this.#base + at >= this.#recordStart && chunk[at] === SPACE) at--;
    if (at >= 0) this.#before = this.#base + at < this.#recordStart ? NONE : (chunk[at] ?? NONE);
  }

  #line(): number {
    return this.#outsideBreaks + this.#innerBreaks + 1;
  }

  #report(kind: CsvFault["kind"], line: number, swallowedLines: number): void {
    this.#fault ??= { kind, line, swallowedLines };
  }

  #skipBom(chunk: Uint8Array): number {
    const isBom =
      this.#base === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf && chunk.length > 2;
    return isBom ? this.#startRecord(3) : 0;
  }
}
