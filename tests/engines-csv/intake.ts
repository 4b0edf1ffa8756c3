import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { type Cell, type Row, rowsOf, type Table } from "../../src/core/table.ts";
import type { CsvSchema } from "../../src/engines/csv/csv.ts";
import {
  type CsvInspection,
  inspectCsv,
  type NormalisedCsv,
  normaliseCsv,
} from "../../src/engines/csv/csv.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { openEngine } from "../../src/engines/open.ts";

export interface Counted {
  readonly inspection: CsvInspection;
  readonly result: NormalisedCsv;
  /** The view in the engine. */
  readonly view: string;
}

export interface Taken extends Counted {
  /** As the engine reads it: every column as text, then typed. */
  readonly texts: Table;
  readonly typed: Table;
}

export interface TakeOptions {
  readonly name?: string;
  readonly schema?: CsvSchema;
  readonly sampleBytes?: number;
}

/** A folder, an engine, and a way to put bytes through inspect, normalise and the engine; cleaned up at the end. */
export function intake(): {
  folder: () => string;
  engine: () => Engine;
  file: (content: string | Uint8Array, name?: string) => Promise<string>;
  /** Without reading the rows back: for large files. */
  count: (content: string | Uint8Array, options?: TakeOptions) => Promise<Counted>;
  take: (content: string | Uint8Array, options?: TakeOptions) => Promise<Taken>;
  takeFile: (path: string, options?: TakeOptions) => Promise<Taken>;
} {
  let folder = "";
  let engine: Engine | undefined;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "taller-csv-"));
    engine = await openEngine("duckdb", { threads: 1 });
  });
  afterAll(async () => {
    await engine?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const open = (): Engine => {
    if (engine === undefined) throw new Error("the engine is not open");
    return engine;
  };
  const file = async (content: string | Uint8Array, name = `file-${count++}.csv`): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const countFile = async (path: string, options: TakeOptions = {}): Promise<Counted> => {
    const { schema, sampleBytes } = options;
    const inspection = await inspectCsv(path, { schema, sampleBytes });
    const result = await normaliseCsv(path, inspection, { folder: join(folder, `out-${count++}`) });
    const view = `rows_${count++}`;
    const report = await open().register(view, result.source);
    if (report.rows !== result.rows || report.rejected !== 0) {
      throw new Error(
        `the engine read ${report.rows} rows and rejected ${report.rejected}, not ${result.rows} and 0`,
      );
    }
    if (result.records !== result.rows + result.rejected)
      throw new Error("records = rows + rejected is broken");
    return { inspection: result.inspection, result, view };
  };
  const takeFile = async (path: string, options: TakeOptions = {}): Promise<Taken> => {
    const counted = await countFile(path, options);
    const texts = await open().query(`SELECT * FROM ${counted.view}`);
    const typed = await open().query(counted.result.typedSelect(counted.view));
    return { ...counted, texts, typed };
  };
  return {
    folder: () => folder,
    engine: open,
    file,
    takeFile,
    count: async (content, options = {}) => countFile(await file(content, options.name), options),
    take: async (content, options = {}) => takeFile(await file(content, options.name), options),
  };
}

/** Rows as lists of cells. */
export function cells(table: Table): Cell[][] {
  return rowsOf(table).map((row: Row) => table.fields.map((field) => row[field.name] ?? null));
}

/** `name:type` of each column, with the format where there is one. */
export function typesOf(inspection: CsvInspection): string[] {
  return inspection.columns.map(({ name, type, format }) => {
    const scale = type.kind === "decimal" ? `(${type.precision},${type.scale})` : "";
    return `${name}:${type.kind}${scale}${format === undefined ? "" : ` ${format}`}`;
  });
}

/** The error of a call that must fail; anything but a UserError is thrown on. */
export async function userErrorOf(call: Promise<unknown>): Promise<UserError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
