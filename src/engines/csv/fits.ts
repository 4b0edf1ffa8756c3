import { type ValueFormat, valueFormat } from "./formats.ts";
import type { CsvColumn } from "./inspection.ts";
import { BARE_EXPONENT, BIG, BLANK, CH, EN, EXPONENT, NUMBERS, newShape, TRUTH } from "./shape.ts";
import { readShape } from "./value-shape.ts";

const shape = newShape();

type Readable = Exclude<ValueFormat, { kind: "text" }>;

/** Says of the values of a column whose type was declared whether they are of it. */
export class FitCheck {
  /** Values have spaces around them, or are nothing but spaces or an empty pair of quotes. */
  isPadded = false;
  hasBlanks = false;
  readonly #column: CsvColumn;
  readonly #format: Readable;
  readonly #nulls: ReadonlySet<string>;

  constructor(column: CsvColumn, format: Readable) {
    this.#column = column;
    this.#format = format;
    this.#nulls = new Set(column.nulls);
  }

  fits(bytes: Uint8Array, start: number, end: number): boolean {
    readShape(bytes, start, end, shape);
    if ((shape.flags & BLANK) !== 0) {
      this.hasBlanks = true;
      return true;
    }
    if (shape.end - shape.start < end - start) this.isPadded = true;
    if (hasShape(this.#column, this.#format)) return true;
    if (this.#nulls.size === 0) return false;
    return this.#nulls.has(Buffer.from(bytes.subarray(shape.start, shape.end)).toString("utf8"));
  }
}

/** The check for a column; undefined for text, which takes anything, and for one that is left out. */
export function fitCheck(column: CsvColumn): FitCheck | undefined {
  const format = valueFormat(column.type, column.format);
  if (format === undefined || format.kind === "text" || !column.isSelected) return undefined;
  return new FitCheck(column, format);
}

function hasShape(column: CsvColumn, format: Readable): boolean {
  switch (format.kind) {
    case "date":
      return (
        (shape.mask & format.shape) !== 0 && String.fromCharCode(shape.dateSeparator) === format.separator
      );
    case "truth":
      return (shape.pairs & (1 << format.pair)) !== 0 && shape.mask === TRUTH;
    case "number":
      return hasNumber(column, format);
  }
}

function hasNumber(column: CsvColumn, format: Extract<ValueFormat, { kind: "number" }>): boolean {
  if ((shape.mask & format.shape & NUMBERS) === 0) return false;
  const isEnglish = format.shape === EN || format.shape === CH;
  const digits = isEnglish ? shape.enDigits : shape.esDigits;
  const scale = isEnglish ? shape.enScale : shape.esScale;
  // A group mark where the format has none: the value as a whole is then readable only with it.
  if (!format.isGrouped && isGroupedAs(format.shape)) return false;
  const { type } = column;
  switch (type.kind) {
    case "int32":
    case "int64":
      if (scale > 0 || (shape.flags & (EXPONENT | BIG | BARE_EXPONENT)) !== 0) return false;
      return type.kind === "int64" || digits <= 9;
    case "decimal":
      return (shape.flags & EXPONENT) === 0 && scale <= type.scale && digits <= type.precision - type.scale;
    default:
      return true;
  }
}

function isGroupedAs(bit: number): boolean {
  // The grouped flags stand in the order of the conventions.
  return (shape.flags & bit) !== 0;
}
