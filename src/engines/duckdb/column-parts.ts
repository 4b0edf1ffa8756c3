type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array | BigInt64Array;

/**
 * The values of a column as its chunks come; how many there will be is not known. They are joined once, at
 * the end, in memory of their own size (a view on a larger buffer would cross processes whole).
 */
export class ColumnParts<A extends Numbers> {
  readonly #create: (length: number) => A;
  readonly #parts: A[] = [];
  #length = 0;

  constructor(create: (length: number) => A) {
    this.#create = create;
  }

  /** Takes the part over: nobody else may write to it. */
  push(part: A): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  join(): A {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1 && first.byteLength === first.buffer.byteLength)
      return first;
    const whole = this.#create(this.#length);
    const bytes = new Uint8Array(whole.buffer);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    return whole;
  }
}

/** One byte a row from one bit a row; absent when nothing is null. */
export class ValidityParts {
  readonly #parts = new ColumnParts((length) => new Uint8Array(length));
  #hasNull = false;
  #rowsBefore = 0;

  /** Adds `rows` rows; `onNull` is told the position in the chunk of each row without a value. */
  push(bits: Uint8Array | undefined, rows: number, onNull: (row: number) => void): void {
    if (bits === undefined || !hasNull(bits, rows)) {
      if (this.#hasNull) this.#parts.push(new Uint8Array(rows).fill(1));
      else this.#rowsBefore += rows;
      return;
    }
    if (!this.#hasNull) this.#parts.push(new Uint8Array(this.#rowsBefore).fill(1));
    this.#hasNull = true;
    const part = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) {
      const valid = ((bits[row >> 3] ?? 0) >> (row & 7)) & 1;
      part[row] = valid;
      if (valid === 0) onNull(row);
    }
    this.#parts.push(part);
  }

  join(): Uint8Array | undefined {
    return this.#hasNull ? this.#parts.join() : undefined;
  }
}

function hasNull(bits: Uint8Array, rows: number): boolean {
  const wholeBytes = rows >> 3;
  for (let i = 0; i < wholeBytes; i++) if (bits[i] !== 0xff) return true;
  const rest = (1 << (rows & 7)) - 1;
  return ((bits[wholeBytes] ?? 0) & rest) !== rest;
}
