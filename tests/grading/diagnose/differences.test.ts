import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldsOf, tableFromRows } from "../../../src/core/table-build.ts";
import { isDataEqual } from "../../../src/grading/diagnose/deep-equal.ts";
import {
  countOf,
  isContained,
  tableDifferences,
  valueDifferences,
} from "../../../src/grading/diagnose/differences.ts";

const table = (rows: readonly { id: number; x: number | null }[]) =>
  tableFromRows(fieldsOf({ id: { kind: "int32" }, x: { kind: "float64" } }), rows);
const options = { result: "r", key: ["id"] };
const expected = table([
  { id: 1, x: 0.5 },
  { id: 2, x: null },
  { id: 3, x: 7 },
]);

describe("differences from the expected outcome", () => {
  test("name missing rows, extra rows and changed cells", () => {
    const actual = table([
      { id: 1, x: 0.25 },
      { id: 3, x: 7 },
      { id: 4, x: 1 },
    ]);
    expect([...tableDifferences(expected, actual, options).keys()]).toEqual([
      "missing 2|null",
      "extra 4|1",
      "cell 1 x 0.250000000",
    ]);
  });

  test("of one mistake are contained in those of two", () => {
    const one = tableDifferences(
      expected,
      table([
        { id: 1, x: 0.5 },
        { id: 3, x: 7 },
      ]),
      options,
    );
    const two = tableDifferences(
      expected,
      table([
        { id: 1, x: 9 },
        { id: 3, x: 7 },
      ]),
      options,
    );
    expect(isContained(one, two)).toBe(true);
    expect(isContained(two, one)).toBe(false);
    expect(countOf(two)).toBe(2);
  });

  test("are none between equal tables, and nothing is never contained", () => {
    const none = tableDifferences(expected, expected, options);
    expect(none.size).toBe(0);
    expect(isContained(none, none)).toBe(false);
  });

  test("of a value name the leaf's path and its new value, within the tolerance", () => {
    const found = valueDifferences(
      { total: 10, rows: [1, 2, 3], same: 1 },
      { total: 12, rows: [1, 5], same: 1 + 1e-12 },
      1e-9,
    );
    expect([...found.keys()]).toEqual(["/total = 12", "/rows/1 = 5", "/rows/2 = "]);
  });
});

describe("data that crossed the sandbox", () => {
  test("equals itself, and not itself with one more leaf", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isDataEqual(value, structuredClone(value), 1e-9)).toBe(true);
        expect(isDataEqual([value], [value, 1], 1e-9)).toBe(false);
        expect(isDataEqual({ value }, { value, more: 1 }, 1e-9)).toBe(false);
      }),
    );
  });

  test("compares numbers within the tolerance, typed arrays by element, tables in any order", () => {
    expect(isDataEqual({ a: 0.1 + 0.2 }, { a: 0.3 }, 1e-9)).toBe(true);
    expect(isDataEqual({ a: 0.31 }, { a: 0.3 }, 1e-9)).toBe(false);
    expect(isDataEqual(Float64Array.of(1, 2), Float64Array.of(1, 2), 1e-9)).toBe(true);
    expect(isDataEqual(Float64Array.of(1, 2), Float64Array.of(2, 1), 1e-9)).toBe(false);
    const turned = table([
      { id: 3, x: 7 },
      { id: 2, x: null },
      { id: 1, x: 0.5 },
    ]);
    expect(isDataEqual({ t: expected }, { t: turned }, 1e-9)).toBe(true);
    expect(isDataEqual(new Map([[1, "a"]]), new Map([[1, "b"]]), 1e-9)).toBe(false);
    expect(isDataEqual(Number.NaN, Number.NaN, 1e-9)).toBe(true);
  });
});
