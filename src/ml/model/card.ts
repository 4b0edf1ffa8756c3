import { type Column, formatType, isNull, stringAt, type Table } from "../../core/table.ts";

/** Where a model comes from. */
export interface TrainingCard {
  /** {@link hashTable} of the training rows, or a hash in the caller's form. */
  readonly dataHash: string;
  readonly rows: number;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** What has fitted the model, with its version. */
  readonly library: string;
}

/** The version that the cards of this library name; a test holds it to the package's. */
export const ML_LIBRARY = "taller 0.1.0";

/** The card of a model fitted on these rows. */
export function trainingCard(
  train: Table,
  given: {
    readonly seed: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly library?: string;
  },
): TrainingCard {
  const { seed, metrics, library = ML_LIBRARY } = given;
  return { dataHash: hashTable(train), rows: train.rowCount, seed, metrics, library };
}

/**
 * 16 hexadecimal digits that change when a name, a type, a value or the order of the rows does, and not with how a
 * column is stored (a dictionary, a validity without a null). Not for secrets: two lanes of MurmurHash3's 32-bit mix.
 */
export function hashTable(table: Table): string {
  const hash = new TwoLanes();
  table.fields.forEach((field, j) => {
    hash.text(`${field.name}\0${formatType(field.type)}`);
    const column = table.columns[j];
    if (column !== undefined) hashColumn(hash, column, table.rowCount);
  });
  return hash.digest();
}

function hashColumn(hash: TwoLanes, column: Column, rowCount: number): void {
  const bytes = new DataView(new ArrayBuffer(8));
  for (let row = 0; row < rowCount; row++) {
    if (isNull(column, row)) {
      hash.word(0x6e756c6c);
      continue;
    }
    switch (column.kind) {
      case "string":
      case "dictionary":
        hash.text(stringAt(column, row) ?? "");
        continue;
      case "int64":
      case "decimal":
      case "timestamp":
        bytes.setBigInt64(0, column.values[row] ?? 0n);
        break;
      default: {
        // −0 and the payload of a NaN are not differences that a model sees.
        const value = column.values[row] as number;
        bytes.setFloat64(0, value === 0 ? 0 : value);
        if (Number.isNaN(value)) bytes.setFloat64(0, Number.NaN);
      }
    }
    hash.word(bytes.getInt32(0));
    hash.word(bytes.getInt32(4));
  }
}

class TwoLanes {
  private a = 0x9e3779b9 | 0;
  private b = 0x85ebca6b | 0;
  private count = 0;

  word(value: number): void {
    this.count++;
    this.a = mix(this.a, Math.imul(value, 0xcc9e2d51 | 0), 15, 13);
    this.b = mix(this.b, Math.imul(value, 0x1b873593), 17, 11);
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
    this.word(0x74000000 | (value.length & 0xffffff));
  }

  digest(): string {
    const hex = (lane: number): string =>
      finish(lane ^ this.count)
        .toString(16)
        .padStart(8, "0");
    return hex(this.a) + hex(this.b);
  }
}

function mix(lane: number, value: number, first: number, second: number): number {
  const turned = Math.imul((value << first) | (value >>> (32 - first)), 0x85ebca6b);
  const next = lane ^ turned;
  return (Math.imul((next << second) | (next >>> (32 - second)), 5) + 0xe6546b64) | 0;
}

function finish(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
