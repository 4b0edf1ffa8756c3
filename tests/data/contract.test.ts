import { describe, expect, test } from "vitest";
import type { Field, Row } from "../../src/core/table.ts";
import { tableFromRows } from "../../src/core/table-build.ts";
import { contractBreaks } from "../../src/data/contract.ts";
import type { TableContract } from "../../src/data/dataset.ts";
import { findContract } from "../../src/data/datasets.ts";

const LEADS_CLEAN = contractOf("leads-clean");
const GOOD: Row = {
  lead_id: "00000412",
  created: "2024-02-05",
  updated_at: "2024-02-05 10:00:00",
  revision: 1,
  source: "web",
  country: "ES",
  industry: "retail",
  company_id: "C00001",
  employees: 12,
  budget: "1234.56",
  visits: 0,
  minutes_on_site: 1.5,
  emails_opened: 0,
  days_since_contact: null,
  converted: null,
  notes: null,
};

describe("contractBreaks", () => {
  test("is empty for a table that keeps the contract", () => {
    expect(breaksOf([GOOD, { ...GOOD, lead_id: "00000413", country: null }])).toEqual([]);
  });

  test.each([
    ["a null where none may be", { visits: null }, "visits null 1"],
    ["an unknown category", { source: "Web " }, "source value 1"],
    ["a negative number", { employees: -1 }, "employees range 1"],
    ["a negative decimal", { budget: "-0.01" }, "budget range 1"],
    ["a day after the last", { created: "2025-01-01" }, "created range 1"],
    ["a time before the first", { updated_at: "2022-12-31 23:59:59" }, "updated_at range 1"],
    ["a repeated key", { lead_id: "00000412" }, "lead_id key 1"],
  ] as const)("names column and row of %s", (_, change, expected) => {
    expect(breaksOf([GOOD, { ...GOOD, lead_id: "00000413", ...change }])).toEqual([expected]);
  });

  test("names a missing column, one too many and another type", () => {
    const fields: Field[] = LEADS_CLEAN.fields
      .filter(({ name }) => name !== "notes")
      .map((field) => (field.name === "visits" ? { ...field, type: { kind: "int64" } } : field));
    const table = tableFromRows([...fields, { name: "extra", type: { kind: "string" }, nullable: true }], []);
    expect(contractBreaks(LEADS_CLEAN, table).map(({ column, kind }) => `${column} ${kind}`)).toEqual([
      "visits type",
      "notes missing",
      "extra extra",
    ]);
  });

  test("says it in both languages, with rows from 1", () => {
    const table = tableFromRows(LEADS_CLEAN.fields, [{ ...GOOD, employees: -3 }]);
    expect(contractBreaks(LEADS_CLEAN, table)[0]?.text).toEqual({
      es: "employees no puede valer -3 (fila 1)",
      en: "employees must not be -3 (row 1)",
    });
  });
});

function breaksOf(rows: readonly Row[]): string[] {
  return contractBreaks(LEADS_CLEAN, tableFromRows(LEADS_CLEAN.fields, rows)).map(
    ({ column, kind, row }) => `${column} ${kind} ${row}`,
  );
}

function contractOf(name: string): TableContract {
  const contract = findContract(name);
  if (contract === undefined) throw new Error(`no contract ${name}`);
  return contract;
}
