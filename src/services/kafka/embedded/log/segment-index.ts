import { readInt64, writeInt64 } from "../../protocol/writer.ts";

/** One entry for about this many bytes of log. */
export const INDEX_INTERVAL_BYTES = 8192;
const ENTRY_BYTES = 16;

/** Where a batch begins: its base offset relative to the segment's, and its position in the segment's file. */
export interface IndexEntry {
  readonly offsetDelta: number;
  readonly position: number;
}

/**
 * A sparse index of one segment, by offset and by time. Entry i says where a batch begins and the largest
 * timestamp of all batches before it; all three columns ascend.
 */
export class SegmentIndex {
  #entries: Buffer;
  #count: number;

  constructor(entries: Buffer = Buffer.alloc(0)) {
    this.#entries = entries;
    this.#count = entries.length / ENTRY_BYTES;
  }

  get count(): number {
    return this.#count;
  }

  add(entry: IndexEntry, maxTimestampBefore: number): void {
    const at = this.#count * ENTRY_BYTES;
    if (at === this.#entries.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#entries.length * 2, 4 * ENTRY_BYTES));
      this.#entries.copy(larger);
      this.#entries = larger;
    }
    this.#entries.writeUInt32BE(entry.offsetDelta, at);
    this.#entries.writeUInt32BE(entry.position, at + 4);
    writeInt64(this.#entries, maxTimestampBefore, at + 8);
    this.#count++;
  }

  /** The last entry at or before an offset; the segment's beginning without one. */
  atOrBefore(offsetDelta: number): IndexEntry {
    return this.#entry(this.#lastWhere((at) => this.#entries.readUInt32BE(at) <= offsetDelta));
  }

  /** The last entry before which every record is older than a time: who looks for one of that time or later begins there. */
  beforeTime(timestamp: number): IndexEntry {
    return this.#entry(this.#lastWhere((at) => readInt64(this.#entries, at + 8) < timestamp));
  }

  /** The first entry at or after a position of the file; undefined past the last one. */
  fromPosition(position: number): IndexEntry | undefined {
    const before = this.#lastWhere((at) => this.#entries.readUInt32BE(at + 4) < position);
    return before + 1 < this.#count ? this.#entry(before + 1) : undefined;
  }

  /** What stands in a file; the constructor takes it back. */
  toBuffer(): Buffer {
    return this.#entries.subarray(0, this.#count * ENTRY_BYTES);
  }

  #entry(index: number): IndexEntry {
    if (index < 0) return { offsetDelta: 0, position: 0 };
    const at = index * ENTRY_BYTES;
    return { offsetDelta: this.#entries.readUInt32BE(at), position: this.#entries.readUInt32BE(at + 4) };
  }

  /** The index of the last entry that satisfies a condition which holds for a prefix of them; −1 for none. */
  #lastWhere(holds: (at: number) => boolean): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle * ENTRY_BYTES)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
