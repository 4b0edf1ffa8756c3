import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { S3Error } from "../s3-error.ts";
import type { ObjectHead, OpenObject } from "../store/object-file.ts";

/** A run of an object's bytes: from the first, so many. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * The range that a `Range` header names; undefined for the whole object, which is also the answer to several ranges
 * and to what is no range (RFC 9110, 14.2). Throws InvalidRange for one that lies outside.
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes || start >= end) {
    throw new S3Error("InvalidRange", {
      details: { RangeRequested: header ?? "", ActualObjectSize: String(sizeBytes) },
      headers: { "content-range": `bytes */${sizeBytes}` },
    });
  }
  return { start, length: end - start };
}

/** The range of one part of an object that was uploaded in parts; throws InvalidArgument. */
export function partRange(head: ObjectHead, text: string): ByteRange {
  const sizes = head.partSizes ?? [head.sizeBytes];
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1) {
    throw new S3Error("InvalidArgument", { details: { ArgumentName: "partNumber", ArgumentValue: text } });
  }
  const length = sizes[number - 1];
  if (length === undefined)
    throw new S3Error("InvalidRange", { message: "The object has no part of this number." });
  return { start: sizes.slice(0, number - 1).reduce((sum, size) => sum + size, 0), length };
}

/** Sends a run of bytes and ends the answer; memory: two blocks. Throws when the client goes away. */
export async function sendBytes(
  object: OpenObject,
  range: ByteRange,
  response: ServerResponse,
): Promise<void> {
  const read = bytesAtEnd(object, range);
  if (read !== undefined) {
    response.end(read);
    return;
  }
  for await (const block of readBlocks(object, range)) await writeTo(response, block);
  response.end();
}

/** The bytes of a run when all of them were read with the object's head. */
function bytesAtEnd({ end, file }: OpenObject, range: ByteRange): Buffer | undefined {
  const from = range.start - end.offset;
  return file === undefined || from >= 0 ? end.bytes.subarray(from, from + range.length) : undefined;
}

/** The bytes of a run, one block ahead of its reader. */
export async function* readBlocks(object: OpenObject, range: ByteRange): AsyncGenerator<Buffer> {
  const { file } = object;
  const read = bytesAtEnd(object, range);
  if (file === undefined || read !== undefined) {
    if (read !== undefined && read.length > 0) yield read;
    return;
  }
  const last = range.start + range.length;
  let position = range.start;
  const readNext = (): Promise<Buffer> => {
    const block = readBlock(file, position, Math.min(BLOCK_BYTES, last - position));
    position = Math.min(last, position + BLOCK_BYTES);
    // Whoever stops early leaves this one unread; its failure is then nobody's.
    block.catch(() => {});
    return block;
  };
  let ahead = position < last ? readNext() : undefined;
  try {
    while (ahead !== undefined) {
      const block = await ahead;
      ahead = position < last ? readNext() : undefined;
      yield block;
    }
  } finally {
    // The file is closed after this: not under a read.
    await ahead?.catch(() => {});
  }
}

const BLOCK_BYTES = 524_288;

async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(block, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error("the object's file was cut while it was read");
    filled += bytesRead;
  }
  return block;
}

/** A connection that ends does not always call back for what was still to be sent. */
function writeTo(response: ServerResponse, block: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error("the client went away"));
    response.once("close", onClose);
    response.write(block, (error) => {
      response.off("close", onClose);
      if (error == null) resolve();
      else reject(error);
    });
  });
}
