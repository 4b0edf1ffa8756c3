/** How a field is written: plain, quoted, or quoted with escapes inside. */
export const PLAIN = 0;
export const QUOTED = 1;
export const ESCAPED = 2;

export type LineEnd = "lf" | "crlf" | "cr" | "none";

/** A record; one object, filled again for each, and its bytes are the scanner's own: valid during the call only. */
export interface ScannedRecord {
  bytes: Uint8Array;
  /** Offsets in `bytes`: the record without its line end is [start, end), the next one begins at `next`. */
  start: number;
  end: number;
  next: number;
  /** 1-based physical line on which it starts. */
  line: number;
  lineEnd: LineEnd;
  fieldCount: number;
  /** Of the field's text, inside its quotes. */
  starts: Int32Array;
  ends: Int32Array;
  kinds: Uint8Array;
  /** True when its bytes can be read as they are by any RFC 4180 reader with this delimiter and quote. */
  isVerbatim: boolean;
}

/** Why a record can't be a row. */
export type StructuralReason =
  /** A quoted field that is never closed, or whose closing swallowed the lines that follow. */
  | "open-quote"
  /** Text after a closing quote. */
  | "stray-quote"
  /** More or fewer fields than the file has columns. */
  | "ragged"
  | "nul-byte"
  /** Longer than the limit: kept out of memory, and cut short in the rejects. */
  | "too-long";

export interface ScannedReject {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly line: number;
  readonly reason: StructuralReason;
  /** For `ragged`. */
  readonly fieldCount: number;
}

export interface RecordSink {
  record(record: ScannedRecord): void;
  reject(reject: ScannedReject): void;
  /** A line with nothing on it: no record. */
  blank(start: number): void;
}

export interface ScanOptions {
  readonly delimiter: string;
  /** "" for none. */
  readonly quote: string;
  /** The quote itself or `\`. */
  readonly escape: string;
  readonly skipSpaceBeforeQuote: boolean;
  /** 0: any number; then nothing is ragged, and an open quote is only seen at the end or by what follows it. */
  readonly expectedFields: number;
  /** The first record is names: any number of fields. */
  readonly hasHeader: boolean;
  readonly skipLines: number;
  /** Default 64 MiB. */
  readonly maxRecordBytes?: number | undefined;
}
