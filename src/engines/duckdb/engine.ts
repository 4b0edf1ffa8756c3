import { version } from "@duckdb/node-api";
import type { Field, Table } from "../../core/table.ts";
import type {
  Engine,
  EngineOptions,
  ParquetReport,
  ParquetTarget,
  PlanSummary,
  QueryOptions,
  QueryResult,
  RunOptions,
  Source,
  SourceReport,
  WriteReport,
} from "../engine.ts";
import { reportParquet } from "./parquet-report.ts";
import { explainQuery } from "./plan.ts";
import { describeQuery, runQuery } from "./query.ts";
import { registerSource, SourceRegistry } from "./register-source.ts";
import { Session } from "./session.ts";
import { streamQuery } from "./stream.ts";
import { writeParquet } from "./write-parquet.ts";

/** Opens an in-memory DuckDB as an engine. */
export async function openDuckDb(options: EngineOptions = {}): Promise<Engine> {
  return new DuckDbEngine(await Session.open(options));
}

export class DuckDbEngine implements Engine {
  readonly name = "duckdb";
  readonly version = version().replace(/^v/, "");
  readonly #session: Session;
  readonly #sources = new SourceRegistry();

  constructor(session: Session) {
    this.#session = session;
  }

  register(name: string, source: Source, options: RunOptions = {}): Promise<SourceReport> {
    return registerSource(this.#session, this.#sources, name, source, options);
  }

  execute(sql: string, options: RunOptions = {}): Promise<void> {
    return this.#session.exclusive({ sql, options }, async (connection) => {
      await connection.run(sql);
    });
  }

  query(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    return runQuery(this.#session, sql, options);
  }

  stream(sql: string, options: QueryOptions = {}): AsyncIterable<Table> {
    return streamQuery(this.#session, sql, options);
  }

  describe(sql: string, options: QueryOptions = {}): Promise<readonly Field[]> {
    return describeQuery(this.#session, sql, options);
  }

  writeParquet(sql: string, target: ParquetTarget, options: QueryOptions = {}): Promise<WriteReport> {
    return writeParquet(this.#session, sql, target, options);
  }

  explain(sql: string, options: QueryOptions & { readonly run?: boolean } = {}): Promise<PlanSummary> {
    return explainQuery(this.#session, this.#sources.files, sql, options);
  }

  describeParquet(path: string, options: RunOptions = {}): Promise<ParquetReport> {
    return reportParquet(this.#session, path, options);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
