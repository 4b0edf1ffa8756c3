import * as zlib from "node:zlib";
import { decodeLz4Frames } from "./lz4.ts";
import type { Codec } from "./record-batch.ts";
import { decodeSnappy } from "./snappy.ts";

/** Decoded records of one batch may not be larger than this: a few bytes must not fill the memory. */
export const MAX_DECODED_BYTES = 256 * 1024 * 1024;

/** Whether records in this codec can be read here. zstd needs a Node that has it (22.15, 23.8 or later). */
export function canDecode(codec: Codec): boolean {
  return codec !== "zstd" || "zstdDecompressSync" in zlib;
}

/** The bytes before compression, or undefined for a codec that this Node lacks (see {@link canDecode}). Damaged input throws. */
export function decompress(codec: Codec, body: Buffer): Buffer | undefined {
  switch (codec) {
    case "none":
      return body;
    case "gzip":
      return zlib.gunzipSync(body, { maxOutputLength: MAX_DECODED_BYTES });
    case "snappy":
      return decodeSnappy(body, MAX_DECODED_BYTES);
    case "lz4":
      return decodeLz4Frames(body, MAX_DECODED_BYTES);
    case "zstd":
      return zstd()?.(body, { maxOutputLength: MAX_DECODED_BYTES });
  }
}

/** What our own producers write. */
export type WriteCodec = "none" | "gzip";

export function compress(codec: WriteCodec, body: Buffer): Buffer {
  return codec === "gzip" ? zlib.gzipSync(body, { level: 1 }) : body;
}

function zstd(): ((body: Buffer, options: { maxOutputLength: number }) => Buffer) | undefined {
  const found: unknown = Reflect.get(zlib, "zstdDecompressSync");
  if (typeof found !== "function") return undefined;
  return (body, options) => {
    const decoded: unknown = found(body, options);
    if (!Buffer.isBuffer(decoded)) throw new TypeError("zstd gave no bytes");
    return decoded;
  };
}
