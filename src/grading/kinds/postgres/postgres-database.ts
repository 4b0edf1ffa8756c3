import type { PGlite } from "@electric-sql/pglite";
import { quoteName } from "../../../engines/engine.ts";
import { NotDataError } from "../harness/plain-data.ts";
import { ProblemError } from "../harness/raw-problem.ts";
import { seededCrypto, setWorld } from "../harness/world.ts";
import { DEFAULT_CLOCK_MS, DEFAULT_SEED } from "../limits.ts";
import type { SqlInit } from "../sql/protocol.ts";
import { type StatementText, splitStatements } from "../sql/split-statements.ts";
import {
  type DatabaseWorld,
  MAX_RESULT_ROWS,
  type SqlDatabase,
  seedFraction,
  watchInputs,
} from "../sql/sql-database.ts";
import { loadTable } from "./load-table.ts";
import { loadPglite, type PgliteFactory } from "./pglite-files.ts";
import { postgresProblemOf } from "./postgres-problem.ts";
import { resultTable, TEXT_PARSERS } from "./result-table.ts";

/** What no file of an exercise needs and what leads out of its database. */
const REFUSED = /^(COPY|LOAD|ALTER\s+SYSTEM|CREATE\s+EXTENSION|CREATE\s+SERVER)\b/i;

let factory: Promise<PgliteFactory> | undefined;
/** A database that no case has used yet. */
let unused: Promise<PGlite> | undefined;

/** Makes the first database ahead of its case. */
export async function warmUp(): Promise<void> {
  unused ??= freshDatabase();
  await unused;
}

async function freshDatabase(): Promise<PGlite> {
  factory ??= loadPglite();
  const { create } = await factory;
  // PostgreSQL draws random bytes ahead: they must be the same in every database.
  setWorld(DEFAULT_CLOCK_MS, DEFAULT_SEED);
  seededCrypto();
  return create();
}

/** A fresh PostgreSQL with the inputs as tables, in UTC, on the case's day and seed. */
export async function openPostgres(init: SqlInit, world: DatabaseWorld): Promise<SqlDatabase> {
  const pg = await (unused ?? freshDatabase());
  unused = undefined;
  // PostgreSQL's clock and chance are those of the JavaScript around it.
  setWorld(world.clockMs, world.seed);
  seededCrypto();
  await pg.exec("SET TIME ZONE 'UTC'");
  for (const [name, table] of Object.entries(world.inputs)) await loadTable(pg, name, table);
  return {
    split: async (sql) => splitStatements(sql),
    run: (statement, isWanted) => runStatement(pg, init, statement, isWanted),
    problemOf: (thrown, statement) => postgresProblemOf(thrown, init, statement),
    tableNames: async () => {
      const { rows } = await pg.query<{ name: string }>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
      );
      return rows.map(({ name }) => name);
    },
    changedInput: await watchInputs(Object.keys(world.inputs), (name) => digestOf(pg, name)),
    reseed: async () => {
      await pg.query(`SELECT setseed(${seedFraction(world.seed)})`);
    },
    close: () => pg.close(),
  };
}

async function runStatement(pg: PGlite, init: SqlInit, { text, line }: StatementText, isWanted: boolean) {
  const refused = REFUSED.exec(text)?.[1];
  if (refused !== undefined) {
    throw new ProblemError({
      kind: "refused",
      what: "sql",
      message: refused.toUpperCase(),
      file: init.file,
      line,
    });
  }
  const results = await pg.query<string[]>(text, [], { rowMode: "array", parsers: TEXT_PARSERS });
  if (!isWanted || results.fields.length === 0) return undefined;
  if (results.rows.length > MAX_RESULT_ROWS)
    throw new NotDataError(`result: more than ${MAX_RESULT_ROWS} rows`);
  return resultTable(results.fields, results.rows);
}

/** Count and hash of a table's rows, without regard to their order. */
async function digestOf(pg: PGlite, name: string): Promise<string> {
  const { rows } = await pg.query(
    `SELECT count(*), sum(hashtextextended(CAST(t AS TEXT), 0)::NUMERIC) FROM ${quoteName(name)} AS t`,
    [],
    { parsers: TEXT_PARSERS },
  );
  return JSON.stringify(rows);
}
