import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { CancelledError } from "../../src/core/errors.ts";
import { silent, type WorkEvent } from "../../src/core/events.ts";
import { type Row, rowsOf } from "../../src/core/table.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { tableSource } from "../../src/course/lesson-session.ts";
import { type PipelineRun, runPipeline } from "../../src/course/run-pipeline.ts";
import { contractBreaks } from "../../src/data/contract.ts";
import { findContract, findDataset } from "../../src/data/datasets.ts";
import { type Ledger, readLedger } from "../../src/data/leads/ledger.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";

const ROWS = 12_000;
const SEED = 41;

const course = await discoverCourse(join(import.meta.dirname, "..", "..", "lessons"));
const workspace = await mkdtemp(join(tmpdir(), "taller-module-01-"));
const dirs = {
  workspace,
  data: join(workspace, ".taller", "data"),
  tables: join(workspace, "tables"),
};

const run = (
  pipeline: string,
  options: Readonly<Record<string, unknown>>,
  how: { readonly emit?: (event: WorkEvent) => void; readonly signal?: AbortSignal } = {},
): Promise<PipelineRun> =>
  runPipeline({
    course,
    pipeline,
    options,
    dirs,
    clock: systemClock,
    signal: how.signal ?? new AbortController().signal,
    emit: how.emit ?? silent,
    openEngine: (asked) => openEngine("duckdb", asked),
  });

interface Format {
  readonly format: string;
  readonly rows: number;
  readonly sizeBytes: number;
}

interface Layout {
  readonly files: number;
  readonly megabytes: number;
}

/** What a pipeline reports to programs. */
async function report<T>(pipeline: string, options: Readonly<Record<string, unknown>>): Promise<T> {
  const result = await run(pipeline, options);
  if (result.report === undefined) throw new Error(`${pipeline} reported nothing`);
  return result.report as T;
}

let engine: Engine;
let ledger: Ledger;
const rows = async (sql: string): Promise<Row[]> => rowsOf(await engine.query(sql));
const registerTables = async () => {
  await engine.register("clean", await tableSource(join(dirs.tables, "leads-clean")));
  await engine.register("rejected", await tableSource(join(workspace, "rejected", "leads-clean")));
};

beforeAll(async () => {
  await run("etl", { rows: ROWS, seed: SEED, compare: "no" });
  const made = await findDataset("leads").materialise({ folder: dirs.data, rows: ROWS, seed: SEED });
  ledger = await readLedger(made.ledgerPath ?? "");
  engine = await openEngine("duckdb");
  await registerTables();
});
afterAll(async () => {
  await engine.close();
  await rm(workspace, { recursive: true, force: true });
});

