type Growable = Uint8Array | Uint32Array | Int32Array | Float64Array | BigInt64Array;

const FIRST_ROWS = 2_048;

/** A typed array that doubles as rows come, because a streamed result does not say how many there will be. */
export class GrowingArray<A extends Growable> {
  array: A;
  readonly #create: (length: number) => A;
  #length = 0;

  constructor(create: (length: number) => A) {
    this.#create = create;
    this.array = create(FIRST_ROWS);
  }

  /** Makes room for `rows` more and gives the position of the first. */
  reserve(rows: number): number {
    const start = this.#length;
    this.#length += rows;
    if (this.#length > this.array.length) {
      const larger = this.#create(Math.max(this.#length, this.array.length * 2));
      copyInto(larger, this.array);
      this.array = larger;
    }
    return start;
  }

  /** The values, in memory of their own size (a view on a larger buffer would cross processes whole). */
  finish(): A {
    if (this.#length === this.array.length) return this.array;
    const exact = this.#create(this.#length);
    copyInto(exact, this.array, this.#length);
    return exact;
  }
}

function copyInto(target: Growable, source: Growable, length = source.length): void {
  new Uint8Array(target.buffer, target.byteOffset).set(
    new Uint8Array(source.buffer, source.byteOffset, length * source.BYTES_PER_ELEMENT),
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
      this.#bytes.reserve(this.#rows);
      this.#bytes.array.fill(1, 0, this.#rows);
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
