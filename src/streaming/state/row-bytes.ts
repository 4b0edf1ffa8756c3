import type { Column, DataType, Field, Table } from "../../core/table.ts";

/**
 * Values of a row as bytes, to be a key or a stored row: a value is 1 byte (0 = null, then nothing more) and its
 * bytes: 1 for a boolean, 4 for int32 and date, 8 for the others, and for a text its length in 4 bytes and UTF-8.
 * Equal values have equal bytes (−0 is 0, one NaN).
 */
export class RowWriter {
  bytes = new Uint8Array(256);
  length = 0;
  private words = new Int32Array(2);
  private double = new Float64Array(this.words.buffer);
  private readonly text = new TextEncoder();

  clear(): void {
    this.length = 0;
  }

  /** Appends a column's value in one row. */
  write(column: Column, row: number): void {
    this.need(13);
    if (column.validity !== undefined && column.validity[row] === 0) {
      this.bytes[this.length++] = 0;
      return;
    }
    this.bytes[this.length++] = 1;
    switch (column.kind) {
      case "boolean":
        this.bytes[this.length++] = column.values[row] ?? 0;
        return;
      case "int32":
      case "date":
        this.word(column.values[row] ?? 0);
        return;
      case "float64":
        this.number(column.values[row] ?? 0);
        return;
      case "string":
        this.string(column.values[row] ?? "");
        return;
      case "dictionary":
        this.string(column.dictionary[column.codes[row] ?? 0] ?? "");
        return;
      default: {
        const { values } = column;
        const words = new Int32Array(values.buffer, values.byteOffset + row * 8, 2);
        this.word(words[0] ?? 0);
        this.word(words[1] ?? 0);
      }
    }
  }

  /** Appends a time in microseconds (a window's edge) as a timestamp that is not null. */
  writeTime(micros: number): void {
    this.need(13);
    this.bytes[this.length++] = 1;
    const high = Math.floor(micros / 4_294_967_296);
    this.word(micros - high * 4_294_967_296);
    this.word(high);
  }

  private number(value: number): void {
    this.double[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    this.word(this.words[0] ?? 0);
    this.word(this.words[1] ?? 0);
  }

  private word(value: number): void {
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = value;
    bytes[at++] = value >>> 8;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
    this.length = at;
  }

  private string(text: string): void {
    this.need(8 + text.length * 3);
    const lengthAt = this.length;
    const start = lengthAt + 4;
    const { bytes } = this;
    let at = start;
    let i = 0;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) break;
      bytes[at++] = code;
    }
    if (i < text.length) at = start + this.text.encodeInto(text, bytes.subarray(start)).written;
    this.word(at - start);
    this.length = at;
  }

  private need(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array((this.length + more) * 2);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Builds a table from rows of bytes that {@link RowWriter} wrote, `rows` of them at most. */
export class RowReader {
  private readonly builders: Builder[];
  private readonly fields: readonly Field[];
  private rows = 0;

  constructor(fields: readonly Field[], capacity: number) {
    this.fields = fields;
    this.builders = fields.map((field) => builderOf(field.type, capacity));
  }

  /** Reads one row's values from `bytes[at…]`; gives where the next byte is. */
  read(bytes: Uint8Array, at: number): number {
    let next = at;
    for (const builder of this.builders) next = builder.read(bytes, next, this.rows);
    this.rows++;
    return next;
  }

  /** A row that has no value in any column. */
  readNulls(): void {
    for (const builder of this.builders) builder.setNull(this.rows);
    this.rows++;
  }

  table(): Table {
    return {
      fields: this.fields,
      columns: this.builders.map((builder) => builder.column(this.rows)),
      rowCount: this.rows,
    };
  }
}

interface Builder {
  read(bytes: Uint8Array, at: number, row: number): number;
  setNull(row: number): void;
  column(rows: number): Column;
}

const decoder = new TextDecoder();

function builderOf(type: DataType, capacity: number): Builder {
  const validity = new Uint8Array(capacity);
  let nulls = 0;
  const setNull = (row: number): void => {
    validity[row] = 0;
    nulls++;
  };
  const valid = (rows: number): Uint8Array | undefined =>
    nulls === 0 ? undefined : validity.subarray(0, rows);
  const builder = (
    width: (bytes: Uint8Array, at: number, row: number) => number,
    column: (rows: number) => Column,
  ): Builder => ({
    read: (bytes, at, row) => {
      if (bytes[at] === 0) {
        setNull(row);
        return at + 1;
      }
      validity[row] = 1;
      return at + 1 + width(bytes, at + 1, row);
    },
    setNull,
    column,
  });
  switch (type.kind) {
    case "boolean": {
      const values = new Uint8Array(capacity);
      return builder(
        (bytes, at, row) => {
          values[row] = bytes[at] ?? 0;
          return 1;
        },
        (rows) => ({ kind: "boolean", values: values.subarray(0, rows), validity: valid(rows) }),
      );
    }
    case "int32":
    case "date": {
      const values = new Int32Array(capacity);
      return builder(
        (bytes, at, row) => {
          values[row] = wordAt(bytes, at);
          return 4;
        },
        (rows) => ({ kind: type.kind, values: values.subarray(0, rows), validity: valid(rows) }),
      );
    }
    case "string": {
      const values: string[] = [];
      return {
        ...builder(
          (bytes, at, row) => {
            const length = wordAt(bytes, at);
            values[row] = textAt(bytes, at + 4, length);
            return 4 + length;
          },
          (rows) => ({
            kind: "string",
            values: Array.from({ length: rows }, (_, row) => values[row] ?? ""),
            validity: valid(rows),
          }),
        ),
      };
    }
    default: {
      const words = new Int32Array(capacity * 2);
      return builder(
        (bytes, at, row) => {
          words[row * 2] = wordAt(bytes, at);
          words[row * 2 + 1] = wordAt(bytes, at + 4);
          return 8;
        },
        (rows) =>
          type.kind === "float64"
            ? { kind: "float64", values: new Float64Array(words.buffer, 0, rows), validity: valid(rows) }
            : { kind: type.kind, values: new BigInt64Array(words.buffer, 0, rows), validity: valid(rows) },
      );
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  if (length > 24) return decoder.decode(bytes.subarray(at, at + length));
  let text = "";
  for (let i = at; i < at + length; i++) {
    const code = bytes[i] ?? 0;
    if (code > 127) return decoder.decode(bytes.subarray(at, at + length));
    text += String.fromCharCode(code);
  }
  return text;
}
