import { ProtocolError, Reader } from "./reader.ts";

/** Kafka's Java producers write Xerial's framing: this magic, two versions, then blocks with their length. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Records compressed by Snappy: raw (librdkafka), or in Xerial's framing (Java). */
export function decodeSnappy(input: Buffer, maxBytes: number): Buffer {
  if (!input.subarray(0, 8).equals(XERIAL_MAGIC)) return decodeBlock(input, maxBytes);
  const from = new Reader(input, Math.min(XERIAL_HEADER_BYTES, input.length));
  const blocks: Buffer[] = [];
  let left = maxBytes;
  while (from.left > 0) {
    const block = decodeBlock(from.take(from.int32()), left);
    left -= block.length;
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}

/** One block: google/snappy, format_description.txt. */
function decodeBlock(input: Buffer, maxBytes: number): Buffer {
  const from = new Reader(input);
  const length = from.unsignedVarint();
  if (length > maxBytes) throw new ProtocolError(`a snappy block of ${length} bytes`);
  const out = Buffer.allocUnsafe(length);
  let at = 0;
  while (from.left > 0) {
    const tag = readUint(from, 1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const size = short < 60 ? short + 1 : readUint(from, short - 59) + 1;
      if (size > length - at) throw new ProtocolError("a snappy literal past the block's end");
      from.take(size).copy(out, at);
      at += size;
      continue;
    }
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const back = kind === 1 ? ((tag >>> 5) << 8) | readUint(from, 1) : readUint(from, kind === 2 ? 2 : 4);
    copyBack(out, at, back, size);
    at += size;
  }
  if (at !== length) throw new ProtocolError(`a snappy block of ${at} bytes that says ${length}`);
  return out;
}

/** Copies `size` bytes from `back` bytes before `at`; they may overlap, and then repeat. */
export function copyBack(out: Buffer, at: number, back: number, size: number): void {
  if (back === 0 || back > at || size > out.length - at)
    throw new ProtocolError("a copy from outside of what is decoded");
  if (back >= size) {
    out.copy(out, at, at - back, at - back + size);
    return;
  }
  for (let i = 0; i < size; i++) out[at + i] = out[at + i - back] ?? 0;
}

function readUint(from: Reader, byteLength: number): number {
  return from.take(byteLength).readUIntLE(0, byteLength);
}
