import { expect, test } from "vitest";
import { fieldsOf, sliceTable, tableFromRows } from "../../../src/core/table-build.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { sameTables } from "../../../src/grading/check-results.ts";
import type { SqlExercise } from "../../../src/grading/exercise.ts";
import { constantSubmission } from "../../../src/grading/prove/constants.ts";

const SPEC: SqlExercise = {
  kind: "sql",
  version: 1,
  files: ["a.sql"],
  checks: [],
  starterFails: "",
  wrong: {},
};
const table = tableFromRows(
  fieldsOf({
    id: { kind: "int64" },
    "a name": { kind: "string" },
    x: { kind: "float64" },
    price: { kind: "decimal", precision: 9, scale: 2 },
    ok: { kind: "boolean" },
    day: { kind: "date" },
    at: { kind: "timestamp" },
  }),
  [
    {
      id: 9_007_199_254_740_993n,
      "a name": "it's; -- 1",
      x: 0.1,
      price: "12.50",
      ok: true,
      day: "2024-02-29",
      at: "2024-02-29 10:00:00.5",
    },
    { id: null, "a name": null, x: null, price: null, ok: null, day: null, at: null },
    {
      id: -1,
      "a name": "",
      x: Number.NaN,
      price: "-0.01",
      ok: false,
      day: "1969-12-31",
      at: "1969-12-31 23:59:59",
    },
  ],
);

test("copied constants give the very table back, types and nulls too, also when it is empty", async () => {
  const engine = await openEngine("duckdb", { threads: 1 });
  try {
    for (const one of [table, sliceTable(table, 0, 0)]) {
      const sql = constantSubmission(SPEC, { result: one })?.["a.sql"] ?? "";
      const copied = await engine.query(sql);
      expect(sameTables(one, copied, { result: "r", key: ["id"] })).toEqual({ passed: true });
      expect(copied.fields.map(({ type }) => type)).toEqual(one.fields.map(({ type }) => type));
    }
  } finally {
    await engine.close();
  }
});

test("several results are views, which PostgreSQL keeps out of its temporary schema", () => {
  const spec: SqlExercise = { ...SPEC, results: ["valid", "rejected"] };
  const text = (engine: "duckdb" | "postgres") =>
    constantSubmission({ ...spec, engine }, { valid: table, rejected: table })?.["a.sql"] ?? "";
  expect(text("duckdb").match(/CREATE OR REPLACE TEMP VIEW "(valid|rejected)" AS/g)).toHaveLength(2);
  expect(text("postgres").match(/CREATE OR REPLACE VIEW "(valid|rejected)" AS/g)).toHaveLength(2);
});

test("a result that nobody would copy by hand gives none", () => {
  const long = { ...table, rowCount: 1_000_000 };
  expect(constantSubmission(SPEC, { result: long })).toBeUndefined();
});
