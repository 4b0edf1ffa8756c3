import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteName, quoteText, type RunOptions } from "../engine.ts";
import type { CsvScan } from "./csv-scan.ts";
import { askValue, toNumber } from "./rows.ts";
import type { Session } from "./session.ts";
import type { SourceFiles } from "./source-files.ts";

/** A source up to this size is held in a table, a larger one as Parquet on disk: measured at 470 MB, reading the table back from where it spills takes four times as long. */
const TABLE_BYTES = 64 * 1024 ** 2;

/** Rows that were read once and are kept for the queries. */
export interface StoredRows {
  readonly rows: number;
  /** The query that gives them. */
  readonly sql: string;
  release(connection: DuckDBConnection): Promise<void>;
}

/** Reads every column of every row, once; when that fails or is cancelled, nothing of it stays. */
export async function loadCsv(
  session: Session,
  scan: CsvScan,
  found: SourceFiles,
  options: RunOptions,
): Promise<StoredRows> {
  const task = { sql: "", options, label: { es: "leer CSV", en: "reading CSV" } };
  if (found.sizeBytes > TABLE_BYTES) {
    return session.exclusive(task, (connection) => loadFile(session, connection, scan));
  }
  const table = quoteName(session.freshName("csv"));
  const drop = async (connection: DuckDBConnection): Promise<void> => {
    await connection.run(`DROP TABLE IF EXISTS ${table}`);
  };
  try {
    return await session.exclusive(task, async (connection) => {
      await connection.run(`CREATE TABLE ${table} AS SELECT * FROM ${scan.sql()}`);
      const rows = toNumber(await askValue(connection, `SELECT count(*) FROM ${table}`));
      return { rows, sql: `SELECT * FROM ${table}`, release: drop };
    });
  } catch (error) {
    // It may have been cancelled after the table was made.
    await session.tidy(drop);
    throw error;
  }
}

async function loadFile(session: Session, connection: DuckDBConnection, scan: CsvScan): Promise<StoredRows> {
  await mkdir(session.spillFolder, { recursive: true });
  const path = join(session.spillFolder, `${session.freshName("csv")}.parquet`);
  try {
    const rows = await askValue(
      connection,
      `COPY (SELECT * FROM ${scan.sql()}) TO ${quoteText(path)} (FORMAT parquet)`,
    );
    return {
      rows: toNumber(rows),
      sql: `SELECT * FROM read_parquet(${quoteText(path)}, hive_partitioning = false)`,
      release: () => rm(path, { force: true }),
    };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
