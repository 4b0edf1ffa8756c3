import { ProtocolError } from "./reader.ts";

const SIZE_BYTES = 4;
/** A correlation id: no frame is shorter. */
const MIN_FRAME_BYTES = 4;
/** Larger frames are seldom, and not kept. */
const MAX_SCRATCH_BYTES = 1024 * 1024 + 65_536;

/**
 * Cuts a stream of bytes into frames (a size of four bytes, then so many). A frame that lies in one chunk is a view
 * of it; others are put together once. A size that is negative, tiny or above the limit throws {@link ProtocolError}.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #isReusing: boolean;
  #scratch = Buffer.alloc(0);
  readonly #chunks: Buffer[] = [];
  /** Position in the first chunk. */
  #at = 0;
  #bufferedBytes = 0;

  /** With `isReusing` a frame is good until the next one is asked for: its bytes are then used again. */
  constructor(maxBytes: number, options: { readonly isReusing?: boolean } = {}) {
    this.#maxBytes = maxBytes;
    this.#isReusing = options.isReusing === true;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /** The next whole frame, without its size; undefined until more comes. */
  next(): Buffer | undefined {
    if (this.#bufferedBytes < SIZE_BYTES) return undefined;
    const size = this.#peekSize();
    if (size < MIN_FRAME_BYTES || size > this.#maxBytes) throw new ProtocolError(`a frame of ${size} bytes`);
    if (this.#bufferedBytes < SIZE_BYTES + size) return undefined;
    return this.#take(SIZE_BYTES + size).subarray(SIZE_BYTES);
  }

  #peekSize(): number {
    const [first] = this.#chunks;
    if (first !== undefined && first.length - this.#at >= SIZE_BYTES) return first.readInt32BE(this.#at);
    // The size itself lies in two chunks or more.
    const start = Buffer.concat(this.#chunks.slice(0, SIZE_BYTES + 1));
    return start.readInt32BE(this.#at);
  }

  #take(length: number): Buffer {
    const [first] = this.#chunks;
    this.#bufferedBytes -= length;
    if (first !== undefined && first.length - this.#at >= length) {
      const frame = first.subarray(this.#at, this.#at + length);
      this.#at += length;
      if (this.#at === first.length) {
        this.#chunks.shift();
        this.#at = 0;
      }
      return frame;
    }
    const frame = this.#room(length);
    let filled = 0;
    let used = 0;
    for (const chunk of this.#chunks) {
      const end = Math.min(chunk.length, this.#at + length - filled);
      filled += chunk.copy(frame, filled, this.#at, end);
      if (end < chunk.length) {
        this.#at = end;
        break;
      }
      used++;
      this.#at = 0;
      if (filled === length) break;
    }
    this.#chunks.splice(0, used);
    return frame;
  }

  #room(length: number): Buffer {
    if (!this.#isReusing || length > MAX_SCRATCH_BYTES) return Buffer.allocUnsafe(length);
    if (this.#scratch.length < length)
      this.#scratch = Buffer.allocUnsafeSlow(Math.min(2 ** Math.ceil(Math.log2(length)), MAX_SCRATCH_BYTES));
    return this.#scratch.subarray(0, length);
  }
}
