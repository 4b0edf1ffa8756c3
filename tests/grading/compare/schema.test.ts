import { describe, expect, test } from "vitest";
import type { DataType } from "../../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import { compareSchemas } from "../../../src/grading/compare/schema.ts";

const table = (types: Record<string, DataType>, row: Record<string, string | null> = {}) =>
  tableFromRows(fieldsOf(types), [row]);
const int: DataType = { kind: "int32" };
const expected = table({ id: int, price: { kind: "float64" }, day: { kind: "date" } }, { day: "2024-01-05" });

describe("columns compared by name and family", () => {
  test("ignore case, order, width of integers and the kind of fraction", () => {
    const actual = table(
      {
        DAY: { kind: "timestamp" },
        Price: { kind: "decimal", precision: 9, scale: 2 },
        ID: { kind: "int64" },
      },
      { DAY: "2024-01-05 00:00:00" },
    );
    expect(compareSchemas(expected, actual, { result: "r" })).toBeUndefined();
  });

  test("name what is missing and what is too much, a second column of a name too", () => {
    const actual = {
      ...expected,
      fields: [...expected.fields.slice(0, 1), ...expected.fields.slice(0, 1), ...expected.fields.slice(2)],
    };
    expect(compareSchemas(expected, actual, { result: "r" })).toEqual({
      kind: "columns",
      result: "r",
      missing: ["price"],
      extra: ["id"],
    });
  });

  test("ask for an order only where the task does", () => {
    const turned = {
      ...expected,
      fields: [...expected.fields].reverse(),
      columns: [...expected.columns].reverse(),
    };
    expect(compareSchemas(expected, turned, { result: "r" })).toBeUndefined();
    expect(compareSchemas(expected, turned, { result: "r", isOrdered: true })).toMatchObject({
      kind: "columns",
      expectedOrder: ["id", "price", "day"],
    });
  });

  test("take a timestamp for a date only at midnight", () => {
    const late = table(
      { id: int, price: { kind: "float64" }, day: { kind: "timestamp" } },
      { day: "2024-01-05 00:00:00.000001" },
    );
    expect(compareSchemas(expected, late, { result: "r" })).toEqual({
      kind: "types",
      result: "r",
      columns: [{ name: "day", expected: "date", actual: "timestamp" }],
    });
    expect(compareSchemas(late, expected, { result: "r" })).toMatchObject({ kind: "types" });
  });

  test("hold a type to the letter where the task fixes it", () => {
    const exactTypes = { PRICE: { kind: "decimal", precision: 10, scale: 2 } as const };
    expect(compareSchemas(expected, expected, { result: "r", exactTypes })).toMatchObject({
      columns: [{ name: "price", expected: "decimal(10,2)", actual: "float64" }],
    });
  });
});
