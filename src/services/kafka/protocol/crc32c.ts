/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78; RFC 3720 appendix B.4). */
const POLYNOMIAL = 0x82f63b78;

/** Eight tables of 256: table k gives the effect of a byte that is k bytes before the end of a block of eight. */
const tables = makeTables();

/**
 * The CRC-32C of bytes [start, end), as an unsigned 32-bit number; with `seed`, of what went before and these.
 * Eight bytes a step (Kounavis and Berry, "A systematic approach to building high performance software-based CRC
 * generators", 2005).
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = ~seed;
  let at = start;
  for (const whole = end - 7; at < whole; at += 8) {
    // Every index lies inside [start, end) or is a byte: `?? 0` would only cost.
    crc ^= at32(bytes, at);
    crc =
      lookUp(t7, crc & 0xff) ^
      lookUp(t6, (crc >>> 8) & 0xff) ^
      lookUp(t5, (crc >>> 16) & 0xff) ^
      lookUp(t4, crc >>> 24) ^
      lookUp(t3, bytes[at + 4] as number) ^
      lookUp(t2, bytes[at + 5] as number) ^
      lookUp(t1, bytes[at + 6] as number) ^
      lookUp(t0, bytes[at + 7] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ lookUp(t0, (crc ^ (bytes[at] as number)) & 0xff);
  return ~crc >>> 0;
}

type Tables = readonly [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

function at32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function lookUp(table: Int32Array, index: number): number {
  return table[index] as number;
}

function makeTables(): Tables {
  const make = (from: (index: number) => number): Int32Array =>
    Int32Array.from({ length: 256 }, (_, i) => from(i));
  const t0 = make((byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
  const after = (before: Int32Array): Int32Array =>
    make((byte) => (lookUp(before, byte) >>> 8) ^ lookUp(t0, lookUp(before, byte) & 0xff));
  const t1 = after(t0);
  const t2 = after(t1);
  const t3 = after(t2);
  const t4 = after(t3);
  const t5 = after(t4);
  const t6 = after(t5);
  return [t0, t1, t2, t3, t4, t5, t6, after(t6)];
}
