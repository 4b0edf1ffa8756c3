import type { Text } from "../../core/text.ts";
import { type SampleRecord, sampleRecords } from "./sample-records.ts";
import { DATES, NUMBERS, newShape } from "./shape.ts";
import { type FieldDialect, openScan, separatorLine, usualFieldCount } from "./sniff.ts";
import { readShape } from "./value-shape.ts";

/** Where the data of a file begins and how many columns it has. */
export interface Layout {
  readonly skipLines: number;
  readonly hasHeader: boolean;
  /** As found; one for each column, "" where there is none. */
  readonly headers: readonly string[];
  readonly notes: readonly Text[];
}

/**
 * Finds header and columns in a UTF-8 sample: lines above the first record of the usual length are a title or
 * comments; a first record over columns of numbers or dates that is neither is a header. When all is text,
 * the first record is taken for a header unless it comes again below. Undefined when the sample has no record.
 */
export function findLayout(sample: Uint8Array, isWhole: boolean, dialect: FieldDialect): Layout | undefined {
  const { records } = sampleRecords(sample, isWhole, openScan(dialect), 2000);
  const usual = usualFieldCount(records);
  if (usual === 0) return undefined;
  const alike = records.filter((record) => record.cells.length === usual);
  const hasTrailing =
    usual > 1 && alike.every(({ cells, isQuoted }) => cells.at(-1) === "" && !isQuoted.at(-1));
  const width = hasTrailing ? usual - 1 : usual;
  const fits = (record: SampleRecord) =>
    record.cells.length === width || (record.cells.length === width + 1 && record.cells.at(-1) === "");
  const hasSeparatorLine = separatorLine(sample) !== undefined;
  const first = firstOfTable(records, fits, hasSeparatorLine);
  const head = records[first];
  if (head === undefined) return undefined;
  const above = records[first - 1];
  const body = records.slice(first + 1).filter(fits);
  if (above !== undefined && isShortHeader(above, head, width)) {
    return {
      skipLines: above.line - 1,
      hasHeader: true,
      headers: ["row_name", ...above.cells],
      notes: [...skipNotes(records.slice(0, first - 1)), SHORT_HEADER],
    };
  }
  const verdict = judgeHeader(head, body, width);
  const headers = Array.from({ length: width }, (_, i) => (verdict.hasHeader ? (head.cells[i] ?? "") : ""));
  return {
    skipLines: first === 0 ? 0 : head.line - 1,
    hasHeader: verdict.hasHeader,
    headers,
    notes: [...skipNotes(records.slice(hasSeparatorLine ? 1 : 0, first)), ...verdict.notes],
  };
}

/** The index of the first record of the usual length that is not a comment. */
function firstOfTable(
  records: readonly SampleRecord[],
  fits: (record: SampleRecord) => boolean,
  hasSeparatorLine: boolean,
): number {
  let first = hasSeparatorLine ? 1 : 0;
  while (first < records.length) {
    const record = records[first];
    const next = records[first + 1];
    if (record !== undefined && fits(record)) {
      const isComment = record.cells[0]?.startsWith("#") === true && next !== undefined && fits(next);
      // `#id,name` over data is a header; a `#` line over a line of names is a comment.
      if (!isComment || next.cells.some(isValue)) return first;
    }
    first++;
  }
  return records.findIndex(fits);
}

/** R writes row names without a name for their column: a header of one field less. */
function isShortHeader(above: SampleRecord, head: SampleRecord, width: number): boolean {
  return (
    width >= 3 &&
    above.cells.length === width - 1 &&
    above.cells.every((cell) => cell !== "" && !cell.startsWith("#") && !isValue(cell)) &&
    head.cells.some(isValue)
  );
}

function judgeHeader(
  head: SampleRecord,
  body: readonly SampleRecord[],
  width: number,
): { hasHeader: boolean; notes: Text[] } {
  const values = head.cells.filter(isValue);
  if (body.length === 0) return { hasHeader: values.length === 0, notes: [] };
  const rows = body.slice(0, 300);
  let namesOverValues = 0;
  let comesAgain = false;
  for (let column = 0; column < width; column++) {
    const name = head.cells[column] ?? "";
    if (name.trim() === "" || isValue(name)) continue;
    const cells = rows.map((row) => row.cells[column] ?? "").filter((cell) => cell.trim() !== "");
    if (cells.length > 0 && cells.filter(isValue).length >= cells.length * 0.8) namesOverValues++;
    if (cells.includes(name)) comesAgain = true;
  }
  const areNamesNumbers = values.length > 0 && values.every((cell) => /^\d{1,4}$/.test(cell.trim()));
  const areDistinct = new Set(values).size === values.length;
  if (namesOverValues > 0)
    return { hasHeader: values.length === 0 || (areNamesNumbers && areDistinct), notes: [] };
  if (values.length > 0) {
    const isYears =
      areDistinct && values.length < width && values.every((cell) => /^(1[89]|20)\d\d$/.test(cell.trim()));
    const repeats = rows.every((row) => row.cells.some((cell) => /^(1[89]|20)\d\d$/.test(cell)));
    return isYears && values.length > 1 && !repeats
      ? { hasHeader: true, notes: [ASSUMED] }
      : { hasHeader: false, notes: [NO_HEADER] };
  }
  if (comesAgain) return { hasHeader: false, notes: [NO_HEADER] };
  return { hasHeader: true, notes: [ASSUMED] };
}

const shape = newShape();

/** True for a number or a date: what a name never is, years aside. */
function isValue(cell: string): boolean {
  const bytes = Buffer.from(cell.slice(0, 64));
  readShape(bytes, 0, bytes.length, shape);
  return (shape.mask & (NUMBERS | DATES)) !== 0;
}

function skipNotes(skipped: readonly SampleRecord[]): Text[] {
  const [first] = skipped;
  if (first === undefined) return [];
  const text = first.cells.join(" ").slice(0, 40);
  return [
    {
      es: `Por encima de los datos hay ${skipped.length} línea(s) que no son filas; la primera: «${text}».`,
      en: `There are ${skipped.length} line(s) above the data that are no rows; the first: "${text}".`,
    },
  ];
}

const ASSUMED: Text = {
  es: "Todo es texto: doy por hecho que la primera línea son los nombres.",
  en: "All is text: I take the first line for the names.",
};

const NO_HEADER: Text = {
  es: "La primera línea parece una fila, no nombres: las columnas van numeradas.",
  en: "The first line looks like a row, not names: the columns are numbered.",
};

const SHORT_HEADER: Text = {
  es: "La cabecera tiene un nombre menos que columnas, como la escribe R: la primera es row_name.",
  en: "The header has one name less than there are columns, as R writes it: the first is row_name.",
};
