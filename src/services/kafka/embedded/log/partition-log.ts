import { mkdirSync, rmSync } from "node:fs";
import { type BatchHeader, placeBatch, readBatchHeader } from "../../protocol/record-batch.ts";
import type { LogSettings } from "./log-settings.ts";
import { type MarkerKind, makeMarker } from "./marker.ts";
import type { OpenFiles } from "./open-files.ts";
import { ProducerHistory } from "./producer-history.ts";
import type { AbortedTransaction, SequenceVerdict } from "./producers.ts";
import { Segment } from "./segment.ts";
import { listSegments } from "./segment-files.ts";
import { findByTime, findLatestTime, type TimedOffset } from "./time-lookup.ts";

/** Of one broker there is one leader, from the first record on. */
export const LEADER_EPOCH = 0;
const OFFSETS_A_SEGMENT = 2 ** 31;
/** Kafka's `producer.id.expiration.ms`. */
const PRODUCER_EXPIRES_MS = 24 * 3600 * 1000;

export interface LogRead {
  readonly segment: Segment;
  readonly position: number;
  readonly length: number;
  /** Every record in the range is below this offset. */
  readonly endOffset: number;
}

/**
 * The log of one partition: batches in segments, as they came, with the offsets that it gives them. What `append`
 * has returned survives a kill of the process; `flush` makes it survive a loss of power.
 */
export class PartitionLog {
  readonly folder: string;
  readonly #files: OpenFiles;
  #settings: LogSettings;
  readonly #segments: Segment[];
  readonly #history: ProducerHistory;
  readonly #listeners = new Set<(addedBytes: number) => void>();
  #startOffset: number;
  /** Bytes that a crash had torn, cut off when it was opened. */
  readonly cutBytes: number;

  private constructor(input: {
    readonly folder: string;
    readonly files: OpenFiles;
    readonly settings: LogSettings;
    readonly segments: Segment[];
    readonly history: ProducerHistory;
    readonly startOffset: number;
    readonly cutBytes: number;
  }) {
    this.folder = input.folder;
    this.#files = input.files;
    this.#settings = input.settings;
    this.#segments = input.segments;
    this.#history = input.history;
    this.#startOffset = input.startOffset;
    this.cutBytes = input.cutBytes;
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
    const opened = listSegments(folder).map((base) => Segment.open(folder, base, files));
    const segments = opened.map(({ segment }) => segment);
    for (const sealed of segments.slice(0, -1)) {
      sealed.save();
      sealed.forgetIndex();
    }
    if (segments.length === 0) segments.push(Segment.empty(folder, input.startOffset ?? 0, files));
    const startOffset = Math.max(segments[0]?.baseOffset ?? 0, input.startOffset ?? 0);
    const history = ProducerHistory.open(folder, segments);
    const cutBytes = opened.reduce((sum, one) => sum + one.cutBytes, 0);
    return new PartitionLog({ folder, files, settings, segments, history, startOffset, cutBytes });
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#active.endOffset;
  }

