import { expect, test } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { failedSaying, judgeFacts, sameTables } from "../../src/grading/check-results.ts";
import { exampleOfRows } from "../../src/grading/checks/example.ts";
import { compareRows } from "../../src/grading/compare/rows.ts";

const fields = fieldsOf({ id: { kind: "string" }, x: { kind: "int32" } });
const expected = tableFromRows(fields, [
  { id: "a", x: 1 },
  { id: "b", x: 2 },
  { id: "c", x: 3 },
]);
const actual = tableFromRows(fields, [
  { id: "a", x: 1 },
  { id: "c", x: 9 },
]);

test("tables that an author compares give the columns first, then the rows", () => {
  expect(sameTables(expected, expected, { result: "r", key: ["id"] })).toEqual({ passed: true });
  expect(sameTables(expected, actual, { result: "r", key: ["id"] })).toMatchObject({
    passed: false,
    reason: { kind: "rows", missing: 1, changed: 1 },
  });
  const renamed = { ...actual, fields: fieldsOf({ id: { kind: "string" }, y: { kind: "int32" } }) };
  expect(sameTables(expected, renamed, { result: "r", key: ["id"] })).toMatchObject({
    reason: { kind: "columns", missing: ["x"], extra: ["y"] },
  });
});

test("facts give only those that do not hold", () => {
  const fact = (holds: boolean) => ({ name: { es: "f", en: "f" }, expected: "1", actual: "2", holds });
  expect(judgeFacts("files", [fact(true), fact(true)])).toEqual({ passed: true });
  expect(judgeFacts("plan", [fact(true), fact(false)], { mistake: "m" })).toEqual({
    passed: false,
    mistake: "m",
    reason: { kind: "plan", facts: [{ name: { es: "f", en: "f" }, expected: "1", actual: "2" }] },
  });
  expect(failedSaying({ es: "no", en: "no" })).toMatchObject({ reason: { kind: "said" } });
});

test("the counter-example is the input's rows of the differing keys, however they are written there", () => {
  const { reason } = compareRows(expected, actual, { result: "r", key: ["id"] });
  const raw = tableFromRows(fieldsOf({ ID: { kind: "string" }, raw: { kind: "string" } }), [
    { ID: "a", raw: "1" },
    { ID: " b ", raw: "two" },
    { ID: "c", raw: "3" },
    { ID: "b", raw: "2" },
  ]);
  const example = reason && exampleOfRows(reason, { inputs: { raw }, expected, actual });
  expect(example === undefined ? [] : rowsOf(example).map((row) => row.raw)).toEqual(["two", "2", "3"]);
});

test("without such an input it is the result's own rows", () => {
  const missing = compareRows(expected, actual, { result: "r", key: ["id"] }).reason;
  const example = missing && exampleOfRows(missing, { inputs: {}, expected, actual });
  expect(example === undefined ? [] : rowsOf(example)).toEqual([{ id: "b", x: 2 }]);
  const one = { ...expected, columns: expected.columns };
  const changed = compareRows(
    one,
    tableFromRows(fields, [
      { id: "a", x: 1 },
      { id: "b", x: 5 },
      { id: "c", x: 3 },
    ]),
    {
      result: "r",
      key: ["id"],
    },
  ).reason;
  const other = changed && exampleOfRows(changed, { inputs: {}, expected, actual });
  expect(other === undefined ? [] : rowsOf(other)).toEqual([{ id: "b", x: 5 }]);
});
