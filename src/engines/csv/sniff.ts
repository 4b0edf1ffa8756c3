import type { FileDialect } from "./inspection.ts";
import type { ScanOptions } from "./record.ts";
import { type SampleRecord, type SampleRecords, sampleRecords } from "./sample-records.ts";
import { newShape } from "./shape.ts";
import { readShape } from "./value-shape.ts";

/** How fields are delimited and quoted; the rest of a dialect is found by looking at the records. */
export type FieldDialect = Pick<FileDialect, "delimiter" | "quote" | "escape" | "skipSpaceBeforeQuote">;

/** The records of a sample are enough for the choice of a dialect. */
const MAX_RECORDS = 400;
const USUAL_DELIMITERS = [",", ";", "\t", "|"];
/** A file of one column is read with a delimiter that text does not hold, so that a late comma breaks no row. */
export const NO_DELIMITER = "\u001f";
const RARE_DELIMITERS = ["\u0001", "\u001f", "^", "~"];

/**
 * Chooses delimiter, quote and escape for a UTF-8 sample. The score is that of van den Burg, Nazábal and Sutton
 * ("Wrangling messy CSV files by detecting row and type patterns", 2019) in short: how alike the records are
 * in length, times how many cells look like one clean value.
 */
export function sniffDialect(sample: Uint8Array, isWhole: boolean): FieldDialect {
  const named = separatorLine(sample);
  if (named !== undefined) return quoting(sample, isWhole, named).dialect;
  const present = (delimiters: readonly string[]) =>
    delimiters.filter((delimiter) => sample.includes(delimiter.charCodeAt(0)));
  const usual = bestOf(sample, isWhole, present(USUAL_DELIMITERS));
  if (usual !== undefined && usual.score > 0.3) return usual.dialect;
  const rare = bestOf(sample, isWhole, present(RARE_DELIMITERS));
  const best = rare !== undefined && rare.score > (usual?.score ?? 0) ? rare : usual;
  const single = quoting(sample, isWhole, NO_DELIMITER);
  return best !== undefined && best.score > oneColumnScore(sample, isWhole) ? best.dialect : single.dialect;
}

/** The options to scan a sample without any idea of its columns. */
export function openScan(dialect: FieldDialect): ScanOptions {
  return { ...dialect, expectedFields: 0, hasHeader: false, skipLines: 0 };
}

/** How many fields most records have; the larger number on a tie. */
export function usualFieldCount(records: readonly SampleRecord[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let best = 0;
  let bestCount = 0;
  for (const [fields, count] of counts) {
    if (count > bestCount || (count === bestCount && fields > best)) {
      best = fields;
      bestCount = count;
    }
  }
  return best;
}

/** Excel's first line `sep=;`. */
export function separatorLine(sample: Uint8Array): string | undefined {
  const head = Buffer.from(sample.buffer, sample.byteOffset, Math.min(sample.length, 16)).toString("latin1");
  return /^"?sep=([^\r\n"])"?[\r\n]/i.exec(head)?.[1];
}

interface Scored {
  readonly dialect: FieldDialect;
  readonly score: number;
}

function bestOf(sample: Uint8Array, isWhole: boolean, delimiters: readonly string[]): Scored | undefined {
  let best: Scored | undefined;
  for (const delimiter of delimiters) {
    const { dialect, scan } = quoting(sample, isWhole, delimiter);
    const score = scoreOf(scan, delimiter);
    if (best === undefined || score > best.score) best = { dialect, score };
  }
  return best;
}

function scoreOf(scan: SampleRecords, delimiter: string): number {
  const { records, rejected } = scan;
  const fields = usualFieldCount(records);
  if (fields < 2) return 0;
  const alike = records.filter((record) => record.cells.length === fields);
  if (delimiter === "," && fields === 2 && isOneDecimalColumn(records)) return 0;
  const consistency = alike.length / (records.length + rejected);
  return consistency * cleanShare(alike) * (1 - 1 / (fields + 1));
}

function oneColumnScore(sample: Uint8Array, isWhole: boolean): number {
  const none: FieldDialect = { delimiter: NO_DELIMITER, quote: "", escape: "", skipSpaceBeforeQuote: false };
  const { records } = sampleRecords(sample, isWhole, openScan(none), MAX_RECORDS);
  return records.length === 0 ? 0 : cleanShare(records) * 0.5;
}

