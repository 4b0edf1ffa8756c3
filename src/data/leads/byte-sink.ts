const ZERO = 48;

/** Bytes written one after the other into one growing buffer: what makes the generator fast. */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }

  /** Makes room for this many more bytes; the writers below do not check. */
  reserve(sizeBytes: number): void {
    const needed = this.length + sizeBytes;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  byte(code: number): void {
    this.bytes[this.length++] = code;
  }

  text(encoded: Uint8Array): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < encoded.length; i++) bytes[at++] = encoded[i] ?? 0;
    this.length = at;
  }

  /** A non-negative integer below 2³¹ with at least `width` digits. */
  digits(value: number, width = 1): void {
    const { bytes } = this;
    let count = 1;
    for (let limit = 10; value >= limit && count < 10; limit *= 10) count++;
    if (count < width) count = width;
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const tens = (rest / 10) | 0;
      bytes[at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.length += count;
  }

  /** An integer from 0 to 99 as two digits. */
  pair(value: number): void {
    const tens = (value / 10) | 0;
    this.bytes[this.length++] = ZERO + tens;
    this.bytes[this.length++] = ZERO + value - tens * 10;
  }

  /** A non-negative integer below 2³¹ with a separator between thousands. */
  grouped(value: number, separator: number): void {
    if (value < 1000) {
      this.digits(value);
      return;
    }
    const thousands = (value / 1000) | 0;
    this.grouped(thousands, separator);
    this.byte(separator);
    this.digits(value - thousands * 1000, 3);
  }

  /** Repeats bytes that this sink holds already. */
  repeat(from: number, to: number): void {
    this.bytes.copyWithin(this.length, from, to);
    this.length += to - from;
  }
}
