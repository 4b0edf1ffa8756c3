import type { OpenFiles } from "./open-files.ts";
import { Segment } from "./segment.ts";
import { listSegments } from "./segment-files.ts";

/** Bytes of one segment's file, all of batches from one on. */
export interface LogRead {
  readonly segment: Segment;
  readonly position: number;
  readonly length: number;
  /** Every record in the range is below this offset. */
  readonly endOffset: number;
}

/** The segments of one log in order: all sealed but the last, which is appended to. */
export class SegmentList {
  readonly #folder: string;
  readonly #files: OpenFiles;
  readonly #segments: Segment[];
  /** Bytes that a crash had torn, cut off when they were opened. */
  readonly cutBytes: number;

  /** Opens the segments of a folder; without any, a first one at `startOffset`. */
  constructor(folder: string, files: OpenFiles, startOffset: number) {
    this.#folder = folder;
    this.#files = files;
    const opened = listSegments(folder).map((base) => Segment.open(folder, base, files));
    this.#segments = opened.map(({ segment }) => segment);
    this.cutBytes = opened.reduce((sum, one) => sum + one.cutBytes, 0);
    for (const sealed of this.#segments.slice(0, -1)) seal(sealed);
    if (opened.length === 0) this.#segments.push(Segment.empty(folder, startOffset, files));
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get active(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new Error("a log without a segment");
    return last;
  }

  get startOffset(): number {
    return this.#segments[0]?.baseOffset ?? 0;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Seals the last segment and begins one after it. */
  roll(): void {
    const sealed = this.active;
    seal(sealed);
    const next = Segment.empty(this.#folder, sealed.endOffset, this.#files);
    // Its name is what tells the log's end when retention has removed all before it.
    this.#files.descriptorOf(next.path);
    this.#segments.push(next);
  }

  /** Removes the first segment with its files. */
  dropFirst(): void {
    this.#segments.shift()?.remove();
  }

  closeFiles(): void {
    for (const { path } of this.#segments) this.#files.close(path);
  }

  /**
   * Where the bytes from an offset on lie: whole batches but perhaps the last, at most `maxBytes` (with
   * `isWholeFirst` the first batch is given whole even if it is larger), all below `upTo`. Undefined when there is
   * nothing.
   */
  locate(input: {
    readonly offset: number;
    readonly maxBytes: number;
    readonly isWholeFirst: boolean;
    readonly upTo: number;
  }): LogRead | undefined {
    if (input.offset >= input.upTo) return undefined;
    for (const segment of this.#from(input.offset)) {
      const first = segment.find(input.offset);
      if (first === undefined) continue;
      if (first.header.baseOffset >= input.upTo) return undefined;
      const end =
        input.upTo < segment.endOffset
          ? (segment.find(input.upTo)?.position ?? segment.sizeBytes)
          : segment.sizeBytes;
      let length = Math.min(end - first.position, input.maxBytes);
      if (length < first.header.sizeBytes) {
        if (!input.isWholeFirst) return undefined;
        length = first.header.sizeBytes;
      }
      const endOffset = Math.min(input.upTo, segment.offsetBound(first.position + length));
      return { segment, position: first.position, length, endOffset };
    }
    return undefined;
  }

  /** The segments that may hold an offset or come after it. */
  *#from(offset: number): Generator<Segment> {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.endOffset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    yield* this.#segments.slice(low);
  }
}

function seal(segment: Segment): void {
  segment.save();
  segment.forgetIndex();
}
