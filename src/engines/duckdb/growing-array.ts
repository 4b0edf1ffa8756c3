type Growable = Uint8Array | Uint32Array | Int32Array | Float64Array | BigInt64Array;

const FIRST_ROWS = 2_048;
const MOST_ROWS = 131_072;

/**
 * Collects the values of a streamed result, which does not say how many there will be. Full blocks stay where
 * they are until the end, so that each value is copied once more and not at every growth.
 */
export class GrowingArray<A extends Growable> {
  /** The block that has the room of the last {@link reserve}. */
  array: A;
  readonly #create: (length: number) => A;
  readonly #full: { readonly block: A; readonly length: number }[] = [];
  #fullLength = 0;
  #length = 0;

  constructor(create: (length: number) => A) {
    this.#create = create;
    this.array = create(FIRST_ROWS);
  }

  /** Makes room for `rows` values in one block, {@link array}, and gives the position of the first in it. */
  reserve(rows: number): number {
    if (this.#length + rows > this.array.length) {
      this.#full.push({ block: this.array, length: this.#length });
      this.#fullLength += this.#length;
      this.array = this.#create(Math.max(rows, Math.min(MOST_ROWS, this.array.length * 4)));
      this.#length = 0;
    }
    const start = this.#length;
    this.#length += rows;
    return start;
  }

  /** The values, in memory of their own size (a view on a larger buffer would cross processes whole). */
  finish(): A {
    if (this.#full.length === 0 && this.#length === this.array.length) return this.array;
    const exact = this.#create(this.#fullLength + this.#length);
    let at = 0;
    for (const { block, length } of [...this.#full, { block: this.array, length: this.#length }]) {
      copyInto(exact, at, block, length);
      at += length;
    }
    return exact;
  }
}

function copyInto(target: Growable, at: number, source: Growable, length: number): void {
  const width = source.BYTES_PER_ELEMENT;
  new Uint8Array(target.buffer, target.byteOffset + at * width).set(
    new Uint8Array(source.buffer, source.byteOffset, length * width),
  );
}

/** One byte a row from one bit a row; stays absent until the first null. */
export class GrowingValidity {
  #bytes: GrowingArray<Uint8Array> | undefined;
  #rows = 0;

  /** Adds `rows` rows; `onNull` is told the position in the chunk of each row without a value. */
  add(bits: Uint8Array | undefined, rows: number, onNull: (row: number) => void): void {
    if (bits !== undefined && this.#bytes === undefined && hasNull(bits, rows)) {
      this.#bytes = new GrowingArray((n) => new Uint8Array(n));
      const start = this.#bytes.reserve(this.#rows);
      this.#bytes.array.fill(1, start, start + this.#rows);
    }
    this.#rows += rows;
    if (this.#bytes === undefined) return;
    const start = this.#bytes.reserve(rows);
    const target = this.#bytes.array;
    if (bits === undefined) {
      target.fill(1, start, start + rows);
      return;
    }
    for (let row = 0; row < rows; row++) {
      const valid = ((bits[row >> 3] ?? 0) >> (row & 7)) & 1;
      target[start + row] = valid;
      if (valid === 0) onNull(row);
    }
  }

  finish(): Uint8Array | undefined {
    return this.#bytes?.finish();
  }
}

function hasNull(bits: Uint8Array, rows: number): boolean {
  const wholeBytes = rows >> 3;
  for (let i = 0; i < wholeBytes; i++) if (bits[i] !== 0xff) return true;
  const rest = (1 << (rows & 7)) - 1;
  return ((bits[wholeBytes] ?? 0) & rest) !== rest;
}
