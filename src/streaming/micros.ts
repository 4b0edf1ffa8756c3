/**
 * 64-bit integers as doubles and back without a BigInt a row: exact up to 2⁵³, which for microseconds is
 * the year 2255. Typed arrays are little-endian on every machine that Node runs on.
 */

const TWO_32 = 4_294_967_296;

/** The numbers of a column of 64-bit integers. */
export function toDoubles(values: BigInt64Array): Float64Array {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const doubles = new Float64Array(values.length);
  for (let i = 0, w = 0; i < doubles.length; i++, w += 2) {
    doubles[i] = (words[w + 1] ?? 0) * TWO_32 + ((words[w] ?? 0) >>> 0);
  }
  return doubles;
}

/** Whole numbers as 64-bit integers. */
export function fromDoubles(doubles: Float64Array): BigInt64Array {
  const values = new BigInt64Array(doubles.length);
  const words = new Int32Array(values.buffer);
  for (let i = 0, w = 0; i < doubles.length; i++, w += 2) {
    const value = doubles[i] ?? 0;
    const high = Math.floor(value / TWO_32);
    words[w + 1] = high;
    words[w] = value - high * TWO_32;
  }
  return values;
}
