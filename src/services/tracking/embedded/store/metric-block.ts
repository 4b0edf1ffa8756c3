import { crc32 } from "node:zlib";

/**
 * What one request logs, as it lies in a run's metric file: length, CRC-32, the keys that the file has not had yet,
 * and a record of 28 bytes a point. A block is read whole or not at all, so a kill in the middle leaves none of it.
 *
 *   u32 body bytes · u32 crc32 of body · body: u16 new keys · each: u16 bytes, UTF-8 · u32 points · each: u32 key,
 *   f64 value, f64 timestamp, f64 step (all little-endian; a NaN is a NaN)
 */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

export const HEADER_BYTES = 8;
const POINT_BYTES = 28;
/** More than any request can log; a length above it is not a block's. */
const MAX_BODY_BYTES = 64 << 20;

/** Encodes points; `keyIds` knows the file's keys and learns the new ones. */
export function encodeBlock(points: readonly MetricPoint[], keyIds: Map<string, number>): Buffer {
  const newKeys: Buffer[] = [];
  const ids = points.map(({ key }) => {
    const known = keyIds.get(key);
    if (known !== undefined) return known;
    const id = keyIds.size;
    keyIds.set(key, id);
    newKeys.push(Buffer.from(key, "utf8"));
    return id;
  });
  const keyBytes = newKeys.reduce((sum, key) => sum + 2 + key.length, 0);
  const bodyBytes = 2 + keyBytes + 4 + POINT_BYTES * points.length;
  const block = Buffer.alloc(HEADER_BYTES + bodyBytes);
  let at = block.writeUInt16LE(newKeys.length, HEADER_BYTES);
  for (const key of newKeys) {
    at = block.writeUInt16LE(key.length, at);
    at += key.copy(block, at);
  }
  at = block.writeUInt32LE(points.length, at);
  points.forEach((point, index) => {
    at = block.writeUInt32LE(ids[index] ?? 0, at);
    at = block.writeDoubleLE(point.value, at);
    at = block.writeDoubleLE(point.timestamp, at);
    at = block.writeDoubleLE(point.step, at);
  });
  block.writeUInt32LE(bodyBytes, 0);
  block.writeUInt32LE(crc32(block.subarray(HEADER_BYTES)), 4);
  return block;
}

/**
 * What a reader of blocks is told, as places in the block's bytes: of a run with a thousand metrics, a search for one
 * need not decode the others.
 */
export interface BlockVisitor {
  /** A key's first use: its name is `bytes.toString("utf8", start, end)`; keys are numbered from 0. */
  onKey(bytes: Buffer, start: number, end: number): void;
  /** A point of the key with this number; {@link pointAt} reads it. */
  onPoint(key: number, bytes: Buffer, at: number): void;
}

/** The numbers of a point. */
export function pointAt(bytes: Buffer, at: number): Omit<MetricPoint, "key"> {
  return {
    value: bytes.readDoubleLE(at + 4),
    timestamp: bytes.readDoubleLE(at + 12),
    step: bytes.readDoubleLE(at + 20),
  };
}

/** Bytes of the block that begins at `at`; undefined when more bytes are needed to say, NaN when it is none. */
export function blockBytes(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < HEADER_BYTES) return undefined;
  const body = bytes.readUInt32LE(at);
  return body < 6 || body > MAX_BODY_BYTES ? Number.NaN : HEADER_BYTES + body;
}

/** Reads one whole block; false when it is torn or damaged, and then nothing was visited. */
export function visitBlock(block: Buffer, visitor: BlockVisitor): boolean {
  const body = block.subarray(HEADER_BYTES);
  if (crc32(body) !== block.readUInt32LE(4)) return false;
  let at = 2;
  for (let left = body.readUInt16LE(0); left > 0; left--) {
    const length = body.readUInt16LE(at);
    visitor.onKey(body, at + 2, at + 2 + length);
    at += 2 + length;
  }
  const points = body.readUInt32LE(at);
  at += 4;
  for (let index = 0; index < points; index++, at += POINT_BYTES) {
    visitor.onPoint(body.readUInt32LE(at), body, at);
  }
  return true;
}
