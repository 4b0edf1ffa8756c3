import { ProtocolError, Reader } from "./reader.ts";
import { copyBack } from "./snappy.ts";

const MAGIC = 0x184d2204;
const BLOCK_MAX_BYTES = [0, 0, 0, 0, 65_536, 262_144, 1_048_576, 4_194_304];

/** Records compressed by LZ4 in its frame format (lz4/lz4, doc/lz4_Frame_format.md). Its checksums are not looked at: the batch has its own. */
export function decodeLz4Frames(input: Buffer, maxBytes: number): Buffer {
  const from = new Reader(input);
  const out = new Growing(maxBytes);
  while (from.left > 0) decodeFrame(from, out);
  return out.finish();
}

function decodeFrame(from: Reader, out: Growing): void {
  if (from.take(4).readUInt32LE() !== MAGIC) throw new ProtocolError("no LZ4 frame");
  const flags = from.take(1).readUInt8();
  const blockMax = BLOCK_MAX_BYTES[(from.take(1).readUInt8() >>> 4) & 7] ?? 0;
  const hasBlockChecksum = (flags & 0x10) !== 0;
  if ((flags & 0x08) !== 0) from.take(8);
  if ((flags & 0x01) !== 0) throw new ProtocolError("an LZ4 frame with a dictionary");
  from.take(1);
  for (;;) {
    const size = from.take(4).readUInt32LE();
    if (size === 0) break;
    const block = from.take(size & 0x7fffffff);
    if (size >= 0x80000000) out.append(block);
    else decodeBlock(block, out, blockMax);
    if (hasBlockChecksum) from.take(4);
  }
  if ((flags & 0x04) !== 0) from.take(4);
}

/** One block (doc/lz4_Block_format.md); it may copy from the blocks before it. */
function decodeBlock(input: Buffer, out: Growing, blockMax: number): void {
  const from = new Reader(input);
  const buffer = out.room(blockMax);
  let at = out.length;
  const end = at + blockMax;
  while (from.left > 0) {
    const token = from.take(1).readUInt8();
    const literals = longLength(from, token >>> 4);
    if (literals > end - at) throw new ProtocolError("LZ4 literals past the block's end");
    from.take(literals).copy(buffer, at);
    at += literals;
    if (from.left === 0) break;
    const back = from.take(2).readUInt16LE();
    const size = longLength(from, token & 15) + 4;
    if (size > end - at) throw new ProtocolError("an LZ4 copy past the block's end");
    copyBack(buffer, at, back, size);
    at += size;
  }
  out.length = at;
}

function longLength(from: Reader, start: number): number {
  let length = start;
  if (start < 15) return length;
  for (;;) {
    const more = from.take(1).readUInt8();
    length += more;
    if (more !== 255) return length;
  }
}

/** A buffer that grows to what is asked for, up to a limit. */
class Growing {
  #buffer = Buffer.allocUnsafe(0);
  readonly #maxBytes: number;
  length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  room(more: number): Buffer {
    const wanted = this.length + more;
    if (wanted > this.#maxBytes) throw new ProtocolError(`more than ${this.#maxBytes} bytes of records`);
    if (wanted > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }

  append(bytes: Buffer): void {
    this.room(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}
