import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import { throwIfCancelled } from "../../core/errors.ts";
import type { Field } from "../../core/table.ts";
import type { QueryOptions, QueryResult } from "../engine.ts";
import { boundValues } from "./bind.ts";
import { checkWhole, explainBrokenResult } from "./broken-result.ts";
import { ChunkCollector } from "./read-chunks.ts";
import type { Session } from "./session.ts";
import { withoutLastSemicolon } from "./sql-text.ts";
import { type ColumnPlan, columnPlan, type TypeOptions } from "./types.ts";

/** One query's result, whole, or its first `maxRows` rows. */
export async function runQuery(session: Session, sql: string, options: QueryOptions): Promise<QueryResult> {
  return session.exclusive({ sql, options }, async (connection) => {
    const maxRows = options.maxRows ?? Number.POSITIVE_INFINITY;
    const values = boundValues(options.values);
    const result = await connection.stream(sql, values);
    const { statementType } = result;
    const collector = new ChunkCollector(plansOf(result, options));
    let isCut = false;
    try {
      await eachChunk(result, (chunk) => {
        const room = maxRows - collector.rows;
        isCut = chunk.rowCount > room;
        collector.add(chunk, room);
        return !isCut;
      });
    } catch (error) {
      throwIfCancelled(options.signal);
      throw await explainBrokenResult(connection, { sql, values, statementType }, error);
    }
    if (isCut) await abandonResult(connection);
    return isCut ? { ...collector.take(), truncated: true } : collector.take();
  });
}

/** The result's columns, each with its way into a table. */
export function plansOf(result: DuckDBResult, options: TypeOptions): ColumnPlan[] {
  return result.columnNames().map((name, index) => columnPlan(name, result.columnType(index), options));
}

/**
 * Calls `use` with chunk after chunk until it says no. The next chunk is already being fetched by DuckDB's
 * threads while one is read here. Throws BrokenResultError when the query failed on the way.
 */
export async function eachChunk(
  result: DuckDBResult,
  use: (chunk: DuckDBDataChunk) => boolean,
): Promise<void> {
  let next = result.fetchChunk();
  for (;;) {
    const chunk = await next;
    if (chunk === null || chunk.rowCount === 0) {
      checkWhole(result);
      return;
    }
    next = result.fetchChunk();
    // A fetch that fails while this chunk is read must not count as unhandled: it is awaited below.
    next.catch(() => {});
    let goesOn: boolean;
    try {
      goesOn = use(chunk);
    } catch (error) {
      await next.catch(() => {});
      throw error;
    }
    if (!goesOn) {
      await next.catch(() => {});
      return;
    }
  }
}

/** An unread result keeps its files open and its threads waiting until the connection is used again. */
export async function abandonResult(connection: DuckDBConnection): Promise<void> {
  connection.interrupt();
  await connection.run("SELECT 1");
}

/** Names and types of a query's result; nothing runs. */
export async function describeQuery(
  session: Session,
  sql: string,
  options: QueryOptions,
): Promise<readonly Field[]> {
  const values = boundValues(options.values);
  const linesBefore = values === undefined ? 0 : 1;
  const plans = await session.exclusive({ sql, linesBefore, options }, async (connection) => {
    // The types of `$1` are known only when it is bound, and then only to a run: one of no rows.
    if (values !== undefined) {
      const none = `SELECT * FROM (\n${withoutLastSemicolon(sql)}\n) LIMIT 0`;
      return plansOf(await connection.run(none, values), options);
    }
    const statement = await connection.prepare(sql);
    try {
      return Array.from({ length: statement.columnCount }, (_, index) =>
        columnPlan(statement.columnName(index), statement.columnType(index), options),
      );
    } finally {
      statement.destroySync();
    }
  });
  return plans.map(({ name, type }) => ({ name, type, nullable: true }));
}
