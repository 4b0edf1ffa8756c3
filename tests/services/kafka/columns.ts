import type { ByteColumn } from "../../../src/services/kafka/protocol/record-encode.ts";

/** Texts as a column of bytes. */
export function byteColumn(texts: readonly (string | null)[]): ByteColumn {
  const parts = texts.map((text) => (text === null ? null : Buffer.from(text)));
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  parts.forEach((part, row) => {
    starts[row] = part === null ? -1 : at;
    at += part?.length ?? 0;
    ends[row] = part === null ? -1 : at;
  });
  return { bytes: Buffer.concat(parts.filter((part) => part !== null)), starts, ends };
}

/** A column of bytes as texts. */
export function textsOf(bytes: Buffer, starts: Int32Array, ends: Int32Array): (string | null)[] {
  return Array.from(starts, (start, row) => (start < 0 ? null : bytes.toString("utf8", start, ends[row])));
}
