import { type FileHandle, open } from "node:fs/promises";
import { diskError } from "../../core/atomic-file.ts";

/** Bytes gathered in memory between two writes to a file, which is made at the first of them. */
export class Output {
  readonly path: string;
  #file: FileHandle | undefined;
  #bytes = new Uint8Array(1 << 20);
  #length = 0;
  writtenBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    const to = this.#bytes;
    let at = this.#length;
    // A call costs more than a few bytes by hand.
    if (count < 24) for (let i = start; i < end; i++) to[at++] = bytes[i] ?? 0;
    else to.set(bytes.subarray(start, end), at);
    this.#length += count;
  }

  addByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  addText(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.add(bytes, 0, bytes.length);
  }

  /** Where the next byte will stand; with {@link cut}, to take back what was added since. */
  get length(): number {
    return this.#length;
  }

  cut(from: number): Uint8Array {
    const taken = this.#bytes.slice(from, this.#length);
    this.#length = from;
    return taken;
  }

  /** Writes what was gathered; a full disk is a UserError. */
  async flush(): Promise<void> {
    if (this.#length === 0 && this.#file !== undefined) return;
    await this.write(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Writes bytes at once, before what was gathered. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#file ??= await open(this.path, "w");
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
        at += bytesWritten;
      }
      this.writtenBytes += bytes.length;
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  async close(): Promise<void> {
    try {
      await this.#file?.close();
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
