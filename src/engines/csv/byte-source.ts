import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { systemCode, throwIfCancelled } from "../../core/errors.ts";
import { damagedGzipError, emptyError, folderError, notAFileError, readError } from "./errors.ts";
import { isGzip } from "./file-kind.ts";

export interface ByteSource {
  readonly path: string;
  readonly sizeBytes: number;
  readonly compression: "none" | "gzip";
}

export interface ReadBytesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of the bytes of the file read so far (compressed ones, for gzip). */
  readonly onBytes?: ((readBytes: number) => void) | undefined;
}

const CHUNK_BYTES = 1 << 19;

/** Looks at a path; a folder, a missing or empty file or a device is a UserError. */
export async function byteSource(path: string): Promise<ByteSource> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw folderError(path);
    if (!info.isFile()) throw notAFileError(path);
    if (info.size === 0) throw emptyError(path);
    const file = await open(path, "r");
    try {
      const head = new Uint8Array(2);
      await file.read(head, 0, 2, 0);
      return { path, sizeBytes: info.size, compression: isGzip(head) ? "gzip" : "none" };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readError(error, path);
  }
}

/** The bytes of a file in order, unpacked; a chunk is valid until the next one is asked for. */
export function readBytes(source: ByteSource, options: ReadBytesOptions = {}): AsyncGenerator<Uint8Array> {
  return source.compression === "gzip" ? gunzipped(source, options) : plain(source, options);
}

/** The first `sizeBytes` unpacked bytes, or all of them when `isWhole`. */
export async function readHead(
  source: ByteSource,
  sizeBytes: number,
  options: ReadBytesOptions = {},
): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readBytes(source, options)) {
    parts.push(Uint8Array.from(chunk));
    length += chunk.length;
    if (length > sizeBytes) break;
  }
  const bytes = Buffer.concat(parts);
  return length > sizeBytes
    ? { bytes: bytes.subarray(0, sizeBytes), isWhole: false }
    : { bytes, isWhole: true };
}

async function* plain(source: ByteSource, options: ReadBytesOptions): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(source.path, "r");
    const buffer = new Uint8Array(CHUNK_BYTES);
    let done = 0;
    for (;;) {
      throwIfCancelled(options.signal);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, done);
      if (bytesRead === 0) return;
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
      options.onBytes?.(done);
    }
  } catch (error) {
    throw readError(error, source.path);
  } finally {
    await file?.close();
  }
}

async function* gunzipped(source: ByteSource, options: ReadBytesOptions): AsyncGenerator<Uint8Array> {
  const file = createReadStream(source.path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // The error reaches the loop below through gunzip, which pipeline destroys with it.
  pipeline(file, gunzip, () => {});
  try {
    for await (const chunk of gunzip) {
      throwIfCancelled(options.signal);
      yield chunk;
      options.onBytes?.(file.bytesRead);
    }
  } catch (error) {
    const code = systemCode(error);
    throw code?.startsWith("Z_") ? damagedGzipError(source.path, error) : readError(error, source.path);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
