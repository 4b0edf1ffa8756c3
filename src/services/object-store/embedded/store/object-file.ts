import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "../checksum.ts";

/** What is kept of an object beside its bytes. */
export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  /** Hexadecimal MD5 without quotes; of a multipart object `<md5 of the parts' md5s>-<parts>`. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Headers that are given back as they came: content-type, cache-control, … */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata by its name after `x-amz-meta-`; values as Node reads headers, one character a byte. */
  readonly user: Readonly<Record<string, string>>;
  readonly checksum?: StoredChecksum | undefined;
  /** Sizes of the parts of a multipart object, in order. */
  readonly partSizes?: readonly number[] | undefined;
}

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in `-<parts>`. */
  readonly value: string;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

/**
 * An object is one file: its bytes, then its head as JSON, then 16 bytes: the head's length and CRC-32 (little
 * endian) and the mark `taller\0\1`. Bytes and head so change together, by one rename.
 */
const MARK = Buffer.from("taller\u0000\u0001", "latin1");
const TAIL_BYTES = 8 + MARK.length;

/** What stands behind an object's bytes. */
export function headBytes(head: ObjectHead): Uint8Array {
  const json = Buffer.from(JSON.stringify(head), "utf8");
  const tail = Buffer.alloc(TAIL_BYTES);
  tail.writeUInt32LE(json.length, 0);
  tail.writeUInt32LE(crc32(json), 4);
  MARK.copy(tail, 8);
  return Buffer.concat([json, tail]);
}

/** An object that is being read: a later overwrite or removal does not touch it. Close it. */
export interface OpenObject {
  readonly head: ObjectHead;
  /** The file's last bytes, and where they begin: a small object is wholly here. */
  readonly end: FileEnd;
  /** What stands before its end; undefined when nothing does. */
  readonly file: FileHandle | undefined;
  close(): Promise<void>;
}

export interface FileEnd {
  readonly bytes: Buffer;
  readonly offset: number;
}

/** Opens an object's file; throws {@link DamagedFile} when it is not whole, and the system's error otherwise. */
export async function openObject(path: string): Promise<OpenObject> {
  const whole = readSmall(path);
  if (whole !== undefined) {
    const end = { bytes: whole, offset: 0 };
    return { head: headOf(end, path), end, file: undefined, close: async () => {} };
  }
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    let end = await readEnd(file, size, END_BYTES);
    const headStart = headStartOf(end.bytes, path);
    if (headStart < 0) end = await readEnd(file, size, end.bytes.length - headStart);
    return { head: headOf(end, path), end, file, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Only the head of an object's file. */
export async function readHead(path: string): Promise<ObjectHead> {
  const object = await openObject(path);
  await object.close();
  return object.head;
}

/** A file of up to {@link END_BYTES} in one go: its calls take less time than to ask a thread. Undefined for a larger one. */
function readSmall(path: string): Buffer | undefined {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    if (size > END_BYTES) return undefined;
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const bytesRead = readSync(descriptor, bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(descriptor);
  }
}

/** A file that was cut or changed from outside. */
export class DamagedFile extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`${path} is not a whole object: it was cut or changed from outside`);
    this.name = "DamagedFile";
    this.path = path;
  }
}

/** Most heads take 300 bytes; with this many, an object of a few kilobytes costs one read. */
const END_BYTES = 16_384;

async function readEnd(file: FileHandle, size: number, length: number): Promise<FileEnd> {
  const offset = Math.max(0, size - length);
  const bytes = Buffer.allocUnsafe(size - offset);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return { bytes: bytes.subarray(0, filled), offset };
}

function headOf({ bytes, offset }: FileEnd, path: string): ObjectHead {
  const start = headStartOf(bytes, path);
  if (start < 0) throw new DamagedFile(path);
  const json = bytes.subarray(start, -TAIL_BYTES);
  if (crc32(json) !== bytes.readUInt32LE(bytes.length - TAIL_BYTES + 4)) throw new DamagedFile(path);
  // Our own writing, whole by its checksum.
  const head: ObjectHead = JSON.parse(json.toString("utf8"));
  if (head.sizeBytes !== offset + start) throw new DamagedFile(path);
  return head;
}

/** Where the head begins in a file's last bytes; negative when that is so many bytes before them. */
function headStartOf(end: Buffer, path: string): number {
  if (end.length < TAIL_BYTES || !end.subarray(-MARK.length).equals(MARK)) throw new DamagedFile(path);
  const headBytes = end.readUInt32LE(end.length - TAIL_BYTES);
  if (headBytes > MAX_HEAD_BYTES) throw new DamagedFile(path);
  return end.length - TAIL_BYTES - headBytes;
}

/** Ten thousand part sizes, 2 kB of metadata and a key stay far below. */
const MAX_HEAD_BYTES = 1_048_576;
