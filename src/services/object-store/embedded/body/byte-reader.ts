import { S3Error } from "../s3-error.ts";

/** Reads lines and runs of bytes from what comes in pieces; bytes are handed on, not copied. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** Up to the next `\n`, without it and a `\r` before it; throws IncompleteBody at the end of the source. */
  async line(maxBytes: number): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#pending.indexOf(0x0a, from);
      if (end >= 0) {
        const line = this.#pending.toString("latin1", 0, end);
        this.#pending = this.#pending.subarray(end + 1);
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      if (this.#pending.length > maxBytes)
        throw new S3Error("InvalidRequest", { message: "A line is too long." });
      from = this.#pending.length;
      const more = await this.#next();
      if (more === undefined) throw new S3Error("IncompleteBody");
      this.#pending = from === 0 ? more : Buffer.concat([this.#pending, more]);
    }
  }

  /** Exactly so many bytes, in pieces; throws IncompleteBody when the source ends before. */
  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#pending.length === 0) {
        const more = await this.#next();
        if (more === undefined) throw new S3Error("IncompleteBody");
        this.#pending = more;
      }
      const piece = this.#pending.subarray(0, left);
      this.#pending = this.#pending.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#pending.length === 0) {
      const more = await this.#next();
      if (more === undefined) return true;
      this.#pending = more;
    }
    return false;
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#isOver) return undefined;
    const { value, done } = await this.#source.next();
    if (done !== true) return value;
    this.#isOver = true;
    return undefined;
  }
}
