import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { diskError } from "../../core/atomic-file.ts";
import { UserError } from "../../core/errors.ts";
import { type Emit, silent } from "../../core/events.ts";
import type { Text } from "../../core/text.ts";
import type { CsvSource } from "../engine.ts";
import { type ByteSource, byteSource, readBytes } from "./byte-source.ts";
import { ColumnProfile } from "./column-profile.ts";
import { decideTypes } from "./column-type.ts";
import { decoderOf, Utf8Check } from "./encoding.ts";
import { type FitCheck, fitCheck } from "./fits.ts";
import type { CsvColumn, CsvInspection } from "./inspection.ts";
import { PLAIN, type RecordSink, type ScannedRecord, type ScannedReject } from "./record.ts";
import { type RejectReason, RejectsWriter, rejectsSource } from "./rejects-writer.ts";
import { RowsWriter } from "./rows-writer.ts";
import { RecordScanner } from "./scanner.ts";
import { typedSelect } from "./typed-select.ts";

export interface NormaliseOptions {
  /** Where the rows (if they must be written) and the rejects go; made if missing. */
  readonly folder: string;
  readonly emit?: Emit | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A record longer than this is rejected; default 64 MiB. */
  readonly maxRecordBytes?: number | undefined;
}

export interface NormalisedCsv {
  /** What the engine reads: the file itself when it needed nothing, else `rows.csv` in the folder. */
  readonly path: string;
  readonly isInPlace: boolean;
  /** `records = rows + rejected`; header, lines above it and blank lines are no records. */
  readonly records: number;
  readonly rows: number;
  readonly rejected: number;
  readonly rejectsByReason: Readonly<Partial<Record<RejectReason, number>>>;
  /** A CSV of file, line, reason, column, text; absent when nothing was rejected. */
  readonly rejectsPath?: string | undefined;
  readonly rejectsSource?: CsvSource | undefined;
  readonly blankLines: number;
  readonly longestRecordBytes: number;
  /** For `engine.register`: every column as text. */
  readonly source: CsvSource;
  /** The query that gives the typed rows, from the name under which `source` was registered. */
  readonly typedSelect: (from: string) => string;
  /** With the types that hold for every row. */
  readonly inspection: CsvInspection;
  readonly notes: readonly Text[];
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
    return intake.result();
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

/** Takes what the scanner delivers: profiles and checks values, writes rows and rejects, counts. */
class Intake implements RecordSink {
  scanner: RecordScanner | undefined;
  /** Records that start before this offset of the stream may hold bytes that are no UTF-8. */
  suspectUntil = -1;
  lostCharacters = 0;
  readonly #inspection: CsvInspection;
  readonly #rows: RowsWriter;
  readonly #rejects: RejectsWriter;
  readonly #profiles: readonly ColumnProfile[];
  /** Columns whose type is still open, and how many they are. */
  readonly #open: Int32Array;
  #openCount: number;
  readonly #checks: readonly { column: CsvColumn; index: number; check: FitCheck }[];
  #awaitsHeader: boolean;
  #rowCount = 0;
  #blankLines = 0;
  #longest = 0;
  #foreignRecords = 0;

