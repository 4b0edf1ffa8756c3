import fs from "node:fs";
import net from "node:net";
import v8 from "node:v8";
import {
  ANSWER_FD,
  type Begin,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  type Message,
  NONCE_BYTES,
  REQUEST_FD,
  type Request,
} from "../../sandbox/protocol.ts";
import { NotDataError } from "./plain-data.ts";

// Everything that a submission could replace is taken here, before it loads: it may break its own data, not
// read the nonce or stop an answer from being told apart from what it writes itself.
const { readSync, writeSync } = fs;
const { serialize, deserialize } = v8;
const { apply } = Reflect;
const { exit } = process;
// Never from the shared pool: its memory, and so the nonce, lies open to every `Buffer.from(…).buffer`.
const { allocUnsafeSlow, concat } = Buffer;
const setBytes = Uint8Array.prototype.set;
const subarray = Uint8Array.prototype.subarray;
const { writeUInt32LE, readUInt32LE } = Buffer.prototype;
for (const codec of [v8.Serializer, v8.DefaultSerializer, v8.Deserializer, v8.DefaultDeserializer]) {
  Object.freeze(codec.prototype);
}

/** The harness's end of the channel. */
export interface Channel {
  readonly begin: Begin;
  send(message: Message): void;
  /** Calls `serve` for each request; ends the process when our side closes the channel. Gives the pipe. */
  listen(serve: (request: Request) => void): net.Socket;
}

/** Waits, asleep, for the first frame. Nothing that the submission does comes before it. */
export function openChannel(): Channel {
  const header = readExactly(HEADER_BYTES);
  const nonce = allocUnsafeSlow(NONCE_BYTES);
  apply(setBytes, nonce, [apply(subarray, header, [4, HEADER_BYTES])]);
  const body = readExactly(uint32(header) - NONCE_BYTES);
  return {
    begin: deserialize(body) as Begin,
    send: (message) => writeAll(frameOf(nonce, message)),
    listen: (serve) => listen(serve),
  };
}

function frameOf(nonce: Buffer, message: Message): Buffer {
  const body = encode(message);
  const frame = allocUnsafeSlow(HEADER_BYTES + body.length);
  apply(writeUInt32LE, frame, [NONCE_BYTES + body.length, 0]);
  apply(setBytes, frame, [nonce, 4]);
  apply(setBytes, frame, [body, HEADER_BYTES]);
  return frame;
}

function encode(message: Message): Buffer {
  let body: Buffer;
  try {
    body = serialize(message);
  } catch (error) {
    throw new NotDataError(error instanceof Error ? error.message : "result");
  }
  if (body.length > MAX_MESSAGE_BYTES) {
    throw new NotDataError(`result: ${Math.ceil(body.length / 1e6)} MB > ${MAX_MESSAGE_BYTES / 1e6} MB`);
  }
  return body;
}

function writeAll(frame: Buffer): void {
  let offset = 0;
  while (offset < frame.length) {
    try {
      offset += writeSync(ANSWER_FD, frame, offset, frame.length - offset);
    } catch (error) {
      if (!isBusy(error)) exit(70);
    }
  }
}

function readExactly(count: number): Buffer {
  const bytes = allocUnsafeSlow(count);
  let offset = 0;
  while (offset < count) {
    try {
      const got = readSync(REQUEST_FD, bytes, offset, count - offset, null);
      if (got === 0) exit(0);
      offset += got;
    } catch (error) {
      if (!isBusy(error)) exit(0);
    }
  }
  return bytes;
}

/** Reads beside the submission's own timers and promises. The socket is a pipe that was there before the doors closed. */
function listen(serve: (request: Request) => void): net.Socket {
  let header: Buffer = allocUnsafeSlow(0);
  let body: Buffer | undefined;
  let filled = 0;
  const take = (got: Buffer): void => {
    let rest = got;
    while (rest.length > 0) {
      if (body === undefined) {
        const part = apply(subarray, rest, [0, HEADER_BYTES - header.length]) as Buffer;
        header = apply(concat, Buffer, [[header, part]]);
        rest = apply(subarray, rest, [part.length]) as Buffer;
        if (header.length === HEADER_BYTES) body = allocUnsafeSlow(uint32(header) - NONCE_BYTES);
      } else {
        const part = apply(subarray, rest, [0, body.length - filled]) as Buffer;
        apply(setBytes, body, [part, filled]);
        filled += part.length;
        rest = apply(subarray, rest, [part.length]) as Buffer;
        if (filled === body.length) {
          const whole = body;
          header = allocUnsafeSlow(0);
          body = undefined;
          filled = 0;
          serve(deserialize(whole) as Request);
        }
      }
    }
  };
  const requests = new net.Socket({ fd: REQUEST_FD, readable: true, writable: false });
  requests.on("data", take);
  requests.on("close", () => exit(0));
  requests.on("error", () => exit(0));
  return requests;
}

function uint32(bytes: Buffer): number {
  return Number(apply(readUInt32LE, bytes, [0]));
}

function isBusy(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "EAGAIN";
}
