import type { Text } from "../../core/text.ts";
import { type ByteSource, readHead } from "./byte-source.ts";
import { decoderOf, detectEncoding } from "./encoding.ts";
import { emptyError } from "./errors.ts";
import { binaryError, isBinary, refusalFor } from "./file-kind.ts";

export interface Sample {
  /** UTF-8, without a byte-order mark. */
  readonly text: Uint8Array;
  readonly isWhole: boolean;
  readonly encoding: string;
  readonly notes: readonly Text[];
}

const LARGEST_SAMPLE = 1 << 25;

/** The decoded start of a file, long enough to hold some lines; refuses what is not text. */
export async function readSample(
  source: ByteSource,
  options: {
    readonly sampleBytes?: number | undefined;
    readonly encoding?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Sample> {
  for (let size = options.sampleBytes ?? 1 << 20; ; size *= 8) {
    const { bytes, isWhole } = await readHead(source, size, { signal: options.signal });
    const refusal = refusalFor(source.path, bytes);
    if (refusal !== undefined) throw refusal;
    const detected = detectEncoding(bytes);
    const encoding = options.encoding ?? detected.encoding;
    const isWide = /^utf-?(16|32)/i.test(encoding);
    if (!isWide && isBinary(bytes)) throw binaryError(source.path);
    const decoder = decoderOf(encoding);
    const text = Buffer.concat([
      Buffer.from(decoder.decode(bytes)),
      isWhole ? decoder.end() : new Uint8Array(0),
    ]);
    if (text.length === 0) throw emptyError(source.path);
    if (isWide && (isBinary(text) || decoder.lost > text.length * 0.05)) throw binaryError(source.path);
    if (!isWhole && size < LARGEST_SAMPLE && countLines(text) < 10) continue;
    const isAssumed = options.encoding === undefined && detected.isAssumed;
    return { text, isWhole, encoding, notes: isAssumed ? [assumedEncoding(encoding)] : [] };
  }
}

function countLines(text: Uint8Array): number {
  let lines = 0;
  for (const byte of text) if (byte === 10 || byte === 13) lines++;
  return lines;
}

function assumedEncoding(encoding: string): Text {
  return encoding === "windows-1252"
    ? {
        es: "No es UTF-8: se lee como windows-1252 (Latin-1). Si ves letras raras, cambia encoding en el esquema.",
        en: "It is not UTF-8: it is read as windows-1252 (Latin-1). If letters look wrong, change encoding in the schema.",
      }
    : {
        es: `No lleva marca: por sus ceros, es ${encoding}.`,
        en: `It has no mark: by its zeros, it is ${encoding}.`,
      };
}
