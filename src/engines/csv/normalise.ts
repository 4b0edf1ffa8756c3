import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { diskError } from "../../core/atomic-file.ts";
import { type Emit, silent } from "../../core/events.ts";
import type { Text } from "../../core/text.ts";
import { type ByteSource, byteSource, readBytes } from "./byte-source.ts";
import { decoderOf, Utf8Check } from "./encoding.ts";
import type { CsvInspection } from "./inspection.ts";
import { Intake } from "./intake.ts";
import { type NormalisedCsv, normalisedCsv } from "./normalised.ts";
import { RecordScanner } from "./scanner.ts";

export interface NormaliseOptions {
  /** Where the rows (if they must be written) and the rejects go; made if missing. */
  readonly folder: string;
  readonly emit?: Emit | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A record longer than this is rejected; default 64 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

/**
 * Reads a file whole, once: counts and cuts its records, rejects in words those that are no row, settles the
 * column types on every row, and leaves a CSV that the engine can read without guessing. Memory is bounded by
 * the longest record. A cancelled or failed run removes what it wrote.
 */
export async function normaliseCsv(
  path: string,
  inspection: CsvInspection,
  options: NormaliseOptions,
): Promise<NormalisedCsv> {
  const source = await byteSource(path);
  const rowsPath = join(options.folder, "rows.csv");
  const rejectsPath = join(options.folder, "rejects.csv");
  await mkdir(options.folder, { recursive: true }).catch((error: unknown) => {
    throw diskError(error, options.folder);
  });
  const intake = new Intake({ ...inspection, path, sizeBytes: source.sizeBytes }, rowsPath, rejectsPath);
  try {
    await readAll(source, inspection, intake, options);
    await intake.close();
    return normalisedCsv(intake);
  } catch (error) {
    await intake.close().catch(() => {});
    await rm(rowsPath, { force: true });
    await rm(rejectsPath, { force: true });
    throw error;
  }
}

async function readAll(
  source: ByteSource,
  inspection: CsvInspection,
  intake: Intake,
  options: NormaliseOptions,
): Promise<void> {
  const decoder = decoderOf(inspection.encoding);
  const check = inspection.encoding === "utf-8" ? new Utf8Check() : undefined;
  const scanner = new RecordScanner(
    {
      ...inspection.dialect,
      expectedFields: inspection.columns.length,
      maxRecordBytes: options.maxRecordBytes,
    },
    intake,
  );
  intake.scanner = scanner;
  const copy = (bytes: number) => firstBytes(source, bytes);
  let streamed = 0;
  const take = async (chunk: Uint8Array, isLast: boolean): Promise<void> => {
    streamed += chunk.length;
    if (check !== undefined && !(check.isValid(chunk) && (!isLast || check.end())))
      intake.suspectUntil = streamed;
    scanner.push(chunk);
    if (isLast) scanner.finish();
    await intake.flush(copy);
  };
  const onBytes = progressOf(source, options.emit ?? silent);
  for await (const chunk of readBytes(source, { signal: options.signal, onBytes })) {
    const text = decoder.decode(chunk);
    if (text.length < chunk.length && check !== undefined) intake.forbidInPlace();
    await take(text, false);
  }
  await take(decoder.end(), true);
  intake.lostCharacters = decoder.lost;
}

async function* firstBytes(source: ByteSource, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of readBytes(source)) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

const PROGRESS_EVERY_MS = 100;

function progressOf(source: ByteSource, emit: Emit): (readBytes: number) => void {
  const name = basename(source.path);
  const task: Text = { es: `Leer ${name}`, en: `Read ${name}` };
  let last = Number.NEGATIVE_INFINITY;
  return (done) => {
    const now = performance.now();
    if (now - last < PROGRESS_EVERY_MS && done < source.sizeBytes) return;
    last = now;
    emit({ kind: "progress", task, done, total: source.sizeBytes, unit: "bytes" });
  };
}
