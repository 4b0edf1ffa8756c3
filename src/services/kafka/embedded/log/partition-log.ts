import { mkdirSync, rmSync } from "node:fs";
import { type BatchHeader, placeBatch, readBatchHeader } from "../../protocol/record-batch.ts";
import type { LogSettings } from "./log-settings.ts";
import { type MarkerKind, makeMarker } from "./marker.ts";
import type { OpenFiles } from "./open-files.ts";
import { ProducerHistory } from "./producer-history.ts";
import type { AbortedTransaction, SequenceVerdict } from "./producers.ts";
import type { Segment } from "./segment.ts";
import { type LogRead, SegmentList } from "./segment-list.ts";
import { findByTime, findLatestTime, type TimedOffset } from "./time-lookup.ts";

/** Of one broker there is one leader, from the first record on. */
export const LEADER_EPOCH = 0;
const OFFSETS_A_SEGMENT = 2 ** 31;
/** Kafka's `producer.id.expiration.ms`. */
const PRODUCER_EXPIRES_MS = 24 * 3600 * 1000;

/**
 * The log of one partition: batches in segments, as they came, with the offsets that it gives them. What `append`
 * has returned survives a kill of the process; `flush` makes it survive a loss of power.
 */
export class PartitionLog {
  readonly folder: string;
  #settings: LogSettings;
  readonly #segments: SegmentList;
  readonly #history: ProducerHistory;
  readonly #listeners = new Set<(addedBytes: number) => void>();
  #startOffset: number;

  private constructor(input: {
    readonly folder: string;
    readonly settings: LogSettings;
    readonly segments: SegmentList;
    readonly startOffset: number;
  }) {
    this.folder = input.folder;
    this.#settings = input.settings;
    this.#segments = input.segments;
    this.#history = ProducerHistory.open(input.folder, input.segments.all);
    this.#startOffset = input.startOffset;
  }

  /** Opens a folder, or makes it. `startOffset` is the first offset that readers may see, where records were deleted up to it. */
  static open(input: {
    readonly folder: string;
    readonly files: OpenFiles;
    readonly settings: LogSettings;
    readonly startOffset?: number;
  }): PartitionLog {
    const { folder, files, settings } = input;
    mkdirSync(folder, { recursive: true });
    const segments = new SegmentList(folder, files, input.startOffset ?? 0);
    const startOffset = Math.max(segments.startOffset, input.startOffset ?? 0);
    return new PartitionLog({ folder, settings, segments, startOffset });
  }

  /** Bytes that a crash had torn, cut off when it was opened. */
  get cutBytes(): number {
    return this.#segments.cutBytes;
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#segments.active.endOffset;
  }

  /** Everything before it is decided: no open transaction has records there. */
  get lastStableOffset(): number {
    return this.#history.producers.firstOpenOffset() ?? this.endOffset;
  }

  get sizeBytes(): number {
    return this.#segments.sizeBytes;
  }

  set settings(settings: LogSettings) {
    this.#settings = settings;
  }

  /** What an idempotent producer's batch is: the next one, a repeated one, one after a gap, or of a fenced producer. */
  judge(header: BatchHeader): SequenceVerdict {
    return this.#history.producers.judge(header);
  }

  hasOpenTransaction(producerId: number): boolean {
    return this.#history.producers.isOpen(producerId);
  }

  producerEpoch(producerId: number): number | undefined {
    return this.#history.producers.epochOf(producerId);
  }

  /** Appends one checked batch: bytes of a buffer, in which the offset is set. Gives the first record's offset. */
  append(buffer: Buffer, at: number, header: BatchHeader): number {
    return this.#append(buffer, at, header, undefined);
  }

  /** Ends a producer's transaction here. */
  appendMarker(input: {
    readonly kind: MarkerKind;
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly coordinatorEpoch: number;
    readonly timestamp: number;
  }): void {
    const batch = makeMarker(input);
    this.#append(batch, 0, readBatchHeader(batch), input.kind);
  }

  /** Where the bytes from an offset in [startOffset, endOffset] on lie: {@link SegmentList.locate}. */
  locate(wanted: Parameters<SegmentList["locate"]>[0]): LogRead | undefined {
    return this.#segments.locate(wanted);
  }

  abortedIn(from: number, to: number): AbortedTransaction[] {
    return this.#history.producers.abortedIn(from, to);
  }

  findByTime(timestamp: number): TimedOffset | undefined {
    return findByTime(this.#segments.all, timestamp, this.#startOffset);
  }

  findLatestTime(): TimedOffset | undefined {
    return findLatestTime(this.#segments.all, this.#startOffset);
  }

  /** Calls back with the number of bytes after each append, and with 0 when a transaction ends, until the returned function is called. */
  onAppend(listener: (addedBytes: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Removes what the settings no longer keep; gives the number of segments removed. */
  applyRetention(nowMs: number): number {
    const { retentionBytes, retentionMs } = this.#settings;
    const isOld = ({ maxTimestamp }: Segment): boolean =>
      retentionMs >= 0 && maxTimestamp >= 0 && maxTimestamp < nowMs - retentionMs;
    if (isOld(this.#segments.active)) this.#roll();
    let size = this.sizeBytes;
    let removed = 0;
    for (let [first] = this.#segments.all; first !== undefined && first !== this.#segments.active; ) {
      if (!isOld(first) && (retentionBytes < 0 || size - first.sizeBytes < retentionBytes)) break;
      size -= first.sizeBytes;
      this.#dropFirst();
      removed++;
      [first] = this.#segments.all;
    }
    this.#history.producers.forget(this.#startOffset, nowMs - PRODUCER_EXPIRES_MS);
    return removed;
  }

  /** Hides the records before an offset and removes the segments that hold nothing else. */
  deleteBefore(offset: number): void {
    this.#startOffset = Math.max(this.#startOffset, Math.min(offset, this.endOffset));
    while ((this.#segments.all[1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= this.#startOffset)
      this.#dropFirst();
  }

  /** The file that holds what was appended last. */
  get activePath(): string {
    return this.#segments.active.path;
  }

  /** Writes what makes the next start quick. */
  close(): void {
    this.#segments.active.save();
    this.#history.save(this.endOffset);
    this.#segments.closeFiles();
  }

  /** Removes the log with its folder. */
  remove(): void {
    this.#segments.closeFiles();
    rmSync(this.folder, { recursive: true, force: true });
    for (const listener of [...this.#listeners]) listener(0);
  }

  #append(buffer: Buffer, at: number, header: BatchHeader, marker: MarkerKind | undefined): number {
    const offset = this.endOffset;
    const delta = header.lastOffset - header.baseOffset;
    const { active } = this.#segments;
    const isFull = active.sizeBytes > 0 && active.sizeBytes + header.sizeBytes > this.#settings.segmentBytes;
    if (isFull || offset + delta - active.baseOffset >= OFFSETS_A_SEGMENT) this.#roll();
    placeBatch(buffer, at, offset, LEADER_EPOCH);
    const placed = { ...header, baseOffset: offset, lastOffset: offset + delta, leaderEpoch: LEADER_EPOCH };
    this.#segments.active.append(buffer, at, placed);
    this.#history.producers.appended(placed, marker);
    // A marker may make much readable at once: a size of 0 says so.
    for (const listener of [...this.#listeners]) listener(marker === undefined ? header.sizeBytes : 0);
    return offset;
  }

  #roll(): void {
    this.#history.save(this.endOffset);
    this.#segments.roll();
  }

  #dropFirst(): void {
    this.#segments.dropFirst();
    this.#startOffset = Math.max(this.#startOffset, this.#segments.startOffset);
  }
}
