import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Cell,
  cellOf,
  columnOf,
  type DataType,
  formatTimestamp,
  formatType,
  isNull,
  parseType,
  rowsOf,
} from "../../src/core/table.ts";
import {
  concatTables,
  fieldsOf,
  parseDecimal,
  parseTimestamp,
  selectColumns,
  sliceTable,
  tableFromRows,
  takeRows,
} from "../../src/core/table-build.ts";

const fields = fieldsOf({
  flag: { kind: "boolean" },
  small: { kind: "int32" },
  big: { kind: "int64" },
  real: { kind: "float64" },
  money: { kind: "decimal", precision: 12, scale: 2 },
  text: { kind: "string" },
  day: { kind: "date" },
  at: { kind: "timestamp" },
});

const cents = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const day = fc
  .integer({ min: -200_000, max: 200_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const row = fc.record({
  flag: fc.option(fc.boolean()),
  small: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  real: fc.option(fc.double({ noNaN: true })),
  money: fc.option(
    cents.map(
      (value) =>
        `${value < 0n ? "-" : ""}${String(value < 0n ? -value : value)
          .padStart(3, "0")
          .replace(/(\d\d)$/, ".$1")}`,
    ),
  ),
  text: fc.option(fc.string()),
  day: fc.option(day.filter((text) => /^\d{4}-/.test(text))),
  at: fc.option(fc.bigInt({ min: -(10n ** 15n), max: 4n * 10n ** 15n }).map(formatTimestamp)),
});
const rows = fc.array(row, { maxLength: 20 });

describe("table", () => {
  test("rows go in and come out the same, nulls included", () => {
    fc.assert(
      fc.property(rows, (input) => {
        expect(rowsOf(tableFromRows(fields, input))).toEqual(input.map((r) => ({ ...r, real: r.real })));
      }),
    );
  });

  test("a slice, a take and a concat agree with arrays of rows", () => {
    fc.assert(
      fc.property(rows, fc.nat(20), fc.nat(20), (input, a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const table = tableFromRows(fields, input);
        expect(rowsOf(sliceTable(table, from, to))).toEqual(input.slice(from, to));
        const order = input.map((_, index) => input.length - 1 - index);
        expect(rowsOf(takeRows(table, order))).toEqual([...input].reverse());
        const parts = [sliceTable(table, 0, from), sliceTable(table, from, input.length)];
        expect(rowsOf(concatTables(parts))).toEqual(input);
      }),
    );
  });

  test("a column is found whatever its case, and a missing one names those there are", () => {
    const table = tableFromRows(fieldsOf({ Id: { kind: "int32" } }), [{ Id: 1 }]);
    expect(columnOf(table, "id").field.name).toBe("Id");
    expect(() => columnOf(table, "x")).toThrow(/there are: Id/);
    expect(() => selectColumns(table, ["x"])).toThrow(/no column "x"/);
  });

  test("a dictionary column reads as its strings", () => {
    const column = {
      kind: "dictionary",
      codes: Uint32Array.of(1, 0, 1),
      dictionary: ["a", "b"],
      validity: Uint8Array.of(1, 0, 1),
    } as const;
    const field = { name: "x", type: { kind: "string" }, nullable: true } as const;
    const cells: Cell[] = [0, 1, 2].map((index) => cellOf(field, column, index));
    expect(cells).toEqual(["b", null, "b"]);
    expect(isNull(column, 1)).toBe(true);
    expect(
      rowsOf(
        concatTables([
          { fields: [field], columns: [column], rowCount: 3 },
          { fields: [field], columns: [column], rowCount: 3 },
        ]),
      ),
    ).toHaveLength(6);
  });

  test("a wrong cell is refused with its column and row", () => {
    expect(() => tableFromRows(fieldsOf({ n: { kind: "int32" } }), [{ n: 1 }, { n: "2" }])).toThrow(
      /column "n", row 1/,
    );
  });

  test("types are written and read back", () => {
    const types: DataType[] = [
      ...fields.map((field) => field.type),
      { kind: "decimal", precision: 18, scale: 0 },
    ];
    expect(types.map((type) => parseType(formatType(type)))).toEqual(types);
    expect(parseType("decimal(19,2)")).toBeUndefined();
    expect(parseType("varchar")).toBeUndefined();
  });

  test("timestamps before 1970 keep their microseconds", () => {
    expect(formatTimestamp(-1n)).toBe("1969-12-31 23:59:59.999999");
    expect(parseTimestamp("1969-12-31T23:59:59.999999Z")).toBe(-1n);
  });

  test("a decimal with more digits than its scale is no decimal of that scale", () => {
    expect(parseDecimal("1.005", 2)).toBeUndefined();
    expect(parseDecimal("-1.50", 2)).toBe(-150n);
    expect(parseDecimal(".", 2)).toBeUndefined();
  });
});
