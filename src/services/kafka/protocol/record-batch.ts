import { crc32c } from "./crc32c.ts";
import { readInt64, writeInt64 } from "./writer.ts";

// The record batch of format 2 (kafka.apache.org/documentation/#recordbatch). Positions of its header's fields:
//   0 baseOffset      8 batchLength (of what follows it)   12 partitionLeaderEpoch   16 magic   17 crc
//  21 attributes     23 lastOffsetDelta   27 baseTimestamp   35 maxTimestamp   43 producerId   51 producerEpoch
//  53 baseSequence   57 recordCount       61 records, compressed as one piece
// The CRC covers what comes after it, so that a broker sets base offset and leader epoch without computing it anew.

/** Bytes of a batch's header. */
export const HEADER_BYTES = 61;
/** Bytes in front of what `batchLength` counts. */
export const LENGTH_PREFIX_BYTES = 12;
const CRC_FROM = 21;

export type Codec = "none" | "gzip" | "snappy" | "lz4" | "zstd";
const CODECS: readonly Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];

const TIMESTAMP_TYPE_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

/** What a batch's header says; `sizeBytes` is the whole batch, header and all. */
export interface BatchHeader {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** −1 without an idempotent producer. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** The header at a position, of which at least {@link HEADER_BYTES} must be there. Nothing is checked. */
export function readBatchHeader(buffer: Buffer, at = 0): BatchHeader {
  const baseOffset = readInt64(buffer, at);
  return {
    baseOffset,
    sizeBytes: buffer.readInt32BE(at + 8) + LENGTH_PREFIX_BYTES,
    leaderEpoch: buffer.readInt32BE(at + 12),
    magic: buffer.readInt8(at + 16),
    crc: buffer.readUInt32BE(at + 17),
    attributes: buffer.readInt16BE(at + 21),
    lastOffset: baseOffset + buffer.readInt32BE(at + 23),
    baseTimestamp: readInt64(buffer, at + 27),
    maxTimestamp: readInt64(buffer, at + 35),
    producerId: readInt64(buffer, at + 43),
    producerEpoch: buffer.readInt16BE(at + 51),
    baseSequence: buffer.readInt32BE(at + 53),
    recordCount: buffer.readInt32BE(at + 57),
  };
}

/** Undefined for a codec that the format does not know. */
export function codecOf(header: Pick<BatchHeader, "attributes">): Codec | undefined {
  return CODECS[header.attributes & 7];
}

export function isTransactional(header: Pick<BatchHeader, "attributes">): boolean {
  return (header.attributes & TRANSACTIONAL_BIT) !== 0;
}

/** Control batches hold the marker that ends a transaction; no consumer shows them. */
export function isControl(header: Pick<BatchHeader, "attributes">): boolean {
  return (header.attributes & CONTROL_BIT) !== 0;
}

/** Whether the timestamps are the broker's (the time of appending: then all are `maxTimestamp`). */
export function isLogAppendTime(header: Pick<BatchHeader, "attributes">): boolean {
  return (header.attributes & TIMESTAMP_TYPE_BIT) !== 0;
}

/** The CRC over the batch at [at, at + sizeBytes). */
export function batchCrc(buffer: Buffer, at: number, sizeBytes: number): number {
  return crc32c(buffer, at + CRC_FROM, at + sizeBytes);
}

/** Sets what a broker decides; the CRC stays right. */
export function placeBatch(buffer: Buffer, at: number, baseOffset: number, leaderEpoch: number): void {
  writeInt64(buffer, baseOffset, at);
  buffer.writeInt32BE(leaderEpoch, at + 12);
}

/** Marks the batch as stamped by the broker at this time, and computes its CRC anew. */
export function stampAppendTime(buffer: Buffer, at: number, sizeBytes: number, timeMs: number): void {
  buffer.writeInt16BE(buffer.readInt16BE(at + 21) | TIMESTAMP_TYPE_BIT, at + 21);
  writeInt64(buffer, timeMs, at + 35);
  buffer.writeUInt32BE(batchCrc(buffer, at, sizeBytes), at + 17);
}

export interface BatchInput {
  readonly baseOffset?: number;
  readonly codec?: Codec;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly recordCount: number;
  /** The records, already compressed by `codec`. */
  readonly body: Uint8Array;
}

/** One whole batch around encoded records. */
export function makeBatch(input: BatchInput): Buffer {
  const batch = Buffer.allocUnsafe(HEADER_BYTES + input.body.length);
  writeInt64(batch, input.baseOffset ?? 0, 0);
  batch.writeInt32BE(batch.length - LENGTH_PREFIX_BYTES, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  const attributes =
    CODECS.indexOf(input.codec ?? "none") |
    (input.isTransactional === true ? TRANSACTIONAL_BIT : 0) |
    (input.isControl === true ? CONTROL_BIT : 0);
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(input.recordCount - 1, 23);
  writeInt64(batch, input.baseTimestamp, 27);
  writeInt64(batch, input.maxTimestamp, 35);
  writeInt64(batch, input.producerId ?? -1, 43);
  batch.writeInt16BE(input.producerEpoch ?? -1, 51);
  batch.writeInt32BE(input.baseSequence ?? -1, 53);
  batch.writeInt32BE(input.recordCount, 57);
  batch.set(input.body, HEADER_BYTES);
  batch.writeUInt32BE(batchCrc(batch, 0, batch.length), 17);
  return batch;
}
