import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rowsOf } from "../../../src/core/table.ts";
import { findDataset } from "../../../src/data/datasets.ts";
import { readLedger } from "../../../src/data/leads/ledger.ts";
import { defectsPathOf } from "../../../src/data/leads/write-leads.ts";
import type { Engine } from "../../../src/engines/engine.ts";
import { openEngine } from "../../../src/engines/open.ts";
import { parseCsv } from "./reference.ts";

let folder = "";
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leads-engine-"));
  engine = await openEngine("duckdb", { threads: 2 });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the engine that reads a file of leads", () => {
  test.each(["plain", "leaky"])(
    "rejects the torn rows of %s by line, and reads every other",
    async (variant) => {
      const files = await findDataset("leads").materialise({ folder, rows: 20_000, seed: 7, variant });
      const [path = ""] = files.paths;
      const { expected } = await readLedger(files.ledgerPath ?? "");
      const report = await engine.register("raw", {
        kind: "csv",
        paths: files.paths,
        dialect: files.csv ?? { delimiter: ",", quote: '"', escape: '"', hasHeader: true },
        fields: files.fields,
      });
      // Physical lines, as an editor counts them: a note with a line break in it takes two.
      const torn = parseCsv(await readFile(defectsPathOf(path), "utf8"))
        .filter(({ fields }) => /^too-/.test(fields[2] ?? ""))
        .map(({ fields }) => Number(fields[0]));
      expect(report.rejected).toBe(expected.rejectedByReason.structural);
      expect(report.rows).toBe(expected.read - report.rejected);
      const rejects = await engine.query(
        `SELECT DISTINCT CAST(line AS INT) AS line FROM "${report.rejectsView}" ORDER BY line`,
      );
      expect(rowsOf(rejects).map(({ line }) => line)).toEqual(torn);
    },
  );

  test("reads the flights with the types, rows and bounds of their card", async () => {
    const { card, materialise } = findDataset("flights");
    const { paths } = await materialise({ folder });
    const report = await engine.register("flights", { kind: "parquet", paths });
    expect(report.fields.map(({ name, type }) => [name, type])).toEqual(
      card.fields.map(({ name, type }) => [name, type]),
    );
    const facts = await engine.query(`
      SELECT CAST(count(*) AS INT) AS n, min(date) AS first, max(date) AS last, min(delay) AS d0, max(delay) AS d1,
        min(distance) AS m0, max(distance) AS m1, CAST(count(DISTINCT CAST(date AS DATE)) AS INT) AS days
      FROM flights`);
    const [date, delay, distance] = card.fields;
    expect(rowsOf(facts)).toEqual([
      {
        n: 966_409,
        first: date?.min,
        last: date?.max,
        d0: delay?.min,
        d1: delay?.max,
        m0: distance?.min,
        m1: distance?.max,
        days: 59,
      },
    ]);
  });
});
