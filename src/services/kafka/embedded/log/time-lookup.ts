import { isLogAppendTime } from "../../protocol/record-batch.ts";
import { decodeRecords } from "../../protocol/record-columns.ts";
import type { Segment } from "./segment.ts";
import type { PlacedBatch } from "./walk.ts";

export interface TimedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** The first record at or after an offset whose timestamp is at or after a time; undefined when there is none. */
export function findByTime(
  segments: readonly Segment[],
  timestamp: number,
  fromOffset: number,
): TimedOffset | undefined {
  for (const segment of segments) {
    if (segment.maxTimestamp < timestamp || segment.endOffset <= fromOffset) continue;
    for (const batch of segment.walk(segment.index().beforeTime(timestamp).position)) {
      if (batch.header.maxTimestamp < timestamp || batch.header.lastOffset < fromOffset) continue;
      const found = findInBatch(segment, batch, timestamp, fromOffset);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The record with the largest timestamp, the first of several; undefined for an empty log. */
export function findLatestTime(segments: readonly Segment[], fromOffset: number): TimedOffset | undefined {
  const largest = Math.max(...segments.map(({ maxTimestamp }) => maxTimestamp));
  return largest < 0 ? undefined : findByTime(segments, largest, fromOffset);
}

function findInBatch(
  segment: Segment,
  { position, header }: PlacedBatch,
  timestamp: number,
  fromOffset: number,
): TimedOffset | undefined {
  const first = Math.max(header.baseOffset, fromOffset);
  if (isLogAppendTime(header)) return { offset: first, timestamp: header.maxTimestamp };
  if (header.baseTimestamp >= timestamp && first === header.baseOffset)
    return { offset: first, timestamp: header.baseTimestamp };
  const batch = Buffer.allocUnsafe(header.sizeBytes);
  segment.readInto(batch, position, batch.length);
  const columns = readColumns(batch);
  // A codec that can't be read here: the batch's beginning is at most one batch too early.
  if (columns === undefined) return { offset: first, timestamp: header.baseTimestamp };
  for (let row = 0; row < columns.count; row++) {
    const offset = columns.offsets[row] ?? 0;
    const time = columns.timestamps[row] ?? 0;
    if (offset >= fromOffset && time >= timestamp) return { offset, timestamp: time };
  }
  return undefined;
}

/** A producer may have sent what only looks like records: then its batch is one unit, as with an unknown codec. */
function readColumns(batch: Buffer): ReturnType<typeof decodeRecords> {
  try {
    return decodeRecords(batch);
  } catch {
    return undefined;
  }
}
