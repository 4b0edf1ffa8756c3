/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4): reflected polynomial 0x82F63B78, eight bytes a step with
 * eight tables ("slicing by 8", Kounavis and Berry 2005).
 */
export class Crc32c {
  #value = -1;

  update(chunk: Uint8Array): void {
    tables ??= makeTables();
    const t = tables;
    let crc = this.#value;
    let i = 0;
    for (const end = chunk.length - 7; i < end; i += 8) {
      const low = crc ^ word(chunk, i);
      const high = word(chunk, i + 4);
      crc =
        at(t, 7, low & 255) ^
        at(t, 6, (low >>> 8) & 255) ^
        at(t, 5, (low >>> 16) & 255) ^
        at(t, 4, low >>> 24) ^
        at(t, 3, high & 255) ^
        at(t, 2, (high >>> 8) & 255) ^
        at(t, 1, (high >>> 16) & 255) ^
        at(t, 0, high >>> 24);
    }
    for (; i < chunk.length; i++) crc = at(t, 0, (crc ^ (chunk[i] ?? 0)) & 255) ^ (crc >>> 8);
    this.#value = crc;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(~this.#value >>> 0);
    return bytes;
  }
}

let tables: Int32Array | undefined;

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = at(made, 0, i - 256);
    made[i] = (before >>> 8) ^ at(made, 0, before & 255);
  }
  return made;
}

function at(table: Int32Array, slice: number, index: number): number {
  return table[slice * 256 + index] ?? 0;
}

function word(bytes: Uint8Array, i: number): number {
  return (
    (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24)
  );
}
