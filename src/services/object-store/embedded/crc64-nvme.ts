/**
 * CRC-64/NVME (NVM Express base specification 2.0, "64b CRC"): reflected polynomial 0x9A6C9329AC4BC9B5, start and
 * final complement all ones. 64 bits are two 32-bit words here, since BigInt is a hundred times slower; eight bytes a
 * step with eight tables ("slicing by 8").
 */
export class Crc64Nvme {
  #low = -1;
  #high = -1;

  update(chunk: Uint8Array): void {
    tables ??= makeTables();
    const { lows, highs } = tables;
    let low = this.#low;
    let high = this.#high;
    let i = 0;
    for (const end = chunk.length - 7; i < end; i += 8) {
      const a = low ^ word(chunk, i);
      const b = high ^ word(chunk, i + 4);
      const i7 = 1792 + (a & 255);
      const i6 = 1536 + ((a >>> 8) & 255);
      const i5 = 1280 + ((a >>> 16) & 255);
      const i4 = 1024 + (a >>> 24);
      const i3 = 768 + (b & 255);
      const i2 = 512 + ((b >>> 8) & 255);
      const i1 = 256 + ((b >>> 16) & 255);
      const i0 = b >>> 24;
      low =
        at(lows, i7) ^
        at(lows, i6) ^
        at(lows, i5) ^
        at(lows, i4) ^
        at(lows, i3) ^
        at(lows, i2) ^
        at(lows, i1) ^
        at(lows, i0);
      high =
        at(highs, i7) ^
        at(highs, i6) ^
        at(highs, i5) ^
        at(highs, i4) ^
        at(highs, i3) ^
        at(highs, i2) ^
        at(highs, i1) ^
        at(highs, i0);
    }
    for (; i < chunk.length; i++) {
      const index = (low ^ (chunk[i] ?? 0)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ at(lows, index);
      high = (high >>> 8) ^ at(highs, index);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes;
  }
}

interface Tables {
  readonly lows: Int32Array;
  readonly highs: Int32Array;
}
let tables: Tables | undefined;

function makeTables(): Tables {
  const lows = new Int32Array(8 * 256);
  const highs = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        low ^= 0xac4bc9b5;
        high ^= 0x9a6c9329;
      }
    }
    lows[byte] = low;
    highs[byte] = high;
  }
  for (let i = 256; i < lows.length; i++) {
    const low = at(lows, i - 256);
    const high = at(highs, i - 256);
    lows[i] = ((low >>> 8) | (high << 24)) ^ at(lows, low & 255);
    highs[i] = (high >>> 8) ^ at(highs, low & 255);
  }
  return { lows, highs };
}

function at(table: Int32Array, index: number): number {
  return table[index] ?? 0;
}

function word(bytes: Uint8Array, i: number): number {
  return (
    (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
  );
}
