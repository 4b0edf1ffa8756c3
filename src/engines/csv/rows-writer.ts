import { isUtf8 } from "node:buffer";
import { fromWindows1252 } from "./encoding.ts";
import type { FileDialect } from "./inspection.ts";
import { Output } from "./output.ts";
import { ESCAPED, type LineEnd, PLAIN, type ScannedRecord } from "./record.ts";

/**
 * Writes the rows of a file so that nothing is left to guess: UTF-8, the file's own delimiter and quote, quotes
 * doubled, one line end, one number of fields. As long as the file itself is already so, nothing is written
 * and the file can be read in place; at the first record that is not, what came before is copied.
 */
export class RowsWriter {
  readonly #out: Output;
  readonly #dialect: FileDialect;
  readonly #header: string;
  #isInPlace: boolean;
  /** Bytes of the file itself that go before what is gathered, when it turned out not to be clean. */
  #prefixBytes = 0;
  #lineEnd: LineEnd | undefined;
  #runBytes: Uint8Array = new Uint8Array(0);
  #runStart = 0;
  #runEnd = 0;

  constructor(options: {
    path: string;
    dialect: FileDialect;
    names: readonly string[];
    canStayInPlace: boolean;
  }) {
    this.#out = new Output(options.path);
    this.#dialect = options.dialect;
    this.#isInPlace = options.canStayInPlace;
    this.#header = options.names.join(options.dialect.delimiter);
  }

  /** True while the file can be read as it is. */
  get isInPlace(): boolean {
    return this.#isInPlace;
  }

  get path(): string {
    return this.#out.path;
  }

  get writtenBytes(): number {
    return this.#out.writtenBytes;
  }

  /** `isPlain`: nothing in it that a reader may stumble over, such as a line end or a field too many. */
  header(record: ScannedRecord, streamOffset: number, isPlain: boolean): void {
    this.#lineEnd = record.lineEnd;
    if (this.#isInPlace && (!isPlain || record.lineEnd === "cr")) this.breakAt(streamOffset);
    if (this.#isInPlace) return;
    this.#writeHeader();
  }

  /** `isSuspect`: the record may hold bytes that are no UTF-8. True when it did. */
  row(record: ScannedRecord, streamOffset: number, isSuspect: boolean): boolean {
    this.#lineEnd ??= record.lineEnd;
    const isForeign = isSuspect && !isUtf8(record.bytes.subarray(record.start, record.end));
    const isRun =
      record.isVerbatim &&
      !isForeign &&
      record.lineEnd !== "cr" &&
      (record.lineEnd === this.#lineEnd || (this.#isInPlace && record.lineEnd === "none"));
    if (this.#isInPlace) {
      if (isRun) return false;
      this.breakAt(streamOffset);
    }
    if (isRun) {
      if (this.#runEnd === record.start && this.#runBytes === record.bytes) this.#runEnd = record.next;
      else {
        this.#endRun();
        this.#runBytes = record.bytes;
        this.#runStart = record.start;
        this.#runEnd = record.next;
      }
      return false;
    }
    this.#endRun();
    const from = this.#out.length;
    if (record.isVerbatim) this.#out.add(record.bytes, record.start, record.end);
    else this.#rewrite(record);
    if (isForeign) {
      const text = fromWindows1252(this.#out.cut(from));
      this.#out.add(text, 0, text.length);
    }
    this.#endLine();
    return isForeign;
  }

  /** From here on the file is not what the engine is to read: rows are written out. */
  breakAt(streamOffset: number): void {
    if (!this.#isInPlace) return;
    this.#isInPlace = false;
    this.#prefixBytes = streamOffset;
  }

  /** To be called before the scanner gets more bytes. `copy` gives the first bytes of the file. */
  async flush(copy: (bytes: number) => AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#isInPlace) return;
    this.#endRun();
    if (this.#prefixBytes > 0) {
      for await (const chunk of copy(this.#prefixBytes)) await this.#out.write(chunk);
      this.#prefixBytes = 0;
    }
    await this.#out.flush();
  }

  async close(): Promise<void> {
    await this.#out.close();
  }

  #writeHeader(): void {
    this.#out.addText(this.#header);
    this.#endLine();
  }

  #endLine(): void {
    if (this.#lineEnd === "crlf") this.#out.addByte(13);
    this.#out.addByte(10);
  }

  #endRun(): void {
    if (this.#runEnd > this.#runStart) this.#out.add(this.#runBytes, this.#runStart, this.#runEnd);
    this.#runStart = this.#runEnd = -1;
  }

  /** Field by field, quoted where the field was, or has a quote in it. */
  #rewrite(record: ScannedRecord): void {
    const { bytes } = record;
    const delimiter = this.#dialect.delimiter.charCodeAt(0);
    const quote = this.#dialect.quote === "" ? -1 : this.#dialect.quote.charCodeAt(0);
    for (let field = 0; field < record.fieldCount; field++) {
      if (field > 0) this.#out.addByte(delimiter);
      const start = record.starts[field] ?? 0;
      const end = record.ends[field] ?? 0;
      const kind = record.kinds[field];
      if (kind === PLAIN && (quote < 0 || bytes.subarray(start, end).indexOf(quote) < 0)) {
        this.#out.add(bytes, start, end);
        continue;
      }
      this.#out.addByte(quote);
      if (kind === ESCAPED) this.#addUnescaped(bytes, start, end, quote);
      else {
        for (let i = start; i < end; i++) {
          const byte = bytes[i] ?? 0;
          if (byte === quote) this.#out.addByte(quote);
          this.#out.addByte(byte);
        }
      }
      this.#out.addByte(quote);
    }
  }

  /** A quoted text with escapes, with its quotes doubled. */
  #addUnescaped(bytes: Uint8Array, start: number, end: number, quote: number): void {
    const isBackslash = this.#dialect.escape === "\\";
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0;
      const next = i + 1 < end ? bytes[i + 1] : -1;
      if (byte === quote || (isBackslash && byte === 92 && next === quote)) {
        this.#out.addByte(quote);
        this.#out.addByte(quote);
        i++;
      } else {
        this.#out.addByte(byte);
        if (isBackslash && byte === 92 && next === 92) i++;
      }
    }
  }
}
