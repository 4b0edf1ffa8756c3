import { isAscii, isUtf8 } from "node:buffer";
import iconv from "iconv-lite";

/**
 * The encoding of a file from its first bytes: a byte-order mark, the zeros of UTF-16, valid UTF-8, or else
 * windows-1252 (an assumption, to be said). A file that is mostly UTF-8 stays `utf-8`: single records that
 * are not are read as windows-1252 later.
 */
export function detectEncoding(sample: Uint8Array): { encoding: string; isAssumed: boolean } {
  const [a, b, c, d] = sample;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0 && sample.length % 4 === 0) return sure("utf-32le");
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return sure("utf-32be");
  if (a === 0xff && b === 0xfe) return sure("utf-16le");
  if (a === 0xfe && b === 0xff) return sure("utf-16be");
  const wide = zerosOfUtf16(sample);
  if (wide !== undefined) return { encoding: wide, isAssumed: true };
  if (isAscii(sample) || isUtf8(withoutCutEnd(sample))) return sure("utf-8");
  return isMostlyUtf8(sample) ? sure("utf-8") : { encoding: "windows-1252", isAssumed: true };
}

const sure = (encoding: string) => ({ encoding, isAssumed: false });

/** True for an encoding that can be named in a schema file. */
export function isKnownEncoding(encoding: string): boolean {
  return encoding === "utf-8" || iconv.encodingExists(encoding);
}

/** Turns the file's bytes, chunk by chunk, into UTF-8 without a byte-order mark. */
export interface Decoder {
  /** Valid until the next call. */
  decode(chunk: Uint8Array): Uint8Array;
  /** What was kept back. */
  end(): Uint8Array;
  /** Characters that could not be read and became U+FFFD. */
  readonly lost: number;
}

export function decoderOf(encoding: string): Decoder {
  if (encoding === "utf-8") return new Utf8Decoder();
  return encoding === "windows-1252" ? new OneByteDecoder(encoding) : new IconvDecoder(encoding);
}

/** Passes bytes on as they are; records that are no UTF-8 are dealt with one by one. */
class Utf8Decoder implements Decoder {
  readonly lost = 0;
  #isFirst = true;

  decode(chunk: Uint8Array): Uint8Array {
    if (!this.#isFirst || chunk.length === 0) return chunk;
    this.#isFirst = false;
    return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
  }

  end(): Uint8Array {
    return EMPTY;
  }
}

/** By a table, three times as fast as through a string: most CSVs of old programs are of this kind. */
class OneByteDecoder implements Decoder {
  readonly #table: readonly Uint8Array[];
  /** Used again for each chunk: what was decoded is valid until the next call. */
  #out = new Uint8Array(0);
  lost = 0;

  constructor(encoding: string) {
    this.#table = Array.from({ length: 256 }, (_, byte) =>
      Buffer.from(iconv.decode(Buffer.of(byte), encoding), "utf8"),
    );
  }

  decode(chunk: Uint8Array): Uint8Array {
    if (isAscii(chunk)) return chunk;
    if (this.#out.length < chunk.length * 3) this.#out = new Uint8Array(chunk.length * 3);
    const out = this.#out;
    let at = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (byte < 0x80) {
        out[at++] = byte;
        continue;
      }
      const character = this.#table[byte] ?? REPLACEMENT;
      if (character.length === 3 && character[0] === 0xef) this.lost++;
      for (let j = 0; j < character.length; j++) out[at++] = character[j] ?? 0;
    }
    return out.subarray(0, at);
  }

  end(): Uint8Array {
    return EMPTY;
  }
}

class IconvDecoder implements Decoder {
  readonly #decoder: iconv.DecoderStream;
  lost = 0;

  constructor(encoding: string) {
    this.#decoder = iconv.getDecoder(encoding, { stripBOM: true });
  }

  decode(chunk: Uint8Array): Uint8Array {
    return this.#encode(this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)));
  }

  end(): Uint8Array {
    return this.#encode(this.#decoder.end() ?? "");
  }

  #encode(text: string): Uint8Array {
    // Half a surrogate pair becomes U+FFFD here too.
    const bytes = Buffer.from(text, "utf8");
    for (let at = bytes.indexOf(REPLACEMENT); at >= 0; at = bytes.indexOf(REPLACEMENT, at + 3)) this.lost++;
    return bytes;
  }
}

const EMPTY = new Uint8Array(0);
const REPLACEMENT = Buffer.from("\ufffd");

/** Text that is not UTF-8, read as windows-1252. */
export function fromWindows1252(bytes: Uint8Array): Uint8Array {
  windows1252 ??= decoderOf("windows-1252");
  return windows1252.decode(bytes);
}

let windows1252: Decoder | undefined;

/** Says chunk by chunk whether a stream is UTF-8, also where a character is cut by the end of a chunk. */
export class Utf8Check {
  #cut: Uint8Array = EMPTY;

  isValid(chunk: Uint8Array): boolean {
    if (this.#cut.length === 0 && isAscii(chunk)) return true;
    const joined = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const whole = withoutCutEnd(joined);
    this.#cut = Uint8Array.from(joined.subarray(whole.length));
    return isUtf8(whole);
  }

  /** False when the stream ends inside a character. */
  end(): boolean {
    return this.#cut.length === 0;
  }
}

/** Without the first bytes of a character whose rest is missing. */
export function withoutCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
  }
  return bytes;
}

/** UTF-16 without a mark: text of mostly Latin letters has a zero in every second byte, on one side only. */
function zerosOfUtf16(sample: Uint8Array): string | undefined {
  const pairs = Math.floor(Math.min(sample.length, 65536) / 2);
  if (pairs < 2) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs * 2; i += 2) {
    if (sample[i] === 0) even++;
    if (sample[i + 1] === 0) odd++;
  }
  if (odd > pairs * 0.4 && even < pairs * 0.05) return "utf-16le";
  if (even > pairs * 0.4 && odd < pairs * 0.05) return "utf-16be";
  return undefined;
}

/** Counts characters of two bytes or more against bytes that belong to none. */
function isMostlyUtf8(sample: Uint8Array): boolean {
  let whole = 0;
  let stray = 0;
  for (let i = 0; i < sample.length; ) {
    const byte = sample[i] ?? 0;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    if (length === 1) {
      i++;
    } else if (length > 1 && i + length <= sample.length && isUtf8(sample.subarray(i, i + length))) {
      whole++;
      i += length;
    } else {
      stray++;
      i++;
    }
  }
  return whole > stray * 2;
}
