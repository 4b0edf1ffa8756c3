const LF = 10;
const CR = 13;

/** The offset of the next LF or CR, or `end`. */
export function lineEndAt(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== LF && bytes[i] !== CR) i++;
  return i;
}

/** Where the line after the line end at `at` starts. */
export function afterLineEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return end;
  return bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF ? at + 2 : at + 1;
}
