import { type DuckDBConnection, type DuckDBResult, StatementType } from "@duckdb/node-api";
import { throwIfCancelled } from "../../core/errors.ts";
import type { Table } from "../../core/table.ts";
import { type QueryOptions, quoteName } from "../engine.ts";
import { boundValues } from "./bind.ts";
import { checkWhole, explainBrokenResult } from "./broken-result.ts";
import { engineError } from "./errors.ts";
import { watched } from "./progress.ts";
import { abandonResult, plansOf } from "./query.ts";
import { ChunkCollector } from "./read-chunks.ts";
import type { Parkable, Session } from "./session.ts";
import type { ColumnPlan } from "./types.ts";

/** Rows of a streamed table, up to a chunk more: enough that a table costs little, few enough to hold several. */
export const STREAM_ROWS = 65_536;

/**
 * A large result in tables of about {@link STREAM_ROWS} rows. While it is read, other calls on the engine
 * may come: DuckDB allows one open result per connection, so the first such call moves the rest of this
 * result into a table of its own (which spills to disk under the memory limit) and reading goes on there.
 */
export async function* streamQuery(
  session: Session,
  sql: string,
  options: QueryOptions,
): AsyncGenerator<Table, void, undefined> {
  const stream = new OpenStream(session, sql, options);
  let rowsLeft = options.maxRows ?? Number.POSITIVE_INFINITY;
  try {
    while (rowsLeft > 0) {
      const table = await stream.next(rowsLeft);
      if (table === undefined) return;
      rowsLeft -= table.rowCount;
      yield table;
    }
  } finally {
    await stream.close();
  }
}

/** A table that holds the rest of a result, and a connection of its own to read it on. */
interface Spool {
  readonly name: string;
  readonly connection: DuckDBConnection;
}

class OpenStream implements Parkable {
  readonly #session: Session;
  readonly #sql: string;
  readonly #options: QueryOptions;
  #result: DuckDBResult | undefined;
  #plans: readonly ColumnPlan[] = [];
  #spool: Spool | undefined;
  #statementType: StatementType = StatementType.INVALID;
  #failure: { readonly error: unknown } | undefined;
  #hasGivenTable = false;
  #isDone = false;

  constructor(session: Session, sql: string, options: QueryOptions) {
    this.#session = session;
    this.#sql = sql;
    this.#options = options;
  }

  /** The next table, cut at `maxRows`; a result without rows gives one table without rows. */
  async next(maxRows: number): Promise<Table | undefined> {
    if (this.#isDone) return undefined;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#spool === undefined) {
      const task = { sql: this.#sql, options: this.#options, stream: this };
      return this.#session.exclusive(task, (connection) => this.#read(connection, maxRows));
    }
    const { connection } = this.#spool;
    try {
      return await watched(connection, this.#options, () => this.#read(connection, maxRows));
    } catch (error) {
      throw engineError(error, { sql: this.#sql }, this.#options.signal);
    }
  }

  /** Called by the session, in its turn: the connection is needed for something else. */
  async park(): Promise<void> {
    if (this.#result === undefined || this.#spool !== undefined || this.#isDone) return;
    try {
      this.#spool = await this.#moveAside(this.#result);
      this.#result = await this.#spool.connection.stream(`SELECT * FROM ${quoteName(this.#spool.name)}`);
    } catch (error) {
      // It is this query's error, not that of the call that waits: whoever reads on is told.
      const explained = await this.#explain(this.#session.connection, error);
      this.#failure = { error: engineError(explained, { sql: this.#sql }) };
    }
  }

  async #moveAside(result: DuckDBResult): Promise<Spool> {
    const name = this.#session.freshName("stream");
    const connection = await this.#session.connect();
    const columns = this.#plans.map((plan, index) => `c${index} ${plan.from.toString()}`);
    await connection.run(`CREATE TABLE ${quoteName(name)} (${columns.join(", ")})`);
    try {
      const appender = await connection.createAppender(name);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      checkWhole(result);
    } catch (error) {
      await dropSpool({ name, connection });
      throw error;
    }
    return { name, connection };
  }

  async close(): Promise<void> {
    if (this.#spool !== undefined) {
      await dropSpool(this.#spool);
    } else if (this.#result !== undefined && !this.#isDone) {
      const task = { sql: this.#sql, options: {}, stream: this };
      await this.#session.exclusive(task, abandonResult);
    }
    this.#isDone = true;
    this.#session.release(this);
  }

  async #read(connection: DuckDBConnection, maxRows: number): Promise<Table | undefined> {
    if (this.#result === undefined) {
      this.#result = await connection.stream(this.#sql, boundValues(this.#options.values));
      this.#statementType = this.#result.statementType;
      this.#plans = plansOf(this.#result, this.#options);
    }
    try {
      return await this.#nextTable(this.#result, maxRows);
    } catch (error) {
      throwIfCancelled(this.#options.signal);
      throw await this.#explain(connection, error);
    }
  }

  async #nextTable(result: DuckDBResult, maxRows: number): Promise<Table | undefined> {
    const collector = new ChunkCollector(this.#plans);
    while (collector.rows < Math.min(STREAM_ROWS, maxRows)) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) {
        checkWhole(result);
        this.#isDone = true;
        this.#session.release(this);
        break;
      }
      collector.add(chunk, maxRows - collector.rows);
    }
    if (collector.rows === 0 && this.#hasGivenTable) return undefined;
    this.#hasGivenTable = true;
    return collector.take();
  }

  #explain(connection: DuckDBConnection, error: unknown): Promise<unknown> {
    const values = boundValues(this.#options.values);
    return explainBrokenResult(
      connection,
      { sql: this.#sql, values, statementType: this.#statementType },
      error,
    );
  }
}

async function dropSpool({ name, connection }: Spool): Promise<void> {
  await connection.run(`DROP TABLE IF EXISTS ${quoteName(name)}`);
  connection.closeSync();
}
