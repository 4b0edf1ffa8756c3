import { join } from "node:path";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  StatementType,
} from "@duckdb/node-api";
import type { Table } from "../../../core/table.ts";
import { appendTable } from "../../../engines/duckdb/append-table.ts";
import { eachChunk, plansOf } from "../../../engines/duckdb/query.ts";
import { ChunkCollector } from "../../../engines/duckdb/read-chunks.ts";
import { quoteName } from "../../../engines/engine.ts";
import { NotDataError } from "../harness/plain-data.ts";
import { ProblemError } from "../harness/raw-problem.ts";
import { clockMacros } from "./duckdb-clock.ts";
import { duckdbProblemOf } from "./duckdb-problem.ts";
import type { SqlInit } from "./protocol.ts";
import { type StatementText, splitStatements } from "./split-statements.ts";
import {
  type DatabaseWorld,
  MAX_RESULT_ROWS,
  type SqlDatabase,
  seedFraction,
  watchInputs,
} from "./sql-database.ts";

/** What no file of an exercise needs and what leads out of its database; the lock refuses most of it too. */
const REFUSED = new Map<number, string>([
  [StatementType.ATTACH, "ATTACH"],
  [StatementType.DETACH, "DETACH"],
  [StatementType.COPY, "COPY"],
  [StatementType.COPY_DATABASE, "COPY FROM DATABASE"],
  [StatementType.EXPORT, "EXPORT"],
  [StatementType.LOAD, "LOAD"],
  [StatementType.EXTENSION, "EXTENSION"],
  [StatementType.UPDATE_EXTENSIONS, "UPDATE EXTENSIONS"],
  [StatementType.CALL, "CALL"],
  [StatementType.PRAGMA, "PRAGMA"],
  [StatementType.VARIABLE_SET, "SET"],
]);

/** Everything is loaded and set first, then locked: the lock itself is among what can't be changed after it. */
export async function openDuckDb(init: SqlInit, world: DatabaseWorld): Promise<SqlDatabase> {
  const instance = await DuckDBInstance.create(":memory:", {
    // One thread: order, sums of fractions and random() are then the same on every machine.
    threads: "1",
    memory_limit: `${init.memoryMb}MiB`,
    temp_directory: join(init.folder, "spill"),
    max_temp_directory_size: `${init.diskMb}MiB`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const [name, table] of Object.entries(world.inputs)) {
    await appendTable(connection, name, table, undefined);
  }
  await connection.run(clockMacros(world.clockMs));
  const changedInput = await watchInputs(Object.keys(world.inputs), (name) => digestOf(connection, name));
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
  return {
    split: (sql) => split(connection, sql),
    run: (statement, isWanted) => runStatement(connection, init, statement, isWanted),
    problemOf: (thrown, statement) => duckdbProblemOf(thrown, init, statement),
    tableNames: async () => {
      const result = await connection.run(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name",
      );
      return (await result.getRowsJson()).map((row) => String(row[0]));
    },
    changedInput,
    reseed: async () => {
      await connection.run(`SELECT setseed(${seedFraction(world.seed)})`);
    },
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Count and hash of a table's rows, without regard to their order. */
async function digestOf(connection: DuckDBConnection, name: string): Promise<string> {
  const result = await connection.run(
    `SELECT count(*), bit_xor(hash(t)), sum(hash(t) % 1000003) FROM ${quoteName(name)} AS t`,
  );
  return JSON.stringify(await result.getRowsJson());
}

/** DuckDB's parser judges the whole text first, as it stands in the file. */
async function split(connection: DuckDBConnection, sql: string): Promise<StatementText[]> {
  const statements = splitStatements(sql);
  if (statements.length === 0) return [];
  const { count } = await connection.extractStatements(sql);
  let found = 0;
  for (const { text } of statements) {
    const part = await connection.extractStatements(text).catch(() => undefined);
    found += part?.count ?? Number.NaN;
  }
  // Cut otherwise than DuckDB cuts (never seen): a wrong line in a message is better than a wrong statement.
  return found === count ? statements : [{ text: sql, line: 1 }];
}

/** One statement as it is written may be several to DuckDB (PIVOT makes a type first). */
async function runStatement(
  connection: DuckDBConnection,
  init: SqlInit,
  { text, line }: StatementText,
  isWanted: boolean,
): Promise<Table | undefined> {
  const parts = await connection.extractStatements(text);
  let rows: Table | undefined;
  for (let index = 0; index < parts.count; index++) {
    const statement = await parts.prepare(index);
    try {
      const message = REFUSED.get(statement.statementType);
      if (message !== undefined) {
        throw new ProblemError({ kind: "refused", what: "sql", message, file: init.file, line });
      }
      rows = await runPrepared(statement, isWanted && index === parts.count - 1);
    } finally {
      statement.destroySync();
    }
  }
  return rows;
}

async function runPrepared(
  statement: DuckDBPreparedStatement,
  isWanted: boolean,
): Promise<Table | undefined> {
  const givesRows = [StatementType.SELECT, StatementType.EXECUTE].includes(statement.statementType);
  if (isWanted && givesRows) return readTable(await statement.stream());
  await statement.run();
  return undefined;
}

async function readTable(result: DuckDBResult): Promise<Table> {
  const collector = new ChunkCollector(plansOf(result, {}));
  await eachChunk(result, (chunk) => {
    collector.add(chunk);
    return collector.rows <= MAX_RESULT_ROWS;
  });
  if (collector.rows > MAX_RESULT_ROWS) throw new NotDataError(`result: more than ${MAX_RESULT_ROWS} rows`);
  return collector.take();
}
