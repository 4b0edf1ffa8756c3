import { isUtf8 } from "node:buffer";

/** Says chunk by chunk whether a stream is UTF-8, also where the end of a chunk cuts a character. */
export class Utf8Check {
  #rest: Uint8Array = new Uint8Array(0);

  isValid(chunk: Uint8Array): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - cutBytes(bytes);
    // A copy: the chunk's memory may be used again.
    this.#rest = Uint8Array.from(bytes.subarray(whole));
    return isUtf8(bytes.subarray(0, whole));
  }

  /** False when the stream ends inside a character. */
  end(): boolean {
    return this.#rest.length === 0;
  }
}

/** How many bytes at the end begin a character that is not whole. */
function cutBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}
