import {
  ALL_SHAPES,
  BARE_EXPONENT,
  BLANK,
  CH,
  DATES,
  EN,
  ES,
  EXPONENT,
  FR,
  LEADING_ZERO,
  NULL_WORD,
  NUMBERS,
  newShape,
  PHONE,
  SEPARATED,
  type Shape,
  TRUTH,
} from "./shape.ts";
import { readShape } from "./value-shape.ts";
import { ALL_PAIRS } from "./words.ts";

/** A value that ended what a column could have been. */
export interface Misfit {
  readonly line: number;
  readonly text: string;
  readonly flags: number;
}

const shape = newShape();

/** Values fitted before the first misfit from which on the misfits are worth counting. */
const WORTH_COUNTING = 20;

/**
 * What the values of one column have in common, kept up value by value. Feed it until `isClosed`: then the
 * column is text, whatever comes.
 */
export class ColumnProfile {
  /** The shapes that every value so far has. */
  mask = ALL_SHAPES;
  /** The mask before the first misfit; 0 while there is none. */
  maskBefore = 0;
  flags = 0;
  /** Values (not nulls) that fitted, and those that did not after the first misfit. */
  fits = 0;
  misfits = 0;
  firstMisfit: Misfit | undefined = undefined;
  isClosed = false;
  enDigits = 0;
  enScale = 0;
  enMinScale = Number.POSITIVE_INFINITY;
  esDigits = 0;
  esScale = 0;
  esMinScale = Number.POSITIVE_INFINITY;
  minDigits = Number.POSITIVE_INFINITY;
  dateSeparator = 0;
  pairs = ALL_PAIRS;
  hasTrue = false;
  hasFalse = false;
  readonly nullWords = new Set<string>();
  /** Values have spaces around them, or are nothing but spaces or an empty pair of quotes. */
  isPadded = false;
  hasBlanks = false;

  /** Takes one value, `bytes[start, end)`, of the record that starts at `line`. */
  add(bytes: Uint8Array, start: number, end: number, line: number): void {
    if (this.maskBefore === 0 && (this.mask & EN) !== 0 && this.#addPlainNumber(bytes, start, end)) return;
    readShape(bytes, start, end, shape);
    if ((shape.flags & BLANK) !== 0) {
      this.hasBlanks = true;
      return;
    }
    if (shape.end - shape.start < end - start) this.isPadded = true;
    const mask = this.maskBefore === 0 ? this.mask : this.maskBefore;
    const common = mask & this.#usable(shape);
    if (common !== 0) {
      this.fits++;
      if (this.maskBefore === 0) this.#merge(common);
      return;
    }
    if ((shape.flags & NULL_WORD) !== 0) {
      this.nullWords.add(textOf(bytes, shape));
      return;
    }
    this.#misfit(bytes, line);
  }

  /**
   * Most numbers are digits with a point or without: no need to look at them from all sides. False for all
   * that needs a closer look.
   */
  #addPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
    let i = start;
    if (bytes[i] === MINUS) i++;
    const first = i;
    let byte = bytes[i] ?? 0;
    while (i < end && byte >= 48 && byte <= 57) byte = bytes[++i] ?? 0;
    const digits = i - first;
    if (digits === 0 || digits > 15 || (digits > 1 && bytes[first] === 48)) return false;
    let scale = 0;
    if (i < end) {
      // Before the Spanish reading is ruled out, 1.234 has two.
      if (byte !== POINT || (this.mask & ES) !== 0) return false;
      const point = i;
      do byte = bytes[++i] ?? 0;
      while (i < end && byte >= 48 && byte <= 57);
      if (i < end) return false;
      scale = i - point - 1;
      if (scale === 0) return false;
      this.mask &= EN | CH;
      this.flags |= SEPARATED;
    } else {
      this.mask &= NUMBERS;
      if (digits > this.esDigits) this.esDigits = digits;
      this.esMinScale = 0;
    }
    this.fits++;
    if (digits > this.enDigits) this.enDigits = digits;
    if (digits < this.minDigits) this.minDigits = digits;
    if (scale > this.enScale) this.enScale = scale;
    if (scale < this.enMinScale) this.enMinScale = scale;
    return true;
  }

  /** The shapes of a value that keep its meaning: a code with leading zeros is no number. */
  #usable(shape: Shape): number {
    if (shape.mask === 0) return 0;
    if ((shape.flags & (LEADING_ZERO | PHONE | BARE_EXPONENT)) !== 0) return 0;
    if ((shape.mask & DATES) !== 0) {
      return this.dateSeparator === 0 || this.dateSeparator === shape.dateSeparator ? shape.mask : 0;
    }
    if (shape.mask === TRUTH) return (this.pairs & shape.pairs) === 0 ? 0 : TRUTH;
    return shape.mask;
  }

  #merge(common: number): void {
    this.mask = common;
    this.flags |= shape.flags;
    if ((common & NUMBERS) !== 0) {
      if ((shape.mask & EN_LIKE) !== 0) {
        this.enDigits = Math.max(this.enDigits, shape.enDigits);
        this.enScale = Math.max(this.enScale, shape.enScale);
        this.enMinScale = Math.min(this.enMinScale, shape.enScale);
        this.minDigits = Math.min(this.minDigits, shape.enDigits);
      }
      if ((shape.mask & ES_LIKE) !== 0) {
        this.esDigits = Math.max(this.esDigits, shape.esDigits);
        this.esScale = Math.max(this.esScale, shape.esScale);
        this.esMinScale = Math.min(this.esMinScale, shape.esScale);
        this.minDigits = Math.min(this.minDigits, shape.esDigits);
      }
      if ((shape.flags & EXPONENT) !== 0) this.enMinScale = -1;
    } else if ((common & DATES) !== 0) {
      this.dateSeparator = shape.dateSeparator;
    } else {
      this.pairs &= shape.pairs;
      if (shape.isTrue) this.hasTrue = true;
      else this.hasFalse = true;
    }
  }

  #misfit(bytes: Uint8Array, line: number): void {
    this.misfits++;
    if (this.firstMisfit === undefined) {
      this.firstMisfit = { line, text: textOf(bytes, shape), flags: shape.flags };
      this.maskBefore = this.mask;
      this.mask = 0;
    }
    // Text among text: nobody will want to know how many of them were no number.
    if (this.fits < WORTH_COUNTING || this.misfits > 100 + this.fits) this.isClosed = true;
  }
}

const EN_LIKE = EN | CH;
const ES_LIKE = ES | FR;
const MINUS = 45;
const POINT = 46;

/** The value for a note: at most 40 bytes of it. */
function textOf(bytes: Uint8Array, shape: Shape): string {
  const end = Math.min(shape.end, shape.start + 40);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + shape.start, end - shape.start).toString("utf8");
  return end < shape.end ? `${text.replace(/\ufffd+$/, "")}…` : text;
}
