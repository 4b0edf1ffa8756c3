import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CancelledError, UserError } from "../core/errors.ts";
import type { Text } from "../core/text.ts";
import type { CsvSource } from "./engine.ts";
import { type CsvFault, type RecordCount, RecordCounter } from "./record-count.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * Counts the records of each file of a CSV source, apart from any engine. Throws a UserError that names the
 * line of anything that makes a reader lose rows without a word: an open quote, a stray one, line ends that
 * change, bytes that are no UTF-8; CancelledError after an abort.
 */
export async function countRecords(
  files: readonly string[],
  source: Pick<CsvSource, "dialect" | "fields">,
  signal?: AbortSignal | undefined,
): Promise<RecordCount[]> {
  const counts: RecordCount[] = [];
  for (const path of files) {
    const counter = new RecordCounter({ dialect: source.dialect, fieldCount: source.fields.length });
    await eachChunk(path, signal, (chunk) => counter.push(chunk));
    const count = counter.finish();
    if (count.fault !== undefined) throw faultError(path, count.fault);
    counts.push(count);
  }
  return counts;
}

/** Empty lines above the first record, which a reader would take for the header; 0 when the files differ. */
export async function leadingBlankLines(files: readonly string[]): Promise<number> {
  const counts = new Set<number>();
  for (const path of files) {
    const head = await readHead(path, HEAD_BYTES);
    const text = head.toString("latin1").replace(/^\xEF\xBB\xBF/, "");
    counts.add((/^[\r\n]*/.exec(text)?.[0] ?? "").split(/\r\n|\r|\n/).length - 1);
  }
  const [only] = counts;
  return counts.size === 1 ? (only ?? 0) : 0;
}

const HEAD_BYTES = 4_096;

async function readHead(path: string, sizeBytes: number): Promise<Buffer> {
  const file = createReadStream(path);
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => bytes.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of bytes) {
      if (!Buffer.isBuffer(part)) continue;
      parts.push(part);
      length += part.length;
      if (length >= sizeBytes) break;
    }
  } finally {
    file.destroy();
  }
  return Buffer.concat(parts).subarray(0, sizeBytes);
}

async function eachChunk(
  path: string,
  signal: AbortSignal | undefined,
  use: (chunk: Uint8Array) => void,
): Promise<void> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const consume = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) use(chunk);
  };
  const options = signal === undefined ? {} : { signal };
  try {
    if (path.endsWith(".gz")) {
      await pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), consume, options);
    } else {
      await pipeline(file, consume, options);
    }
  } catch (error) {
    if (signal?.aborted) throw new CancelledError({ cause: error });
    throw error;
  }
}

function faultError(path: string, fault: CsvFault): UserError {
  const { what, next } = WORDS[fault.kind](fault.line, fault.swallowedLines);
  return new UserError({
    fault: "data",
    code: `csv-${fault.kind}`,
    what,
    where: `${path}:${fault.line}`,
    next,
  });
}

const WORDS: Readonly<
  Record<CsvFault["kind"], (line: number, lines: number) => { what: Text; next: readonly Text[] }>
> = {
  "open-quote": (line, lines) => ({
    what: {
      es: `La comilla que se abre en la línea ${line} no se cierra bien y se traga ${lines} líneas.`,
      en: `The quote that opens on line ${line} is not closed well and swallows ${lines} lines.`,
    },
    next: [REPAIR, NO_QUOTES],
  }),
  "stray-quote": (line) => ({
    what: {
      es: `En la línea ${line} hay texto después de cerrar una comilla: el lector perdería filas.`,
      en: `Line ${line} has text after a closing quote: the reader would lose rows.`,
    },
    next: [REPAIR, NO_QUOTES],
  }),
  "mixed-line-ends": (line) => ({
    what: {
      es: `Los finales de línea cambian en la línea ${line}: el lector se pararía ahí.`,
      en: `The line ends change on line ${line}: the reader would stop there.`,
    },
    next: [
      {
        es: "guarda el fichero con un solo tipo de final de línea",
        en: "save the file with one kind of line end",
      },
    ],
  }),
  "not-utf8": (line) => ({
    what: {
      es: `La línea ${line}, o una cercana, no está en UTF-8.`,
      en: `Line ${line}, or one near it, is not UTF-8.`,
    },
    next: [{ es: "guarda el fichero en UTF-8", en: "save the file as UTF-8" }],
  }),
};

const REPAIR: Text = { es: "corrige esa línea", en: "mend that line" };
const NO_QUOTES: Text = {
  es: "si el fichero no usa comillas, dilo en el dialecto: quote vacío",
  en: "if the file has no quoting, say so in the dialect: an empty quote",
};
