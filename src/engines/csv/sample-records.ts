import { ESCAPED, PLAIN, type ScannedRecord, type ScanOptions } from "./record.ts";
import { RecordScanner } from "./scanner.ts";

/** A record of the sample, with its own copies. */
export interface SampleRecord {
  readonly line: number;
  readonly cells: readonly string[];
  /** True where the cell stands in quotes. */
  readonly isQuoted: readonly boolean[];
}

export interface SampleRecords {
  readonly records: readonly SampleRecord[];
  readonly rejected: number;
}

/** Cuts a sample into records; the last one is left out when the sample ends inside it. */
export function sampleRecords(
  bytes: Uint8Array,
  isWhole: boolean,
  options: ScanOptions,
  maxRecords = Number.POSITIVE_INFINITY,
): SampleRecords {
  const records: SampleRecord[] = [];
  let rejected = 0;
  const scanner = new RecordScanner(options, {
    record: (record) => {
      if (records.length >= maxRecords) return;
      const isQuoted = Array.from(record.kinds.subarray(0, record.fieldCount), (kind) => kind !== PLAIN);
      records.push({ line: record.line, cells: cellsOf(record, options), isQuoted });
    },
    reject: () => {
      rejected++;
    },
    blank: () => {},
  });
  const step = 1 << 16;
  for (let at = 0; at < bytes.length && records.length < maxRecords; at += step) {
    scanner.push(bytes.subarray(at, at + step));
  }
  if (isWhole && records.length < maxRecords) scanner.finish();
  return { records, rejected };
}

/** The texts of a record's fields. */
export function cellsOf(record: ScannedRecord, dialect: { quote: string; escape: string }): string[] {
  const cells: string[] = [];
  for (let field = 0; field < record.fieldCount; field++) cells.push(cellOf(record, field, dialect));
  return cells;
}

function cellOf(record: ScannedRecord, field: number, dialect: { quote: string; escape: string }): string {
  const { bytes } = record;
  const start = record.starts[field] ?? 0;
  const end = record.ends[field] ?? start;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  if (record.kinds[field] !== ESCAPED) return text;
  const { quote } = dialect;
  if (dialect.escape !== "\\") return text.replaceAll(quote + quote, quote);
  return text.replace(/\\(["'\\])|""|''/g, (pair, escaped?: string) => {
    if (escaped === undefined) return pair === quote + quote ? quote : pair;
    return escaped === quote || escaped === "\\" ? escaped : pair;
  });
}
