import { type DuckDBPreparedStatement, type DuckDBResult, StatementType } from "@duckdb/node-api";
import type { Table } from "../../../core/table.ts";
import { eachChunk, plansOf } from "../../../engines/duckdb/query.ts";
import { ChunkCollector } from "../../../engines/duckdb/read-chunks.ts";
import { quoteName } from "../../../engines/engine.ts";
import { NotDataError } from "../harness/plain-data.ts";
import { ProblemError } from "../harness/raw-problem.ts";
import type { LockedDatabase } from "./locked-database.ts";
import type { SqlInit } from "./protocol.ts";
import { type StatementText, splitStatements } from "./split-statements.ts";
import { sqlProblemOf } from "./sql-problem.ts";

const MAX_ROWS = 2_000_000;

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

/** A submission's file on its own locked database. Throws {@link ProblemError} for all that the learner can mend. */
export class SqlSession {
  readonly #init: SqlInit;
  readonly #database: LockedDatabase;
  /** The rows of the file's last query; undefined when its last statement gives none. */
  #last: Table | undefined;
  #hasRun = false;

  constructor(init: SqlInit, database: LockedDatabase) {
    this.#init = init;
    this.#database = database;
  }

  async run(): Promise<void> {
    this.#hasRun = true;
    this.#last = undefined;
    await this.#database.reseed();
    this.#last = await this.#execute(this.#init.sql, "learners");
    const changed = await this.#database.changedInput();
    if (changed !== undefined) {
      throw new ProblemError({ kind: "refused", what: "write", message: changed, file: this.#init.file });
    }
  }

  async result(name: string | undefined): Promise<Table> {
    if (!this.#hasRun) await this.run();
    const { results } = this.#init;
    const wanted = name ?? results[0] ?? "result";
    if (results.length === 0 && this.#last !== undefined) return this.#last;
    const found = await this.#madeNames();
    if (!found.some((made) => made.toLowerCase() === wanted.toLowerCase())) {
      throw new ProblemError({ kind: "missing-result", result: wanted, found });
    }
    return this.query(`SELECT * FROM ${quoteName(wanted)}`);
  }

  async query(sql: string): Promise<Table> {
    const table = await this.#execute(sql, "graders");
    if (table === undefined) throw new Error(`the query gives no rows: ${sql}`);
    return table;
  }

  close(): void {
    this.#database.close();
  }

  /** Runs every statement; gives the rows of the last one, when it is one that gives rows. */
  async #execute(sql: string, whose: "learners" | "graders"): Promise<Table | undefined> {
    const statements = await this.#split(sql, whose);
    let rows: Table | undefined;
    for (const [index, statement] of statements.entries()) {
      rows = await this.#explained(statement, whose, () =>
        this.#runStatement(statement, index === statements.length - 1),
      );
    }
    return rows;
  }

  /** DuckDB's parser judges the whole text first, as it stands in the file. */
  async #split(sql: string, whose: "learners" | "graders"): Promise<StatementText[]> {
    const { connection } = this.#database;
    const statements = splitStatements(sql);
    if (statements.length === 0) return [];
    const whole = { text: sql, line: 1 };
    const { count } = await this.#explained(whole, whose, () => connection.extractStatements(sql));
    let found = 0;
    for (const { text } of statements) {
      const part = await connection.extractStatements(text).catch(() => undefined);
      if (part === undefined) return [whole];
      found += part.count;
    }
    // Cut otherwise than DuckDB cuts (never seen): a wrong line in a message is better than a wrong statement.
    return found === count ? statements : [whole];
  }

  async #explained<T>(
    statement: StatementText,
    whose: "learners" | "graders",
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof NotDataError || thrown instanceof ProblemError) throw thrown;
      // A line of the grader's own query is none of the learner's file.
      throw new ProblemError(sqlProblemOf(thrown, this.#init, whose === "learners" ? statement : undefined));
    }
  }

  /** One statement as it is written may be several to DuckDB (PIVOT makes a type first). */
  async #runStatement({ text, line }: StatementText, isLast: boolean): Promise<Table | undefined> {
    const parts = await this.#database.connection.extractStatements(text);
    let rows: Table | undefined;
    for (let index = 0; index < parts.count; index++) {
      const statement = await parts.prepare(index);
      try {
        this.#refuse(statement, line);
        rows = await runPrepared(statement, isLast && index === parts.count - 1);
      } finally {
        statement.destroySync();
      }
    }
    return rows;
  }

  #refuse(statement: DuckDBPreparedStatement, line: number): void {
    const message = REFUSED.get(statement.statementType);
    if (message === undefined) return;
    throw new ProblemError({ kind: "refused", what: "sql", message, file: this.#init.file, line });
  }

  /** Views and tables of the database but its inputs, for a message that says what is there. */
  async #madeNames(): Promise<string[]> {
    const result = await this.#database.connection.run(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name`,
    );
    return (await result.getRowsJson()).map((row) => String(row[0]));
  }
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
    return collector.rows <= MAX_ROWS;
  });
  if (collector.rows > MAX_ROWS) throw new NotDataError(`result: more than ${MAX_ROWS} rows`);
  return collector.take();
}
