import fc from "fast-check";
import type { Cell, DataType, Field, Table } from "../../src/core/table.ts";
import { tableFromRows } from "../../src/core/table-build.ts";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** DuckDB's timestamps end before int64 does: years -290307 to 294246 of JavaScript's dates are inside. */
const MICROS = { min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n };

const dataType: fc.Arbitrary<DataType> = fc.oneof(
  fc.constantFrom<DataType>(
    { kind: "boolean" },
    { kind: "int32" },
    { kind: "int64" },
    { kind: "float64" },
    { kind: "string" },
    { kind: "date" },
    { kind: "timestamp" },
  ),
  fc
    .integer({ min: 1, max: 18 })
    .chain((precision) =>
      fc
        .integer({ min: 0, max: precision })
        .map((scale): DataType => ({ kind: "decimal", precision, scale })),
    ),
);

function cell(type: DataType): fc.Arbitrary<Cell> {
  switch (type.kind) {
    case "boolean":
      return fc.boolean();
    case "int32":
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case "int64":
      return fc.bigInt({ min: MIN_INT64, max: MAX_INT64 });
    case "float64":
      return fc.double();
    case "decimal": {
      const most = 10n ** BigInt(type.precision) - 1n;
      return fc.bigInt({ min: -most, max: most }).map((value) => decimalText(value, type.scale));
    }
    case "string":
      return fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.constantFrom("", "ES", "0123456789ab", "0123456789abc", "ñandú", "a\0b", " ", "NULL"),
      );
    case "date":
      return fc.integer({ min: -700_000, max: 2_900_000 }).map(dateText);
    case "timestamp":
      return fc.bigInt(MICROS).map(timestampText);
  }
}

/** A table of up to eight columns of any types, with nulls, of up to `maxRows` rows. */
export function anyTable(maxRows: number): fc.Arbitrary<Table> {
  return fc.array(dataType, { minLength: 1, maxLength: 8 }).chain((types) => {
    const fields: Field[] = types.map((type, i) => ({ name: `column ${i} "ñ"`, type, nullable: true }));
    const row = fc.tuple(...types.map((type) => fc.option(cell(type), { freq: 4, nil: null })));
    return fc.array(row, { maxLength: maxRows, size: "max" }).map((rows) =>
      tableFromRows(
        fields,
        rows.map((cells) => Object.fromEntries(fields.map((field, i) => [field.name, cells[i] ?? null]))),
      ),
    );
  });
}

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

function timestampText(micros: bigint): string {
  const millis = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n);
  const iso = new Date(Number(millis)).toISOString();
  return `${iso.slice(0, -1)}${String(micros - millis * 1000n).padStart(3, "0")}`;
}
