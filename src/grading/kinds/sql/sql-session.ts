import type { Table } from "../../../core/table.ts";
import { quoteName } from "../../../engines/engine.ts";
import { NotDataError } from "../harness/plain-data.ts";
import { ProblemError } from "../harness/raw-problem.ts";
import type { SqlInit } from "./protocol.ts";
import type { StatementText } from "./split-statements.ts";
import type { SqlDatabase } from "./sql-database.ts";

type Whose = "learners" | "graders";

/** A submission's file on its own database. Throws {@link ProblemError} for all that the learner can mend. */
export class SqlSession {
  readonly #init: SqlInit;
  readonly #database: SqlDatabase;
  /** The rows of the file's last query; undefined when its last statement gives none. */
  #last: Table | undefined;
  #hasRun = false;

  constructor(init: SqlInit, database: SqlDatabase) {
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
    const found = await this.#database.tableNames();
    const made = found.find((one) => one.toLowerCase() === wanted.toLowerCase());
    if (made === undefined) throw new ProblemError({ kind: "missing-result", result: wanted, found });
    return this.query(`SELECT * FROM ${quoteName(made)}`);
  }

  async query(sql: string): Promise<Table> {
    const table = await this.#execute(sql, "graders");
    if (table === undefined) throw new Error(`the query gives no rows: ${sql}`);
    return table;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Runs every statement; gives the rows of the last one, when it is one that gives rows. */
  async #execute(sql: string, whose: Whose): Promise<Table | undefined> {
    const whole = { text: sql, line: 1 };
    const statements = await this.#explained(whole, whose, () => this.#database.split(sql));
    let rows: Table | undefined;
    for (const [index, statement] of statements.entries()) {
      const isLast = index === statements.length - 1;
      rows = await this.#explained(statement, whose, () => this.#database.run(statement, isLast));
    }
    return rows;
  }

  async #explained<T>(statement: StatementText, whose: Whose, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof NotDataError || thrown instanceof ProblemError) throw thrown;
      // A line of the grader's own query is none of the learner's file.
      const at = whose === "learners" ? statement : undefined;
      throw new ProblemError(this.#database.problemOf(thrown, at));
    }
  }
}
