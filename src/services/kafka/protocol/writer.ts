/** From this size on, bytes are sent from where they lie instead of being copied. */
const BY_REFERENCE_BYTES = 1024;

/**
 * Writes the primitive types of the Kafka protocol. Large byte values are kept by reference: `finish` gives the
 * pieces for one gathered write, in order.
 */
export class Writer {
  #buffer: Buffer;
  #start = 0;
  #at = 0;
  #size = 0;
  readonly #pieces: Buffer[] = [];

  constructor(sizeBytes = 512) {
    this.#buffer = Buffer.allocUnsafe(sizeBytes);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size + this.#at - this.#start;
  }

  int8(value: number): void {
    this.#at = this.#room(1).writeInt8(value, this.#at);
  }

  int16(value: number): void {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
  }

  uint16(value: number): void {
    this.#at = this.#room(2).writeUInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
  }

  uint32(value: number): void {
    this.#at = this.#room(4).writeUInt32BE(value, this.#at);
  }

  /** From a whole number; what does not fit in 64 bits becomes the largest or smallest that does. */
  int64(value: number): void {
    const buffer = this.#room(8);
    writeInt64(buffer, value, this.#at);
    this.#at += 8;
  }

  float64(value: number): void {
    this.#at = this.#room(8).writeDoubleBE(value, this.#at);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  uuid(hex: string): void {
    if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError(`no uuid of 32 hexadecimal digits: ${hex}`);
    this.#room(16).write(hex, this.#at, "hex");
    this.#at += 16;
  }

  unsignedVarint(value: number): void {
    const buffer = this.#room(5);
    let rest = value;
    while (rest > 0x7f) {
      buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    buffer[this.#at++] = rest;
  }

  varint(value: number): void {
    this.unsignedVarint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  varlong(value: number): void {
    // Zigzag by arithmetic: the bits of a double end at 53.
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    const buffer = this.#room(10);
    while (rest > 0x7f) {
      buffer[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    buffer[this.#at++] = rest;
  }

  utf8(text: string, byteLength: number): void {
    this.#room(byteLength).write(text, this.#at, "utf8");
    this.#at += byteLength;
  }

  bytes(value: Uint8Array): void {
    if (value.length >= BY_REFERENCE_BYTES) {
      this.#cut();
      this.#pieces.push(Buffer.from(value.buffer, value.byteOffset, value.length));
      this.#size += value.length;
      return;
    }
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
  }

  /** The pieces in order. The writer is spent. */
  finish(): Buffer[] {
    this.#cut();
    return this.#pieces;
  }

  #cut(): void {
    if (this.#at === this.#start) return;
    this.#pieces.push(this.#buffer.subarray(this.#start, this.#at));
    this.#size += this.#at - this.#start;
    this.#start = this.#at;
  }

  #room(length: number): Buffer {
    if (this.#at + length > this.#buffer.length) {
      this.#cut();
      this.#buffer = Buffer.allocUnsafe(Math.max(length, Math.min(this.#buffer.length * 2, 65_536)));
      this.#start = 0;
      this.#at = 0;
    }
    return this.#buffer;
  }
}

/** Big-endian, at a position; saturates. */
export function writeInt64(buffer: Buffer, value: number, at: number): void {
  if (value >= 2 ** 63) {
    buffer.writeInt32BE(0x7fffffff, at);
    buffer.writeUInt32BE(0xffffffff, at + 4);
    return;
  }
  const high = Math.max(Math.floor(value / 4294967296), -2147483648);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE((value - high * 4294967296) >>> 0, at + 4);
}

/** Big-endian, from a position; exact up to 2^53. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 4294967296 + buffer.readUInt32BE(at + 4);
}
