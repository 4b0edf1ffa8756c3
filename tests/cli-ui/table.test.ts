import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { renderTable } from "../../src/cli/ui/table.ts";
import type { Row } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { lookOf, typed } from "./looks.ts";

const leads = tableFromRows(
  fieldsOf({
    lead_id: { kind: "string" },
    visits: { kind: "int64" },
    amount: { kind: "decimal", precision: 10, scale: 2 },
    year: { kind: "int32" },
  }),
  [
    { lead_id: "000412", visits: 12_345n, amount: "1234.50", year: 2024 },
    { lead_id: "7", visits: 980n, amount: null, year: 12_024 },
  ],
);

describe("a table", () => {
  test("puts numbers to the right in the locale's form, and groups neither ids nor years", () => {
    expect(typed(renderTable(leads, lookOf()))).toBe(
      [
        "┌─────────┬────────┬─────────┬───────┐",
        "│ lead_id │ visits │  amount │  year │",
        "├─────────┼────────┼─────────┼───────┤",
        "│ 000412  │ 12 345 │ 1234,50 │  2024 │",
        "│ 7       │    980 │    NULL │ 12024 │",
        "└─────────┴────────┴─────────┴───────┘",
        "2 filas",
      ].join("\n"),
    );
  });

  test("has ASCII frames where UTF-8 is not spoken", () => {
    const text = renderTable(leads, lookOf({ isUnicode: false, lang: "en" }));
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(text).toContain("| 000412  | 12,345 |");
  });

  test("has no frame in plain mode", () => {
    expect(typed(renderTable(leads, lookOf({ isPlain: true })))).toBe(
      [
        "lead_id  visits   amount   year",
        "000412   12 345  1234,50   2024",
        "7           980     NULL  12024",
        "2 filas",
      ].join("\n"),
    );
  });

  test("tells NULL from the text NULL by its colour", () => {
    const table = tableFromRows(fieldsOf({ a: { kind: "string" } }), [{ a: "NULL" }, { a: null }]);
    expect(renderTable(table, lookOf({ level: 1 })).split("\x1b[2mNULL")).toHaveLength(2);
  });

  test("cuts long texts with a mark", () => {
    const table = tableFromRows(fieldsOf({ text: { kind: "string" } }), [{ text: "x".repeat(500) }]);
    const text = renderTable(table, lookOf({ columns: 40 }));
    expect(text).toContain("…");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBe(40);
  });

  test("leaves columns in the middle out and names them", () => {
    const names = Array.from({ length: 30 }, (_, index) => `column_${index}`);
    const table = tableFromRows(
      fieldsOf(Object.fromEntries(names.map((name) => [name, { kind: "int32" as const }]))),
      [Object.fromEntries(names.map((name, index) => [name, 1_000_000 + index]))],
    );
    const text = typed(renderTable(table, lookOf({ columns: 60 })));
    expect(text).toContain("1 000 000");
    expect(text).toContain("1 000 029");
    expect(text).toMatch(/\d+ columnas más: column_/);
  });

  test("says how many rows there are beyond those drawn", () => {
    const rows = Array.from({ length: 12_000 }, (_, n) => ({ n }));
    const table = tableFromRows(fieldsOf({ n: { kind: "int32" } }), rows);
    expect(typed(renderTable(table, lookOf(), { maxRows: 3 }))).toContain(
      "12 000 filas (aquí, las 3 primeras)",
    );
  });

  test("draws a table without rows", () => {
    const table = tableFromRows(fieldsOf({ a: { kind: "string" } }), []);
    expect(renderTable(table, lookOf())).toBe("┌───┐\n│ a │\n├───┤\n└───┘\n0 filas");
  });

  test("shows control characters instead of obeying them", () => {
    const table = tableFromRows(fieldsOf({ a: { kind: "string" } }), [{ a: "x\x1b[31m\r\n\u202ey\t" }]);
    expect(renderTable(table, lookOf())).toContain("x\\x1b[31m\\r\\n\\u202ey\\t");
  });

  test("keeps whole floats, and small ones from looking like zero", () => {
    const table = tableFromRows(fieldsOf({ a: { kind: "float64" } }), [{ a: 0.000_000_2 }, { a: 1.5 }]);
    const text = renderTable(table, lookOf());
    expect(text).toContain("2e-7");
    expect(text).toContain("1,5");
  });

  test("never passes the width, whatever is in it", () => {
    const cell = fc.oneof(fc.constant(null), fc.string({ unit: "grapheme", maxLength: 30 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 120 }),
        fc.array(fc.array(cell, { minLength: 6, maxLength: 6 }), { maxLength: 4 }),
        (columns, cells) => {
          const names = ["a", "name", "日本語", "long_column_name", "e", "f"];
          const rows = cells.map(
            (row): Row => Object.fromEntries(names.map((name, i) => [name, row[i] ?? null])),
          );
          const fields = fieldsOf(
            Object.fromEntries(names.map((name) => [name, { kind: "string" as const }])),
          );
          const text = renderTable(tableFromRows(fields, rows), lookOf({ columns }));
          for (const line of text.split("\n")) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 60 },
    );
  });
});
