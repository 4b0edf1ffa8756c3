const SMALLEST_BYTES = 64 * 1024;

/**
 * Buffers that are used again: what is read for a consumer is sent and then of no use, and a new buffer each time
 * would cost more than the reading (measured: a third of the broker's time was the garbage collector's).
 */
export class BufferPool {
  readonly #keepBytes: number;
  /** Free buffers by size: powers of two. */
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /** Free buffers of more than `keepBytes` in all are let go. */
  constructor(keepBytes = 32 * 1024 * 1024) {
    this.#keepBytes = keepBytes;
  }

  /** A buffer of at least that size; its content is anything. */
  take(sizeBytes: number): Buffer {
    const size = 2 ** Math.ceil(Math.log2(Math.max(sizeBytes, SMALLEST_BYTES)));
    const found = this.#free.get(size)?.pop();
    if (found === undefined) return Buffer.allocUnsafeSlow(size);
    this.#keptBytes -= size;
    return found;
  }

  /** Gives a buffer of `take` back; nobody may use it any more. */
  give(buffer: Buffer): void {
    if (this.#keptBytes + buffer.length > this.#keepBytes) return;
    this.#keptBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }
}