  /** Everything before it is decided: no open transaction has records there. */
  get lastStableOffset(): number {
    return this.#history.producers.firstOpenOffset() ?? this.endOffset;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
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

  /**
   * Where the bytes from an offset on lie: whole batches but perhaps the last, at most `maxBytes` (with
   * `isWholeFirst` the first batch is given whole even if it is larger), all below `upTo`. Undefined when there is nothing.
   * The offset must lie in [startOffset, endOffset].
   */
  locate(input: {
    readonly offset: number;
    readonly maxBytes: number;
    readonly isWholeFirst: boolean;
    readonly upTo: number;
  }): LogRead | undefined {
    if (input.offset >= input.upTo) return undefined;
    for (const segment of this.#segmentsFrom(input.offset)) {
      const first = segment.find(input.offset);
      if (first === undefined) continue;
      if (first.header.baseOffset >= input.upTo) return undefined;
      const end =
        input.upTo < segment.endOffset
          ? (segment.find(input.upTo)?.position ?? segment.sizeBytes)
          : segment.sizeBytes;
      const whole = end - first.position;
      let length = Math.min(whole, input.maxBytes);
      if (length < first.header.sizeBytes) {
        if (!input.isWholeFirst) return undefined;
        length = first.header.sizeBytes;
      }
      const endOffset = Math.min(input.upTo, segment.offsetBound(first.position + length));
      return { segment, position: first.position, length, endOffset };
    }
    return undefined;
  }

  abortedIn(from: number, to: number): AbortedTransaction[] {
    return this.#history.producers.abortedIn(from, to);
  }

  findByTime(timestamp: number): TimedOffset | undefined {
    return findByTime(this.#segments, timestamp, this.#startOffset);
  }

  findLatestTime(): TimedOffset | undefined {
    return findLatestTime(this.#segments, this.#startOffset);
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
    if (isOld(this.#active)) this.#roll();
    let size = this.sizeBytes;
    let removed = 0;
    for (let first = this.#segments[0]; first !== undefined && first !== this.#active; ) {
      if (!isOld(first) && (retentionBytes < 0 || size - first.sizeBytes < retentionBytes)) break;
      size -= first.sizeBytes;
      this.#dropFirst();
      removed++;
      first = this.#segments[0];
    }
    this.#history.producers.forget(this.#startOffset, nowMs - PRODUCER_EXPIRES_MS);
    return removed;
  }

  /** Hides the records before an offset and removes the segments that hold nothing else. */
  deleteBefore(offset: number): void {
    this.#startOffset = Math.max(this.#startOffset, Math.min(offset, this.endOffset));
    while ((this.#segments[1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= this.#startOffset)
      this.#dropFirst();
  }

  /** The file that holds what was appended last. */
  get activePath(): string {
    return this.#active.path;
  }

  /** Writes what makes the next start quick. */
  close(): void {
    this.#active.save();
    this.#history.save(this.endOffset);
    for (const { path } of this.#segments) this.#files.close(path);
  }

  /** Removes the log with its folder. */
  remove(): void {
    for (const { path } of this.#segments) this.#files.close(path);
    rmSync(this.folder, { recursive: true, force: true });
    for (const listener of [...this.#listeners]) listener(0);
  }

  get #active(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error("a log without a segment");
    return last;
  }

  #append(buffer: Buffer, at: number, header: BatchHeader, marker: MarkerKind | undefined): number {
    const offset = this.endOffset;
    const delta = header.lastOffset - header.baseOffset;
    const active = this.#active;
    const isFull = active.sizeBytes > 0 && active.sizeBytes + header.sizeBytes > this.#settings.segmentBytes;
    if (isFull || offset + delta - active.baseOffset >= OFFSETS_A_SEGMENT) this.#roll();
    placeBatch(buffer, at, offset, LEADER_EPOCH);
    const placed = { ...header, baseOffset: offset, lastOffset: offset + delta, leaderEpoch: LEADER_EPOCH };
    this.#active.append(buffer, at, placed);
    this.#history.producers.appended(placed, marker);
    // A marker may make much readable at once: a size of 0 says so.
    for (const listener of [...this.#listeners]) listener(marker === undefined ? header.sizeBytes : 0);
    return offset;
  }

  #roll(): void {
    const sealed = this.#active;
    sealed.save();
    sealed.forgetIndex();
    this.#history.save(sealed.endOffset);
    const next = Segment.empty(this.folder, sealed.endOffset, this.#files);
    // Its name is what tells the log's end when retention has removed all before it.
    this.#files.descriptorOf(next.path);
    this.#segments.push(next);
  }

  #dropFirst(): void {
    this.#segments.shift()?.remove();
    this.#startOffset = Math.max(this.#startOffset, this.#segments[0]?.baseOffset ?? 0);
  }

  /** The segments that may hold an offset or come after it. */
  *#segmentsFrom(offset: number): Generator<Segment> {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.endOffset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    for (let i = low; i < this.#segments.length; i++) {
      const segment = this.#segments[i];
      if (segment !== undefined) yield segment;
    }
  }
}
