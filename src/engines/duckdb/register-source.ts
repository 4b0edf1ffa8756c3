import type { DuckDBConnection } from "@duckdb/node-api";
import type { Field } from "../../core/table.ts";
import { quoteName, quoteText, type RunOptions, type Source, type SourceReport } from "../engine.ts";
import { appendTable } from "./append-table.ts";
import { registerCsv } from "./csv-source.ts";
import type { Session } from "./session.ts";
import { sourceFiles } from "./source-files.ts";
import { columnPlan } from "./types.ts";

/** The tables behind registered names, so that a name's former data is freed when it gets new data. */
export type SourceTables = Map<string, readonly string[]>;

/** Makes a source readable under a name. What is read is always a temporary view of that name. */
export async function registerSource(
  session: Session,
  tables: SourceTables,
  name: string,
  source: Source,
  options: RunOptions,
): Promise<SourceReport> {
  const report = await register(session, name, source, options);
  const former = tables.get(name.toLowerCase()) ?? [];
  tables.set(name.toLowerCase(), report.tables);
  await session.exclusive({ sql: "", options: {} }, async (connection) => {
    for (const table of former) await connection.run(`DROP TABLE IF EXISTS ${quoteName(table)}`);
  });
  return report.source;
}

export interface Registered {
  readonly source: SourceReport;
  /** Tables that hold its data. */
  readonly tables: readonly string[];
}

function register(session: Session, name: string, source: Source, options: RunOptions): Promise<Registered> {
  switch (source.kind) {
    case "table":
      return session.exclusive({ sql: "", options }, async (connection) => {
        const table = session.freshName("table");
        await appendTable(connection, table, source.table, options.signal);
        await replaceView(connection, name, `SELECT * FROM ${quoteName(table)}`);
        const { fields, rowCount } = source.table;
        return {
          source: { name, fields, rows: rowCount, rejected: 0, sizeBytes: 0, files: 0 },
          tables: [table],
        };
      });
    case "parquet":
      return registerParquet(session, name, source, options);
    case "csv":
      return registerCsv(session, name, source, options);
  }
}

async function registerParquet(
  session: Session,
  name: string,
  source: Extract<Source, { kind: "parquet" }>,
  options: RunOptions,
): Promise<Registered> {
  const { patterns, files, sizeBytes } = await sourceFiles(source.paths, ".parquet");
  const list = `[${patterns.map(quoteText).join(", ")}]`;
  const hive = source.hivePartitions ?? true;
  const sql = `SELECT * FROM read_parquet(${list}, hive_partitioning = ${hive})`;
  return session.exclusive({ sql, options }, async (connection) => {
    await replaceView(connection, name, sql);
    const fields = await fieldsOfView(connection, name);
    const counted = await connection.run(`SELECT sum(num_rows) FROM parquet_file_metadata(${list})`);
    const rows = Number((await counted.getRows())[0]?.[0] ?? 0);
    return { source: { name, fields, rows, rejected: 0, sizeBytes, files: files.length }, tables: [] };
  });
}

/** Puts a temporary view under the name, whatever temporary table or view has it now. */
export async function replaceView(connection: DuckDBConnection, name: string, sql: string): Promise<void> {
  const quoted = quoteName(name);
  const table = await connection.run(
    "SELECT count(*) FROM duckdb_tables() WHERE temporary AND lower(table_name) = lower($1)",
    [name],
  );
  if ((await table.getRows())[0]?.[0] !== 0n) await connection.run(`DROP TABLE temp.${quoted}`);
  await connection.run(`CREATE OR REPLACE TEMP VIEW ${quoted} AS ${sql}`);
}

export async function fieldsOfView(connection: DuckDBConnection, name: string): Promise<Field[]> {
  const statement = await connection.prepare(`SELECT * FROM ${quoteName(name)}`);
  try {
    return Array.from({ length: statement.columnCount }, (_, index) => {
      const { name: column, type } = columnPlan(statement.columnName(index), statement.columnType(index));
      return { name: column, type, nullable: true };
    });
  } finally {
    statement.destroySync();
  }
}
