/** Bytes that are no message of the Kafka protocol: cut short, a length that can't be, a value out of range. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtocolError";
  }
}

/**
 * Reads the primitive types of the Kafka protocol (kafka.apache.org/protocol, "Protocol Primitive Types") from one
 * frame. Every length is checked against what is left, so hostile bytes end in {@link ProtocolError} and nothing
 * is allocated for a length that only claims to be there. Byte values are views of the frame, not copies.
 */
export class Reader {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;

  constructor(buffer: Buffer, at = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.#take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.#take(4));
  }

  /** As a number: exact up to 2^53, which no offset, timestamp or producer id of ours reaches. */
  int64(): number {
    const at = this.#take(8);
    return this.buffer.readInt32BE(at) * 4294967296 + this.buffer.readUInt32BE(at + 4);
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.#take(8));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** As 32 hexadecimal digits. */
  uuid(): string {
    const at = this.#take(16);
    return this.buffer.toString("hex", at, at + 16);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new ProtocolError("a varint of more than 32 bits");
  }

  /** Zigzag: −1 is 1, 1 is 2. */
  varint(): number {
    const value = this.unsignedVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag of up to 64 bits, as a number: exact up to 2^52. */
  varlong(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new ProtocolError("a varint of more than 64 bits");
  }

  /** A view of the next bytes. */
  take(length: number): Buffer {
    const at = this.#take(length);
    return this.buffer.subarray(at, at + length);
  }

  utf8(length: number): string {
    const at = this.#take(length);
    return this.buffer.toString("utf8", at, at + length);
  }

  #take(length: number): number {
    const at = this.at;
    if (length < 0 || length > this.end - at)
      throw new ProtocolError(`${length} bytes wanted, ${this.end - at} left`);
    this.at = at + length;
    return at;
  }
}
