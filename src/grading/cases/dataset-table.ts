import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Table } from "../../core/table.ts";
import type { CsvFileDialect, DatasetFiles } from "../../data/dataset.ts";
import type { Engine } from "../../engines/engine.ts";
import { openEngine } from "../../engines/open.ts";
import { cached } from "../cache.ts";
import { hashOf } from "../content-hash.ts";
import type { InputsRequest } from "./inputs.ts";

export interface DatasetTableRequest extends Omit<InputsRequest, "exercise" | "case"> {
  readonly dir: string;
  readonly dataset: string;
  readonly rows: number | undefined;
  readonly seed: number | undefined;
  readonly variant: string | undefined;
  /** In `dir`: one query over the view `raw`. */
  readonly sqlFile: string | undefined;
}

/**
 * A dataset's rows as they are in its files (every column of a CSV as text), or what the exercise's query
 * makes of them. Stored by what it is made from, so that only the first grading reads the files.
 */
export async function datasetTable(request: DatasetTableRequest): Promise<{ table: Table; hash: string }> {
  // Generators are loaded by the exercises that use them.
  const { findDataset } = await import("../../data/datasets.ts");
  const dataset = findDataset(request.dataset);
  const sql =
    request.sqlFile === undefined ? undefined : await readFile(join(request.dir, request.sqlFile), "utf8");
  const { rows, seed, variant } = request;
  const { card } = dataset;
  const hash = hashOf("dataset", card.name, card.version, card.sha256, rows, seed, variant, sql);
  const table = await cached(request.cache, hashOf("input", hash), async () => {
    const files = await dataset.materialise({
      folder: request.dataFolder,
      rows,
      seed,
      variant,
      signal: request.signal,
      emit: request.emit,
    });
    // One thread: without an ORDER BY the order of rows depends on the threads, and `one-row` on the order.
    const engine = await openEngine("duckdb", { threads: 1 });
    try {
      return await readRows(engine, files, { rows, seed, sql, signal: request.signal });
    } finally {
      await engine.close();
    }
  });
  return { table, hash };
}

interface Reading {
  readonly rows: number | undefined;
  readonly seed: number | undefined;
  readonly sql: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function readRows(engine: Engine, files: DatasetFiles, how: Reading): Promise<Table> {
  const { signal } = how;
  await engine.register(
    "file",
    files.format === "parquet"
      ? { kind: "parquet", paths: files.paths }
      : {
          kind: "csv",
          paths: files.paths,
          dialect: files.format === "jsonl" ? LINES : (files.csv ?? PLAIN),
          fields: (files.format === "jsonl" ? ["text"] : files.fields.map(({ name }) => name)).map(
            (name) => ({
              name,
              type: { kind: "string" },
              nullable: true,
            }),
          ),
        },
    { signal },
  );
  await engine.execute(`CREATE OR REPLACE TEMP VIEW raw AS SELECT * FROM file${sampleOf(files, how)}`, {
    signal,
  });
  return engine.query(how.sql ?? "SELECT * FROM raw", { signal });
}

const PLAIN: CsvFileDialect = { delimiter: ",", quote: '"', escape: '"', hasHeader: true };
/** A character that no message holds, so that a line stays whole. */
const LINES: CsvFileDialect = { delimiter: "\u0001", quote: "", escape: "", hasHeader: false };

/** Generated files hold the rows that were asked for. Data that ship are one file: a seed picks rows of it. */
function sampleOf(files: DatasetFiles, { rows, seed }: Reading): string {
  if (files.ledgerPath !== undefined || rows === undefined) return "";
  return seed === undefined ? ` LIMIT ${rows}` : ` USING SAMPLE reservoir(${rows} ROWS) REPEATABLE (${seed})`;
}