/** `precio`, `1,5`, `2,75`: one column with decimal commas, not two of integers. */
function isOneDecimalColumn(records: readonly SampleRecord[]): boolean {
  const [first, ...rest] = records;
  if (first?.cells.length !== 1 || rest.length === 0) return false;
  return rest.every(({ cells, isQuoted }) => cells.every((cell, i) => !isQuoted[i] && /^-?\d+$/.test(cell)));
}

const shape = newShape();

function cleanShare(records: readonly SampleRecord[]): number {
  let sum = 0;
  let cells = 0;
  for (const record of records) {
    const shown = Math.min(record.cells.length, 200);
    for (let i = 0; i < shown; i++) sum += cleanness(record.cells[i] ?? "", record.isQuoted[i] === true);
    cells += shown;
  }
  return cells === 0 ? 0 : sum / cells;
}

function cleanness(cell: string, isQuoted: boolean): number {
  const bytes = Buffer.from(cell.slice(0, 64));
  readShape(bytes, 0, bytes.length, shape);
  if (shape.mask !== 0 || shape.flags !== 0) return 1;
  if (isQuoted) return 0.9;
  return /[,;\t|]/.test(cell) ? 0.2 : 0.8;
}

/** The quote and escape that go with a delimiter, by what stands at the starts of fields and by the fewest bad records. */
function quoting(
  sample: Uint8Array,
  isWhole: boolean,
  delimiter: string,
): { dialect: FieldDialect; scan: SampleRecords } {
  const double = opens(sample, delimiter, '"');
  const single = opens(sample, delimiter, "'");
  const quote = single.closed > double.opened && single.closed >= single.opened * 0.8 ? "'" : '"';
  const counted = quote === '"' ? double : single;
  const base = {
    delimiter,
    quote,
    escape: quote,
    skipSpaceBeforeQuote: counted.afterSpace > counted.opened * 0.2,
  };
  const candidates: FieldDialect[] = [base];
  if (Buffer.from(sample.buffer, sample.byteOffset, sample.length).includes(`\\${quote}`))
    candidates.push({ ...base, escape: "\\" });
  const scans = candidates.map((dialect) => ({
    dialect,
    scan: sampleRecords(sample, isWhole, openScan(dialect), MAX_RECORDS),
  }));
  scans.sort((a, b) => badness(a.scan) - badness(b.scan));
  const [best] = scans;
  if (best !== undefined && badness(best.scan) < 0.5) return best;
  // Quotes that make no sense are letters like any other.
  const none: FieldDialect = { delimiter, quote: "", escape: "", skipSpaceBeforeQuote: false };
  const plain = { dialect: none, scan: sampleRecords(sample, isWhole, openScan(none), MAX_RECORDS) };
  return best === undefined || badness(plain.scan) < badness(best.scan) ? plain : best;
}

function badness({ records, rejected }: SampleRecords): number {
  if (records.length === 0) return 1;
  const fields = usualFieldCount(records);
  const ragged = records.filter((record) => record.cells.length !== fields).length;
  return (rejected + ragged) / (records.length + rejected);
}

/** How often a quote stands at the start of a field (also after spaces), and at the end of one. */
function opens(
  sample: Uint8Array,
  delimiter: string,
  quote: string,
): { opened: number; closed: number; afterSpace: number } {
  const q = quote.charCodeAt(0);
  const d = delimiter.charCodeAt(0);
  const isBorder = (byte: number | undefined) =>
    byte === undefined || byte === d || byte === 10 || byte === 13;
  let opened = 0;
  let closed = 0;
  let afterSpace = 0;
  for (let i = sample.indexOf(q); i >= 0; i = sample.indexOf(q, i + 1)) {
    if (isBorder(sample[i + 1])) closed++;
    if (isBorder(sample[i - 1])) opened++;
    else if (sample[i - 1] === 32) {
      let back = i - 1;
      while (sample[back] === 32) back--;
      if (sample[back] === d) {
        opened++;
        afterSpace++;
      }
    }
  }
  return { opened, closed, afterSpace };
}
