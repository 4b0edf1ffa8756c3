import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "../../protocol/crc32c.ts";
import { readInt64, writeInt64 } from "../../protocol/writer.ts";
import { SegmentIndex } from "./segment-index.ts";

// One segment is `<base offset>.log`, named as Kafka names it, and beside it `<base offset>.index`: a header that says
// which state of the log it describes, then the entries. An index that does not fit its log is made anew from it.

const LOG = /^(\d{20})\.log$/;
const HEADER_BYTES = 36;
const FORMAT = 1;

export function logPath(folder: string, baseOffset: number): string {
  return join(folder, `${String(baseOffset).padStart(20, "0")}.log`);
}

function indexPath(folder: string, baseOffset: number): string {
  return join(folder, `${String(baseOffset).padStart(20, "0")}.index`);
}

/** The base offsets of a folder's segments, ascending. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .map((name) => LOG.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** What is known of a segment besides its bytes. */
export interface SegmentState {
  readonly sizeBytes: number;
  /** The offset after its last record. */
  readonly endOffset: number;
  /** −1 when it is empty. */
  readonly maxTimestamp: number;
  readonly index: SegmentIndex;
}

/** Written beside and renamed: a kill leaves the old index or the new one. */
export function writeIndex(folder: string, baseOffset: number, state: SegmentState): void {
  const entries = state.index.toBuffer();
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32BE(FORMAT, 0);
  writeInt64(header, state.sizeBytes, 4);
  writeInt64(header, state.endOffset, 12);
  writeInt64(header, state.maxTimestamp, 20);
  header.writeUInt32BE(crc32c(entries), 28);
  header.writeUInt32BE(crc32c(header, 0, 32), 32);
  const path = indexPath(folder, baseOffset);
  writeFileSync(`${path}.tmp`, Buffer.concat([header, entries]));
  renameSync(`${path}.tmp`, path);
}

/** The state that the index file holds, when it is whole and describes the log as it is; else undefined. */
export function readIndex(folder: string, baseOffset: number): SegmentState | undefined {
  const path = indexPath(folder, baseOffset);
  if (!existsSync(path)) return undefined;
  const file = readFileSync(path);
  if (file.length < HEADER_BYTES || file.readInt32BE(0) !== FORMAT) return undefined;
  if (crc32c(file, 0, 32) !== file.readUInt32BE(32)) return undefined;
  const entries = file.subarray(HEADER_BYTES);
  if (crc32c(entries) !== file.readUInt32BE(28)) return undefined;
  const sizeBytes = readInt64(file, 4);
  if (statSync(logPath(folder, baseOffset)).size !== sizeBytes) return undefined;
  return {
    sizeBytes,
    endOffset: readInt64(file, 12),
    maxTimestamp: readInt64(file, 20),
    index: new SegmentIndex(entries),
  };
}

export function removeSegmentFiles(folder: string, baseOffset: number): void {
  rmSync(indexPath(folder, baseOffset), { force: true });
  rmSync(logPath(folder, baseOffset), { force: true });
}
