import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteName, quoteText, type RunOptions, type Source, type SourceReport } from "../engine.ts";
import { appendTable } from "./append-table.ts";
import { registerCsv } from "./csv-source.ts";
import { askValue, toNumber } from "./rows.ts";
import type { Session } from "./session.ts";
import { sourceFiles } from "./source-files.ts";
import { fieldsOfView, replaceView } from "./views.ts";

/** What lies behind the registered names. */
export class SourceRegistry {
  /** Files by name, in lower case. */
  readonly files = new Map<string, readonly string[]>();
  readonly #release = new Map<string, Registered["release"]>();

  /** Remembers a registration and gives the way to free the former one's data: nothing needs it now. */
  replace(name: string, registered: Registered): Registered["release"] {
    const key = name.toLowerCase();
    const former = this.#release.get(key);
    this.#release.set(key, registered.release);
    this.files.set(key, registered.files);
    return former;
  }
}

/** Makes a source readable under a name. What is read is always a temporary view of that name. */
export async function registerSource(
  session: Session,
  registry: SourceRegistry,
  name: string,
  source: Source,
  options: RunOptions,
): Promise<SourceReport> {
  const registered = await register(session, name, source, options);
  const release = registry.replace(name, registered);
  if (release !== undefined) await session.exclusive({ sql: "", options: {} }, release);
  return registered.report;
}

export interface Registered {
  readonly report: SourceReport;
  /** Files that each query reads again. */
  readonly files: readonly string[];
  /** Frees what was stored for it. */
  readonly release?: ((connection: DuckDBConnection) => Promise<void>) | undefined;
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
          report: { name, fields, rows: rowCount, rejected: 0, sizeBytes: 0, files: 0 },
          files: [],
          release: async (later) => {
            await later.run(`DROP TABLE IF EXISTS ${quoteName(table)}`);
          },
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
  const { patterns, files, sizeBytes } = await sourceFiles(source.paths, [".parquet"]);
  const list = `[${patterns.map(quoteText).join(", ")}]`;
  const hive = source.hivePartitions ?? true;
  const sql = `SELECT * FROM read_parquet(${list}, hive_partitioning = ${hive})`;
  return session.exclusive({ sql, options }, async (connection) => {
    await replaceView(connection, name, sql);
    const fields = await fieldsOfView(connection, name);
    const rows = toNumber(
      await askValue(connection, `SELECT sum(num_rows) FROM parquet_file_metadata(${list})`),
    );
    return { report: { name, fields, rows, rejected: 0, sizeBytes, files: files.length }, files };
  });
}
