import type { Readable, Writable } from "node:stream";
import { deserialize, serialize } from "node:v8";
import { HEADER_BYTES, MAX_MESSAGE_BYTES, NONCE_BYTES } from "./protocol.ts";

/** Writes one frame; nothing where the other end is gone, its exit will tell. */
export function writeFrame(stream: Writable, nonce: Uint8Array, message: unknown): void {
  if (stream.destroyed || !stream.writable) return;
  const body = serialize(message);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(NONCE_BYTES + body.length, 0);
  header.set(nonce, 4);
  stream.write(header);
  stream.write(body);
}

export interface FrameReader {
  /** Every authentic message, in order. */
  onMessage(message: unknown): void;
  /** Bytes that our harness did not write; nothing is read after them. */
  onForged(): void;
  onTooLarge(bytes: number): void;
}

/** Reads frames as they come, until the first one that is forged or too large. */
export function readFrames(stream: Readable, nonce: Buffer, reader: FrameReader): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  /** Of the frame that is being read: its header at first, all of it once that is known. */
  let wanted = HEADER_BYTES;
  let isBroken = false;
  stream.on("data", (chunk: Buffer) => {
    if (isBroken) return;
    chunks.push(chunk);
    bytes += chunk.length;
    // Joined when a header or a frame is whole, not for every chunk of a large one.
    while (!isBroken && bytes >= wanted) take(joinedChunks());
  });

  function joinedChunks(): Buffer {
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  }

  function take(joined: Buffer): void {
    if (wanted === HEADER_BYTES) {
      chunks = [joined];
      wanted = frameBytes(joined);
      return;
    }
    chunks = [joined.subarray(wanted)];
    bytes -= wanted;
    const message: unknown = deserialize(joined.subarray(HEADER_BYTES, wanted));
    wanted = HEADER_BYTES;
    reader.onMessage(message);
  }

  function frameBytes(header: Buffer): number {
    const frame = 4 + header.readUInt32LE(0);
    if (!header.subarray(4, HEADER_BYTES).equals(nonce)) stop(() => reader.onForged());
    else if (frame > HEADER_BYTES + MAX_MESSAGE_BYTES) stop(() => reader.onTooLarge(frame));
    // An authentic message has at least one byte, so no frame is as short as a header.
    return frame;
  }

  function stop(say: () => void): void {
    isBroken = true;
    chunks = [];
    say();
  }
}
