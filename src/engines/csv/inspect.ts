import type { Text } from "../../core/text.ts";
import { type ByteSource, byteSource, readHead } from "./byte-source.ts";
import { ColumnProfile } from "./column-profile.ts";
import { decideTypes } from "./column-type.ts";
import { decoderOf, detectEncoding } from "./encoding.ts";
import { emptyError } from "./errors.ts";
import { binaryError, isBinary, refusalFor } from "./file-kind.ts";
import type { CsvColumn, CsvInspection, FileDialect } from "./inspection.ts";
import { findLayout } from "./layout.ts";
import { safeNames } from "./names.ts";
import { type SampleRecord, sampleRecords } from "./sample-records.ts";
import { type CsvSchema, schemaError } from "./schema-file.ts";
import { sniffDialect, usualFieldCount } from "./sniff.ts";

export interface InspectOptions {
  /** Bytes looked at; default 1 MiB, more when the first lines are longer. */
  readonly sampleBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What a schema file says: nothing is inferred then. */
  readonly schema?: CsvSchema | undefined;
}

/**
 * Looks at the start of a file and says how it is to be read: encoding, dialect, columns, types so far. With a
 * schema, that is what the schema says, checked against the header. A file that is no CSV (missing, empty, a
 * folder, binary, another format) is a UserError of fault data or environment.
 */
export async function inspectCsv(path: string, options: InspectOptions = {}): Promise<CsvInspection> {
  const source = await byteSource(path);
  const { schema } = options;
  const sample = await readSample(source, { ...options, encoding: schema?.encoding });
  const seen = schema === undefined ? sniff(sample, path) : declared(sample, schema);
  const { dialect, headers } = seen;
  const { records } = sampleRecords(
    sample.text,
    sample.isWhole,
    { ...dialect, expectedFields: headers.length },
    MAX_RECORDS,
  );
  const rows = dialect.hasHeader ? records.slice(1) : records;
  const columns =
    schema === undefined ? inferColumns(headers, rows, dialect) : declaredColumns(headers, schema, path);
  return {
    path,
    sizeBytes: source.sizeBytes,
    compression: source.compression,
    encoding: sample.encoding,
    dialect,
    columns,
    typesFrom: schema === undefined ? "sample" : "declared",
    sampleRows: rows.slice(0, 10).map((row) => row.cells),
    notes: schema === undefined ? [...sample.notes, ...seen.notes, ...nameNotes(columns)] : [],
  };
}

/** Types are settled later, on every row: these are for a first look. */
const MAX_RECORDS = 3000;

interface Seen {
  readonly dialect: FileDialect;
  readonly headers: readonly string[];
  readonly notes: readonly Text[];
}

function sniff(sample: Sample, path: string): Seen {
  const fields = sniffDialect(sample.text, sample.isWhole);
  const layout = findLayout(sample.text, sample.isWhole, fields);
  if (layout === undefined) throw emptyError(path);
  const { hasHeader, skipLines, headers, notes } = layout;
  return { dialect: { ...fields, hasHeader, skipLines }, headers, notes };
}

/** The dialect that a schema says; the headers are those of the file, as many as its columns. */
function declared(sample: Sample, schema: CsvSchema): Seen {
  const { delimiter, quote, skipSpaceBeforeQuote, skipLines, header } = schema;
  const marks = { delimiter, quote, escape: schema.escape };
  const dialect: FileDialect = { ...marks, skipSpaceBeforeQuote, skipLines, hasHeader: header };
  const open = { ...dialect, expectedFields: 0 };
  const { records } = sampleRecords(sample.text, sample.isWhole, open, 400);
  const [first, ...rest] = records;
  const usual = usualFieldCount(header && rest.length > 0 ? rest : records);
  const last = Math.max(...schema.columns.map((column) => column.position));
  const names = header ? (first?.cells ?? []) : [];
  const isTrailing = usual === names.length && names.at(-1) === "" && usual === last + 1;
  const width = Math.max(last, isTrailing ? last : header && names.length > last ? names.length : usual);
  return { dialect, headers: Array.from({ length: width }, (_, index) => names[index] ?? ""), notes: [] };
}

function declaredColumns(headers: readonly string[], schema: CsvSchema, path: string): CsvColumn[] {
  const byPosition = new Map(schema.columns.map((column) => [column.position, column]));
  const names = safeNames(
    headers.map((header, index) => byPosition.get(index + 1)?.name ?? `unused_${header}`),
  );
  return headers.map((source, index): CsvColumn => {
    const column = byPosition.get(index + 1);
    const name = names[index] ?? "";
    const base = { name, source, position: index + 1, notes: [] };
    if (column === undefined) return { ...base, type: { kind: "string" }, isSelected: false };
    if (schema.header && column.source !== undefined && column.source !== source) {
      throw schemaError(path, {
        es: `La columna ${index + 1} se llama «${source}» en el fichero y «${column.source}» en el esquema.`,
        en: `Column ${index + 1} is called "${source}" in the file and "${column.source}" in the schema.`,
      });
    }
    return { ...base, type: column.type, format: column.format, nulls: column.nulls, isSelected: true };
  });
}

function inferColumns(
  headers: readonly string[],
  rows: readonly SampleRecord[],
  dialect: FileDialect,
): CsvColumn[] {
  const profiles = headers.map(() => new ColumnProfile());
  for (const row of rows) {
    profiles.forEach((profile, index) => {
      const cell = Buffer.from(row.cells[index] ?? "");
      if (!profile.isClosed) profile.add(cell, 0, cell.length, row.line);
    });
  }
  const types = decideTypes(profiles, dialect.delimiter);
  const names = safeNames(headers);
  return headers.map((source, index): CsvColumn => {
    const { type, format, nulls, notes } = types[index] ?? { type: { kind: "string" }, notes: [] };
    return {
      name: names[index] ?? "",
      source,
      position: index + 1,
      type,
      format,
      nulls,
      notes,
      isSelected: true,
    };
  });
}

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
  options: InspectOptions & { readonly encoding?: string | undefined },
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

function nameNotes(columns: readonly CsvColumn[]): Text[] {
  const renamed = columns.filter((column) => column.source !== "" && column.source !== column.name);
  const [first] = renamed;
  if (first === undefined) return [];
  const was = first.source.length > 40 ? `${first.source.slice(0, 40)}…` : first.source;
  return [
    {
      es: `${renamed.length} nombre(s) cambian para poder usarlos en SQL; el primero: «${was}» → ${first.name}.`,
      en: `${renamed.length} name(s) change so that SQL can use them; the first: "${was}" → ${first.name}.`,
    },
  ];
}
