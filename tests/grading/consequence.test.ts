import { expect, test } from "vitest";
import { isConsequence } from "../../src/grading/consequence.ts";
import type { FailureReason } from "../../src/grading/verdict.ts";

const types = (names: string[], result = "result"): FailureReason => ({
  kind: "types",
  result,
  columns: names.map((name) => ({ name, expected: "text", actual: "integer" })),
});
const rows = (missing: number, extra: number, changed: number): FailureReason => ({
  kind: "rows",
  result: "result",
  expectedRows: 10,
  actualRows: 10,
  missing,
  extra,
  changed,
  differences: [],
});
const columns = (...missing: string[]): FailureReason => ({
  kind: "columns",
  result: "result",
  missing,
  extra: [],
});
const said = (en: string): FailureReason => ({ kind: "said", text: { es: `${en} (es)`, en } });

test("rows that can't be compared for a column that the schema check named say nothing new", () => {
  expect(isConsequence(types(["lead_id"]), types(["lead_id", "budget"]))).toBe(true);
  expect(isConsequence(types(["lead_id"]), types(["budget"]))).toBe(false);
  expect(isConsequence(columns("created"), columns("created", "source"))).toBe(true);
  expect(isConsequence(columns("created"), columns("source"))).toBe(false);
});

test("the same missing rows say nothing new, a changed one does", () => {
  expect(isConsequence(rows(2, 1, 0), rows(2, 1, 0))).toBe(true);
  expect(isConsequence(rows(2, 1, 4), rows(2, 1, 0))).toBe(false);
  expect(isConsequence(rows(3, 1, 0), rows(2, 1, 0))).toBe(false);
});

test("the same sentence twice says nothing new", () => {
  expect(isConsequence(said("line 2 can't be read"), said("line 2 can't be read"))).toBe(true);
  expect(isConsequence(said("too many files"), said("line 2 can't be read"))).toBe(false);
});

test("another table's failure is one of its own", () => {
  expect(isConsequence(types(["lead_id"], "rejected"), types(["lead_id"]))).toBe(false);
});
