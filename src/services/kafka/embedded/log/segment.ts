import { ftruncateSync, readSync, statSync, writeSync } from "node:fs";
import type { BatchHeader } from "../../protocol/record-batch.ts";
import type { OpenFiles } from "./open-files.ts";
import { logPath, readIndex, removeSegmentFiles, type SegmentState, writeIndex } from "./segment-files.ts";
import { INDEX_INTERVAL_BYTES, SegmentIndex } from "./segment-index.ts";
import { type PlacedBatch, scanWhole, walkBatches } from "./walk.ts";

/**
 * One file of whole batches in ascending order of offset, from `baseOffset` on. The last segment of a log is
 * appended to and has its index in memory; the index of a sealed one is read from its file when it is asked for.
 */
export class Segment {
  readonly baseOffset: number;
  readonly path: string;
  readonly #folder: string;
  readonly #files: OpenFiles;
  #state: Omit<SegmentState, "index">;
  /** Undefined while it is only in its file. */
  #index: SegmentIndex | undefined;
  #lastIndexed: number;
  #isSaved: boolean;

  private constructor(input: {
    readonly folder: string;
    readonly baseOffset: number;
    readonly files: OpenFiles;
    readonly state: SegmentState;
    readonly isSaved: boolean;
  }) {
    this.#folder = input.folder;
    this.baseOffset = input.baseOffset;
    this.path = logPath(input.folder, input.baseOffset);
    this.#files = input.files;
    const { index, ...state } = input.state;
    this.#state = state;
    this.#index = index;
    this.#lastIndexed = state.sizeBytes;
    this.#isSaved = input.isSaved;
  }

  /** A segment without a record. Its file is made by the first append. */
  static empty(folder: string, baseOffset: number, files: OpenFiles): Segment {
    const state = { sizeBytes: 0, endOffset: baseOffset, maxTimestamp: -1, index: new SegmentIndex() };
    return new Segment({ folder, baseOffset, files, state, isSaved: false });
  }

  /**
   * A segment as its files say. Where its index does not describe the log (a crash), the log is read through, every
   * batch checked and the torn end cut off.
   */
  static open(folder: string, baseOffset: number, files: OpenFiles): { segment: Segment; cutBytes: number } {
    const saved = readIndex(folder, baseOffset);
    if (saved !== undefined)
      return {
        segment: new Segment({ folder, baseOffset, files, state: saved, isSaved: true }),
        cutBytes: 0,
      };
    const segment = Segment.empty(folder, baseOffset, files);
    const { size } = statSync(segment.path);
    const whole = scanWhole({
      descriptor: () => files.descriptorOf(segment.path),
      sizeBytes: size,
      baseOffset,
      onBatch: ({ header }) => segment.#added(header),
    });
    if (whole < size) ftruncateSync(files.descriptorOf(segment.path), whole);
    return { segment, cutBytes: size - whole };
  }

  get sizeBytes(): number {
    return this.#state.sizeBytes;
  }

  get endOffset(): number {
    return this.#state.endOffset;
  }

  get maxTimestamp(): number {
    return this.#state.maxTimestamp;
  }

  /** Adds a batch at the end: bytes [at, at + sizeBytes) of a buffer. An error of the disk leaves the segment as it was. */
  append(buffer: Buffer, at: number, header: BatchHeader): void {
    const descriptor = this.#files.descriptorOf(this.path);
    let written = 0;
    try {
      while (written < header.sizeBytes)
        written += writeSync(
          descriptor,
          buffer,
          at + written,
          header.sizeBytes - written,
          this.#state.sizeBytes + written,
        );
    } catch (error) {
      if (written > 0) ftruncateSync(descriptor, this.#state.sizeBytes);
      throw error;
    }
    this.#added(header);
  }

  /** The batch that holds an offset, or the first one after it; undefined past the end. */
  find(offset: number): PlacedBatch | undefined {
    const { position } = this.index().atOrBefore(offset - this.baseOffset);
    for (const batch of this.walk(position)) if (batch.header.lastOffset >= offset) return batch;
    return undefined;
  }

  /** The batches from a position on, which must be a batch's beginning. */
  walk(position: number): Generator<PlacedBatch> {
    return walkBatches(() => this.#files.descriptorOf(this.path), position, this.#state.sizeBytes);
  }

  /** Fills a buffer from a position; gives the number of bytes. */
  readInto(buffer: Buffer, position: number, length: number): number {
    return readSync(this.#files.descriptorOf(this.path), buffer, 0, length, position);
  }

  /** The offset at or after what ends at a position: every record before the position is below it. */
  offsetBound(position: number): number {
    const entry = this.index().fromPosition(position);
    return entry === undefined ? this.#state.endOffset : this.baseOffset + entry.offsetDelta;
  }

  index(): SegmentIndex {
    this.#index ??= readIndex(this.#folder, this.baseOffset)?.index ?? this.#rebuiltIndex();
    return this.#index;
  }

  /** Writes the index, so that the next start need not read the log. */
  save(): void {
    if (this.#isSaved || this.#state.sizeBytes === 0) return;
    writeIndex(this.#folder, this.baseOffset, { ...this.#state, index: this.index() });
    this.#isSaved = true;
  }

  /** Lets the memory of its index go; it is in its file. */
  forgetIndex(): void {
    if (this.#isSaved) this.#index = undefined;
  }

  /** Closes the file and removes it and its index. */
  remove(): void {
    this.#files.close(this.path);
    removeSegmentFiles(this.#folder, this.baseOffset);
  }

  #added(header: BatchHeader): void {
    const { sizeBytes, maxTimestamp } = this.#state;
    if (sizeBytes - this.#lastIndexed >= INDEX_INTERVAL_BYTES) {
      this.index().add(
        { offsetDelta: header.baseOffset - this.baseOffset, position: sizeBytes },
        maxTimestamp,
      );
      this.#lastIndexed = sizeBytes;
    }
    this.#isSaved = false;
    this.#state = {
      sizeBytes: sizeBytes + header.sizeBytes,
      endOffset: header.lastOffset + 1,
      maxTimestamp: Math.max(maxTimestamp, header.maxTimestamp),
    };
  }

  /** For an index file that went away while the broker ran. */
  #rebuiltIndex(): SegmentIndex {
    const index = new SegmentIndex();
    let lastIndexed = 0;
    let maxTimestamp = -1;
    for (const { position, header } of this.walk(0)) {
      if (position - lastIndexed >= INDEX_INTERVAL_BYTES) {
        index.add({ offsetDelta: header.baseOffset - this.baseOffset, position }, maxTimestamp);
        lastIndexed = position;
      }
      maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp);
    }
    return index;
  }
}
