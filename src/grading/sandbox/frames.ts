import type { Duplex } from "node:stream";
import { deserialize, serialize } from "node:v8";
import { HEADER_BYTES, MAX_MESSAGE_BYTES, NONCE_BYTES } from "./protocol.ts";

/** Writes one frame; false when the other end is gone. */
export function writeFrame(stream: Duplex, nonce: Uint8Array, message: unknown): boolean {
  if (stream.destroyed || !stream.writable) return false;
  const body = serialize(message);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(NONCE_BYTES + body.length, 0);
  header.set(nonce, 4);
  stream.write(header);
  stream.write(body);
  return true;
}

export interface FrameReader {
  /** Every authentic message, in order. */
  onMessage(message: unknown): void;
  /** Bytes that our harness did not write; nothing is read after them. */
  onForged(): void;
  onTooLarge(bytes: number): void;
}

/** Reads frames as they come, until the first one that is forged or too large. */
export function readFrames(stream: Duplex, nonce: Buffer, reader: FrameReader): void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let isBroken = false;
  stream.on("data", (chunk: Buffer) => {
    if (isBroken) return;
    pending.push(chunk);
    pendingBytes += chunk.length;
    for (;;) {
      const header = firstBytes(HEADER_BYTES);
      if (header === undefined) return;
      if (!header.subarray(4, HEADER_BYTES).equals(nonce)) return stop(() => reader.onForged());
      const frameBytes = 4 + header.readUInt32LE(0);
      if (frameBytes > HEADER_BYTES + MAX_MESSAGE_BYTES) return stop(() => reader.onTooLarge(frameBytes));
      const frame = firstBytes(frameBytes);
      if (frame === undefined) return;
      pending = [frame.subarray(frameBytes)];
      pendingBytes -= frameBytes;
      reader.onMessage(deserialize(frame.subarray(HEADER_BYTES, frameBytes)));
    }
  });

  /** What has come, joined, once it is that many bytes; a large frame is joined once, not per chunk. */
  function firstBytes(count: number): Buffer | undefined {
    if (pendingBytes < count) return undefined;
    const joined = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending);
    pending = [joined];
    return joined;
  }

  function stop(say: () => void): void {
    isBroken = true;
    pending = [];
    say();
  }
}