describe("what etl leaves", () => {
  test("the clean table keeps its contract", async () => {
    const contract = findContract("leads-clean");
    if (contract === undefined) throw new Error("leads-clean has no contract");
    const columns = contract.fields.map(({ name }) => name).join(", ");
    const table = await engine.query(`SELECT ${columns} FROM clean`);
    expect(contractBreaks(contract, table).map(({ column, text }) => `${column} ${text.en}`)).toEqual([]);
    expect(table.rowCount).toBe(ledger.expected.valid);
  });

  test("its values add up to what the generator wrote", async () => {
    const [sums] = await rows(
      `SELECT CAST(sum(budget) * 100 AS BIGINT) AS budget_cents, CAST(sum(employees) AS BIGINT) AS employees,
         CAST(sum(visits) AS BIGINT) AS visits, CAST(sum(round(minutes_on_site * 10)) AS BIGINT) AS minutes_tenths,
         CAST(sum(emails_opened) AS BIGINT) AS emails_opened, CAST(sum(days_since_contact) AS BIGINT) AS days_since_contact
       FROM clean`,
    );
    const found = Object.fromEntries(
      Object.entries(sums ?? {}).map(([name, value]) => [name, Number(value)]),
    );
    expect(found).toEqual(ledger.expected.sums);
  });

  test("it has nulls where the generator wrote none of the values, and nowhere else", async () => {
    const names = Object.keys(ledger.expected.nulls);
    const counted = names.map((name) => `count(*) - count(${name}) AS ${name}`).join(", ");
    const [nulls] = await rows(`SELECT ${counted} FROM clean`);
    const found = Object.fromEntries(names.map((name) => [name, Number(nulls?.[name])]));
    expect(found).toEqual(ledger.expected.nulls);
    const [labels] = await rows(
      `SELECT count(*) FILTER (WHERE converted) AS yes, count(*) FILTER (WHERE NOT converted) AS no FROM clean`,
    );
    expect([Number(labels?.yes), Number(labels?.no)]).toEqual([
      ledger.expected.converted.true,
      ledger.expected.converted.false,
    ]);
  });

  test("a rejected row says every reason and what the file said", async () => {
    const [counts] = await rows(
      `SELECT count(*) AS n, count(*) FILTER (WHERE reasons LIKE '%,%') AS several,
         count(*) FILTER (WHERE reasons = 'structural' AND line IS NULL) AS lines_missing,
         count(*) FILTER (WHERE original IS NULL) AS texts_missing
       FROM rejected`,
    );
    expect(Number(counts?.n)).toBe(ledger.expected.rejected);
    expect(Number(counts?.several)).toBeGreaterThan(0);
    expect([Number(counts?.lines_missing), Number(counts?.texts_missing)]).toEqual([0, 0]);
    const unreadable = await rows(
      `SELECT original FROM rejected WHERE reasons LIKE '%unreadable-budget%' AND original NOT LIKE '%budget=%'`,
    );
    expect(unreadable).toEqual([]);
  });

  test("a run that is stopped leaves the table and its rejects as they were", async () => {
    const before = await rows("SELECT count(*) AS n FROM clean");
    const stopping = new AbortController();
    const emit = (event: WorkEvent) => {
      if (event.kind === "step-started" && event.step === "write") stopping.abort();
    };
    await expect(
      run("etl", { rows: 3_000, compare: "no" }, { signal: stopping.signal, emit }),
    ).rejects.toBeInstanceOf(CancelledError);
    await registerTables();
    expect(await rows("SELECT count(*) AS n FROM clean")).toEqual(before);
    expect(Number((await rows("SELECT count(*) AS n FROM rejected"))[0]?.n)).toBe(ledger.expected.rejected);
  });
});

describe("the smaller pipelines", () => {
  test("formats measures the CSV and each codec on the same rows", async () => {
    const { formats } = await report<{ formats: Format[] }>("formats", { rows: 2_000 });
    expect(formats.map(({ format }) => format)).toEqual([
      "CSV",
      "Parquet snappy",
      "Parquet zstd",
      "Parquet gzip",
    ]);
    expect(new Set(formats.map(({ rows: count }) => count)).size).toBe(1);
    const [csv, ...parquet] = formats.map(({ sizeBytes }) => sizeBytes);
    for (const sizeBytes of parquet) expect(sizeBytes).toBeLessThan((csv ?? 0) / 2);
  });

  test("twenty rows take more as Parquet than as CSV, as the lesson says", async () => {
    const { formats } = await report<{ formats: Format[] }>("formats", { rows: 20 });
    const [csv, ...parquet] = formats.map(({ sizeBytes }) => sizeBytes);
    for (const sizeBytes of parquet) expect(sizeBytes).toBeGreaterThan(csv ?? 0);
  });

  test("compact keeps the rows and leaves fewer files and bytes", async () => {
    const told = await report<{ rows: { read: number }; layouts: Layout[] }>("compact", {
      rows: 2_000,
      reads: 1,
    });
    const [daily, compacted] = told.layouts;
    expect(compacted?.files).toBeLessThan((daily?.files ?? 0) / 10);
    expect(compacted?.megabytes).toBeLessThan(daily?.megabytes ?? 0);
    expect(told.rows.read).toBe(2_000);
  });
});