  constructor(inspection: CsvInspection, rowsPath: string, rejectsPath: string) {
    const { columns, dialect } = inspection;
    this.#inspection = inspection;
    this.#awaitsHeader = dialect.hasHeader;
    this.#rows = new RowsWriter({
      path: rowsPath,
      dialect,
      names: columns.map((column) => column.name),
      canStayInPlace:
        inspection.encoding === "utf-8" && inspection.compression === "none" && dialect.skipLines === 0,
    });
    this.#rejects = new RejectsWriter(rejectsPath, inspection.path);
    const isDeclared = inspection.typesFrom === "declared";
    this.#profiles = isDeclared ? [] : columns.map(() => new ColumnProfile());
    this.#openCount = this.#profiles.length;
    this.#open = Int32Array.from(this.#profiles.keys());
    this.#checks = isDeclared
      ? columns.flatMap((column, index) => {
          const check = fitCheck(column);
          return check === undefined ? [] : [{ column, index, check }];
        })
      : [];
  }

  record(record: ScannedRecord): void {
    const offset = this.scanner?.streamOffset(record.start) ?? 0;
    if (this.#awaitsHeader) {
      this.#awaitsHeader = false;
      const isOneLine = record.bytes
        .subarray(record.start, record.end)
        .every((byte) => byte !== 10 && byte !== 13);
      this.#rows.header(record, offset, isOneLine);
      return;
    }
    const length = record.end - record.start;
    if (length > this.#longest) this.#longest = length;
    for (const { column, index, check } of this.#checks) {
      const start = record.starts[index] ?? 0;
      const end = record.ends[index] ?? 0;
      if (start === end) {
        if (record.kinds[index] !== PLAIN) check.hasBlanks = true;
        continue;
      }
      if (check.fits(record.bytes, start, end)) continue;
      this.#rows.breakAt(offset);
      this.#rejects.add(record, "type", column.name);
      return;
    }
    this.#profile(record);
    this.#rowCount++;
    if (this.#rows.row(record, offset, offset < this.suspectUntil)) this.#foreignRecords++;
  }

  reject(reject: ScannedReject): void {
    this.#rows.breakAt(this.scanner?.streamOffset(reject.start) ?? 0);
    const column =
      reject.reason === "ragged" ? `${reject.fieldCount}/${this.#inspection.columns.length}` : "";
    this.#rejects.add(reject, reject.reason, column);
  }

  blank(start: number): void {
    this.#blankLines++;
    this.#rows.breakAt(this.scanner?.streamOffset(start) ?? 0);
  }

  forbidInPlace(): void {
    this.#rows.breakAt(0);
  }

  async flush(copy: (bytes: number) => AsyncIterable<Uint8Array>): Promise<void> {
    await this.#rows.flush(copy);
    await this.#rejects.flush();
  }

  async close(): Promise<void> {
    await this.#rows.close();
    await this.#rejects.close();
  }

  #profile(record: ScannedRecord): void {
    const { bytes, starts, ends, kinds, line } = record;
    const open = this.#open;
    let kept = 0;
    for (let i = 0; i < this.#openCount; i++) {
      const index = open[i] ?? 0;
      const profile = this.#profiles[index];
      if (profile === undefined) continue;
      const start = starts[index] ?? 0;
      const end = ends[index] ?? 0;
      if (start < end) profile.add(bytes, start, end, line);
      else if (kinds[index] !== PLAIN) profile.hasBlanks = true;
      if (!profile.isClosed) open[kept++] = index;
    }
    this.#openCount = kept;
  }

  result(): NormalisedCsv {
    const { path, dialect } = this.#inspection;
    const inspection = this.#settled();
    const rejected = this.#rejects.total;
    if (this.#rowCount === 0 && rejected > 0) throw nothingReadable(path, this.#rejects.counts);
    const isInPlace = this.#rows.isInPlace;
    const cares = inspection.columns.map(
      (_, index) => this.#profiles[index] ?? this.#checks.find((one) => one.index === index)?.check,
    );
    const source: CsvSource = {
      kind: "csv",
      paths: [isInPlace ? path : this.#rows.path],
      dialect: {
        delimiter: dialect.delimiter,
        quote: dialect.quote,
        escape: dialect.quote,
        hasHeader: dialect.hasHeader,
      },
      maxRecordBytes: this.#longest,
      fields: inspection.columns.map(({ name }) => ({ name, type: { kind: "string" }, nullable: true })),
    };
    return {
      path: isInPlace ? path : this.#rows.path,
      isInPlace,
      records: this.#rowCount + rejected,
      rows: this.#rowCount,
      rejected,
      rejectsByReason: Object.fromEntries(this.#rejects.counts),
      ...(rejected > 0
        ? { rejectsPath: this.#rejects.path, rejectsSource: rejectsSource(this.#rejects.path) }
        : {}),
      blankLines: this.#blankLines,
      longestRecordBytes: this.#longest,
      source,
      typedSelect: (from) => typedSelect(inspection.columns, cares, from),
      inspection,
      notes: this.#notes(),
    };
  }

  #settled(): CsvInspection {
    const inspection = this.#inspection;
    if (inspection.typesFrom === "declared") return inspection;
    const types = decideTypes(this.#profiles, inspection.dialect.delimiter);
    return {
      ...inspection,
      typesFrom: "whole",
      columns: inspection.columns.map((column, index) => ({
        name: column.name,
        source: column.source,
        position: column.position,
        isSelected: column.isSelected,
        type: { kind: "string" },
        notes: [],
        ...types[index],
      })),
    };
  }

  #notes(): Text[] {
    const notes: Text[] = [];
    if (this.#blankLines > 0) {
      notes.push({
        es: `${this.#blankLines} línea(s) en blanco, que no cuentan como filas.`,
        en: `${this.#blankLines} blank line(s), which count as no rows.`,
      });
    }
    if (this.#foreignRecords > 0) {
      notes.push({
        es: `${this.#foreignRecords} fila(s) no eran UTF-8 y se han leído como windows-1252.`,
        en: `${this.#foreignRecords} row(s) were not UTF-8 and were read as windows-1252.`,
      });
    }
    if (this.lostCharacters > 0) {
      notes.push({
        es: `${this.lostCharacters} carácter(es) no existen en ${this.#inspection.encoding}: quedan como \ufffd.`,
        en: `${this.lostCharacters} character(s) don't exist in ${this.#inspection.encoding}: they are now \ufffd.`,
      });
    }
    return notes;
  }
}

function nothingReadable(path: string, counts: ReadonlyMap<RejectReason, number>): UserError {
  const list = [...counts].map(([reason, count]) => `${reason} ${count}`).join(", ");
  return new UserError({
    fault: "data",
    code: "csv-no-rows",
    what: {
      es: `Ninguna línea se puede leer como fila (${list}).`,
      en: `No line can be read as a row (${list}).`,
    },
    where: path,
    next: [
      {
        es: "corrige delimitador, comillas o tipos en un fichero de esquema y pásalo con --schema",
        en: "correct delimiter, quotes or types in a schema file and pass it with --schema",
      },
    ],
  });
}
