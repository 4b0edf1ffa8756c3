import { Writer } from "./writer.ts";

/** Bytes of n rows without an object a row: row i is [starts[i], ends[i]) of `bytes`; a start of −1 is null. */
export interface ByteColumn {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface RecordsInput {
  readonly count: number;
  readonly values: ByteColumn;
  /** Absent: every key is null. */
  readonly keys?: ByteColumn | undefined;
  /** Milliseconds, a row each, or one for all. */
  readonly timestamps: Float64Array | number;
  /** The same headers on every record. */
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[] | undefined;
  /** Rows [from, to) of the columns only. */
  readonly from?: number;
  readonly to?: number;
}

/** The body of a batch, not compressed, with the timestamps that its header must say. */
export function encodeRecords(input: RecordsInput): {
  body: Buffer;
  recordCount: number;
  baseTimestamp: number;
  maxTimestamp: number;
} {
  const from = input.from ?? 0;
  const to = input.to ?? input.count;
  const timestampOf = (row: number): number =>
    typeof input.timestamps === "number" ? input.timestamps : (input.timestamps[row] ?? 0);
  const headers = encodeHeaders(input.headers ?? []);
  const baseTimestamp = to > from ? timestampOf(from) : -1;
  let maxTimestamp = baseTimestamp;
  let size = 0;
  for (let row = from; row < to; row++)
    size += rangeSize(input.keys, row) + rangeSize(input.values, row) + headers.length + 32;
  const out = new RecordWriter(size);
  for (let row = from; row < to; row++) {
    const timestamp = timestampOf(row);
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    out.record(timestamp - baseTimestamp, row - from, input.keys, input.values, row, headers);
  }
  return { body: out.finish(), recordCount: to - from, baseTimestamp, maxTimestamp };
}

function encodeHeaders(headers: readonly { key: string; value: Uint8Array | null }[]): Buffer {
  const to = new Writer(64);
  to.varint(headers.length);
  for (const { key, value } of headers) {
    const length = Buffer.byteLength(key);
    to.varint(length);
    to.utf8(key, length);
    to.varint(value === null ? -1 : value.length);
    if (value !== null) to.bytes(value);
  }
  return Buffer.concat(to.finish());
}

function rangeSize(column: ByteColumn | undefined, row: number): number {
  const start = column?.starts[row] ?? -1;
  return start < 0 ? 0 : (column?.ends[row] ?? 0) - start;
}

/** Writes records one after the other into one buffer of a size that is large enough. */
class RecordWriter {
  readonly #out: Buffer;
  #at = 0;

  constructor(sizeBytes: number) {
    this.#out = Buffer.allocUnsafe(sizeBytes);
  }

  record(
    timestampDelta: number,
    offsetDelta: number,
    keys: ByteColumn | undefined,
    values: ByteColumn,
    row: number,
    headers: Buffer,
  ): void {
    const timeZigzag = timestampDelta >= 0 ? timestampDelta * 2 : -timestampDelta * 2 - 1;
    const keySize = keys === undefined || (keys.starts[row] ?? -1) < 0 ? -1 : rangeSize(keys, row);
    const valueSize = (values.starts[row] ?? -1) < 0 ? -1 : rangeSize(values, row);
    const length =
      1 +
      varintSize(timeZigzag) +
      varintSize(offsetDelta * 2) +
      varintSize(zigzag(keySize)) +
      Math.max(keySize, 0) +
      varintSize(zigzag(valueSize)) +
      Math.max(valueSize, 0) +
      headers.length;
    this.#varint(length * 2);
    this.#out[this.#at++] = 0;
    this.#varint(timeZigzag);
    this.#varint(offsetDelta * 2);
    this.#range(keys, row, keySize);
    this.#range(values, row, valueSize);
    this.#out.set(headers, this.#at);
    this.#at += headers.length;
  }

  finish(): Buffer {
    return this.#out.subarray(0, this.#at);
  }

  #range(column: ByteColumn | undefined, row: number, size: number): void {
    this.#varint(zigzag(size));
    if (column === undefined || size <= 0) return;
    const start = column.starts[row] ?? 0;
    this.#out.set(column.bytes.subarray(start, start + size), this.#at);
    this.#at += size;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#out[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#out[this.#at++] = rest;
  }
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}
