import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ledger, ledgerSchema } from "../../../src/data/leads/ledger.ts";
import { defectsPathOf, writeLeads } from "../../../src/data/leads/write-leads.ts";
import { type Cleaned, type CleanedRow, cleanLeads, parseCsv } from "./reference.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each([
  // More than one batch; then more than one block.
  { variant: "plain", seed: 7, rows: 34_000 },
  { variant: "plain", seed: 101, rows: 9_000 },
  { variant: "noise", seed: 7, rows: 9_000 },
  { variant: "leaky", seed: 202, rows: 9_000 },
] as const)("the ledger of $rows rows, $variant, seed $seed", ({ variant, seed, rows }) => {
  let ledger: Ledger;
  let text = "";
  let cleaned: Cleaned;
  let defects: { line: number; leadId: string; defect: string; column: string; record: number }[] = [];

  beforeAll(async () => {
    const path = join(folder, `${variant}-${seed}.csv`);
    ledger = await writeLeads({ rows, seed, variant, path, threads: 1 });
    text = await readFile(path, "utf8");
    cleaned = cleanLeads(text);
    defects = parseCsv(await readFile(defectsPathOf(path), "utf8"))
      .slice(1)
      .map(({ fields: [line, leadId = "", defect = "", column = "", record] }) => ({
        line: Number(line),
        leadId,
        defect,
        column,
        record: Number(record),
      }));
  });

  test("parses by its schema", () => {
    expect(ledgerSchema.parse(JSON.parse(JSON.stringify(ledger)))).toEqual(ledger);
  });

  test("counts what a cleaning by the rules finds", () => {
    const reasons = [...cleaned.rejected.values()].flat();
    const { expected } = ledger;
    expect(expected.read).toBe(rows);
    expect(cleaned.read).toBe(rows);
    expect(expected.read).toBe(expected.valid + expected.rejected + expected.duplicates);
    expect(expected.valid).toBe(cleaned.kept.length);
    expect(expected.rejected).toBe(cleaned.rejected.size);
    expect(expected.duplicates).toBe(cleaned.dropped.size);
    expect(expected.rejectedByReason).toEqual(countOf(reasons));
  });

  test("names the line of every rejected row with all of its reasons", () => {
    const planted = new Map<number, string[]>();
    for (const { line, defect } of defects) {
      const reason = defect.startsWith("too-") ? "structural" : defect;
      if (!/duplicate/.test(defect)) planted.set(line, [...(planted.get(line) ?? []), reason]);
    }
    expect([...planted]).toEqual([...cleaned.rejected]);
  });

  test("names the line of every dropped duplicate", () => {
    const dropped = defects.filter(({ defect }) => defect === "dropped-duplicate");
    expect(dropped.map(({ line }) => line)).toEqual([...cleaned.dropped].sort((a, b) => a - b));
  });

  test("counts records as well as lines", () => {
    const lineOf = new Map(parseCsv(text).map(({ line }, record) => [record, line]));
    expect(defects.filter(({ line, record }) => lineOf.get(record) !== line)).toEqual([]);
  });

  test("names leads and columns that are in those lines", () => {
    const idByLine = new Map(cleaned.valid.map(({ line, leadId }) => [line, leadId]));
    const wrong = defects.filter(
      ({ line, leadId, column }) =>
        leadId !== (idByLine.get(line) ?? leadId) || (column !== "" && !cleaned.header.includes(column)),
    );
    expect(wrong).toEqual([]);
    expect(new Set(defects.map(({ column }) => column)).size).toBeGreaterThan(5);
  });

  test("sums the values of the clean table", () => {
    const sum = (value: (row: CleanedRow) => number | null) =>
      cleaned.kept.reduce((total, row) => total + (value(row) ?? 0), 0);
    expect(ledger.expected.sums).toEqual({
      budget_cents: sum((row) => row.budgetCents),
      employees: sum((row) => row.employees),
      visits: sum((row) => row.visits),
      minutes_tenths: sum((row) => (row.minutes === null ? null : Math.round(row.minutes * 10))),
      emails_opened: sum((row) => row.emailsOpened),
      days_since_contact: sum((row) => row.daysSinceContact),
    });
  });

  test("counts the nulls and labels of the clean table", () => {
    const nulls = (value: (row: CleanedRow) => unknown) =>
      cleaned.kept.filter((row) => value(row) === null).length;
    expect(ledger.expected.nulls).toEqual({
      country: nulls((row) => row.country),
      industry: nulls((row) => row.industry),
      company_id: nulls((row) => row.companyId),
      employees: nulls((row) => row.employees),
      budget: nulls((row) => row.budgetCents),
      minutes_on_site: nulls((row) => row.minutes),
      days_since_contact: nulls((row) => row.daysSinceContact),
      converted: nulls((row) => row.converted),
      notes: nulls((row) => row.notes),
    });
    const labels = cleaned.kept.map((row) => String(row.converted));
    expect(ledger.expected.converted).toEqual(countOf(labels));
  });

  test("counts the dirt that is in the rows", () => {
    const records = parseCsv(text.slice(1)).slice(1);
    const column = (name: string) => cleaned.header.indexOf(name);
    const whole = records.filter(({ fields }) => fields.length === cleaned.header.length);
    const having = (name: string, shape: RegExp) =>
      whole.filter(({ fields }) => shape.test(fields[column(name)] ?? "")).length;
    const readable = /^[\d.,]+$/;
    const impossible = new Set(
      defects.filter(({ defect }) => defect === "impossible-date").map(({ line }) => line),
    );
    const created = (shape: RegExp) =>
      whole.filter(({ line, fields }) => !impossible.has(line) && shape.test(fields[column("created")] ?? ""))
        .length;
    expect(ledger.dirt).toEqual({
      "created-slashes": created(/\//),
      "created-dots": created(/\./),
      "source-padded": having("source", /^ | $/),
      "source-recased": having("source", /[A-Z]/),
      "country-recased": having("country", /^(?!null$).*[a-z]/),
      "budget-decimal-comma": having("budget", /^[\d.]+,\d\d$/),
      "budget-thousands": having("budget", /^\d{1,3}([.,]\d{3})+[.,]\d\d$/),
      "minutes-decimal-comma": having("minutes_on_site", /,/),
      "null-word": whole.filter(({ fields }) => fields.some((field) => /^(NA|N\/A|-|null)$/.test(field)))
        .length,
      "label-word": having("converted", /^(true|false|yes|no)$/i),
      "notes-quoted": whole.filter(({ text: row }) => row.endsWith('"')).length,
      "notes-newline": having("notes", /\n/),
    });
    expect(having("budget", readable)).toBeGreaterThan(rows / 2);
  });

  test("leaves no two different rows of a lead with equal time and revision", () => {
    const keyOf = ({ leadId, updatedAt, revision }: CleanedRow) => `${leadId} ${updatedAt} ${revision}`;
    const byKey = new Map(cleaned.valid.map((row) => [keyOf(row), row.text]));
    expect(cleaned.valid.filter((row) => byKey.get(keyOf(row)) !== row.text)).toEqual([]);
  });
});

function countOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
