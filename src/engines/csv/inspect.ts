import type { Text } from "../../core/text.ts";
import { byteSource } from "./byte-source.ts";
import { declaredColumns, inferColumns, nameNotes } from "./columns.ts";
import { emptyError, tooWideError } from "./errors.ts";
import type { CsvInspection, FileDialect } from "./inspection.ts";
import { findLayout } from "./layout.ts";
import { readSample, type Sample } from "./sample.ts";
import { sampleRecords } from "./sample-records.ts";
import type { CsvSchema } from "./schema-file.ts";
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
  if (headers.length > MAX_COLUMNS) throw tooWideError(path, headers.length);
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

/** An engine takes a minute or more to plan a query over this many. */
const MAX_COLUMNS = 10_000;

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
