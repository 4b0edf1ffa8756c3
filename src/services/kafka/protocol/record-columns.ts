import { decompress } from "./compression.ts";
import { ProtocolError, Reader } from "./reader.ts";
import { type BatchHeader, codecOf, HEADER_BYTES, isLogAppendTime, readBatchHeader } from "./record-batch.ts";

/**
 * The records of one batch as columns: n rows, no object a row. Keys and values are ranges of `bytes`; a start of
 * −1 is null.
 */
export interface RecordColumns {
  readonly count: number;
  readonly bytes: Buffer;
  readonly offsets: Float64Array;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array;
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  /** Where each record's headers begin in `bytes`: {@link readRecordHeaders}. */
  readonly headerStarts: Int32Array;
}

/**
 * Decodes a batch at [at, at + sizeBytes) of a buffer. Undefined when its codec can't be read by this Node (zstd
 * before 22.15). Bytes that are no records throw {@link ProtocolError} (or zlib's error).
 */
export function decodeRecords(buffer: Buffer, at = 0): RecordColumns | undefined {
  const header = readBatchHeader(buffer, at);
  const codec = codecOf(header);
  if (codec === undefined) throw new ProtocolError(`codec ${header.attributes & 7}`);
  const body = decompress(codec, buffer.subarray(at + HEADER_BYTES, at + header.sizeBytes));
  return body === undefined ? undefined : columnsOf(header, body);
}

function columnsOf(header: BatchHeader, body: Buffer): RecordColumns {
  const count = header.recordCount;
  // A record is at least seven bytes long: no claim makes us allocate more than the batch could hold.
  if (count < 0 || count > body.length / 7)
    throw new ProtocolError(`${count} records in ${body.length} bytes`);
  const columns = {
    count,
    bytes: body,
    offsets: new Float64Array(count),
    timestamps: new Float64Array(count),
    keyStarts: new Int32Array(count),
    keyEnds: new Int32Array(count),
    valueStarts: new Int32Array(count),
    valueEnds: new Int32Array(count),
    headerStarts: new Int32Array(count),
  };
  const appended = isLogAppendTime(header);
  const from = new Reader(body);
  for (let row = 0; row < count; row++) {
    const length = from.varint();
    const end = from.at + length;
    if (length < 0 || end > body.length) throw new ProtocolError(`a record of ${length} bytes`);
    from.int8();
    const timestampDelta = from.varlong();
    columns.timestamps[row] = appended ? header.maxTimestamp : header.baseTimestamp + timestampDelta;
    columns.offsets[row] = header.baseOffset + from.varint();
    takeRange(from, columns.keyStarts, columns.keyEnds, row);
    takeRange(from, columns.valueStarts, columns.valueEnds, row);
    columns.headerStarts[row] = from.at;
    if (from.at > end) throw new ProtocolError("a record longer than it says");
    from.at = end;
  }
  return columns;
}

function takeRange(from: Reader, starts: Int32Array, ends: Int32Array, row: number): void {
  const length = from.varint();
  if (length < 0) {
    starts[row] = -1;
    ends[row] = -1;
    return;
  }
  starts[row] = from.at;
  from.take(length);
  ends[row] = from.at;
}

/** The headers of one row, in order. */
export function readRecordHeaders(
  columns: RecordColumns,
  row: number,
): { key: string; value: Buffer | null }[] {
  const from = new Reader(columns.bytes, columns.headerStarts[row] ?? 0);
  const count = from.varint();
  if (count < 0 || count > from.left) throw new ProtocolError(`${count} record headers`);
  return Array.from({ length: count }, () => {
    const key = from.utf8(from.varint());
    const length = from.varint();
    return { key, value: length < 0 ? null : from.take(length) };
  });
}
