import { readSync } from "node:fs";
import { type BatchHeader, batchCrc, HEADER_BYTES, readBatchHeader } from "../../protocol/record-batch.ts";

/** A batch and where it begins in its file. */
export interface PlacedBatch {
  readonly position: number;
  readonly header: BatchHeader;
}

const WALK_BYTES = 16_384;
const SCAN_BYTES = 1024 * 1024;

/** The headers of the batches in [from, to) of a file, which begins at a batch; their records are not read. */
export function* walkBatches(descriptor: () => number, from: number, to: number): Generator<PlacedBatch> {
  const chunk = Buffer.allocUnsafe(WALK_BYTES);
  let start = from;
  let end = from;
  for (let at = from; at + HEADER_BYTES <= to; ) {
    if (at < start || at + HEADER_BYTES > end) {
      start = at;
      end = at + readSync(descriptor(), chunk, 0, Math.min(WALK_BYTES, to - at), at);
      if (at + HEADER_BYTES > end) return;
    }
    const header = readBatchHeader(chunk, at - start);
    yield { position: at, header };
    at += header.sizeBytes;
  }
}

/**
 * Reads a segment's file from its beginning, checks each batch (length, format, ascending offsets, CRC) and gives
 * the length of the part that is whole. What comes after it was torn by a crash.
 */
export function scanWhole(input: {
  readonly descriptor: () => number;
  readonly sizeBytes: number;
  readonly baseOffset: number;
  readonly onBatch: (batch: PlacedBatch) => void;
}): number {
  let chunk = Buffer.allocUnsafe(SCAN_BYTES);
  let start = 0;
  let length = 0;
  let at = 0;
  let nextOffset = input.baseOffset;
  const have = (bytes: number): boolean => {
    if (at + bytes <= start + length) return true;
    if (at + bytes > input.sizeBytes) return false;
    if (bytes > chunk.length) chunk = Buffer.allocUnsafe(bytes);
    start = at;
    length = readSync(input.descriptor(), chunk, 0, Math.min(chunk.length, input.sizeBytes - at), at);
    return bytes <= length;
  };
  while (have(HEADER_BYTES)) {
    const header = readBatchHeader(chunk, at - start);
    const isSane =
      header.magic === 2 &&
      header.sizeBytes >= HEADER_BYTES &&
      header.baseOffset >= nextOffset &&
      header.lastOffset >= header.baseOffset;
    if (!isSane || !have(header.sizeBytes)) break;
    if (batchCrc(chunk, at - start, header.sizeBytes) !== header.crc) break;
    input.onBatch({ position: at, header });
    nextOffset = header.lastOffset + 1;
    at += header.sizeBytes;
  }
  return at;
}
