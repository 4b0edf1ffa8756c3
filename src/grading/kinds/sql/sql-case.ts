import type { Table } from "../../../core/table.ts";
import type { SqlSubmission } from "../../exercise.ts";
import { Budget } from "../../sandbox/budget.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import { DEFAULT_CLOCK_MS, DEFAULT_SEED } from "../limits.ts";
import { type CaseWorld, SubmissionError } from "../submission.ts";
import type { SqlRequest } from "./protocol.ts";
import type { SqlProcess } from "./sql-process.ts";

const KILLED: SubmissionProblem = { kind: "ended-early", exitCode: null, signal: "SIGKILL" };
let lastSession = 0;

/** One case: a database of its own in the grading's process. */
export class SqlCase implements SqlSubmission {
  readonly #process: SqlProcess;
  readonly #world: CaseWorld;
  readonly #budget: Budget;
  readonly #session = ++lastSession;
  /** Of the process that holds the database; 0 before there is one. */
  #generation = 0;
  #runs = 0;
  /** What ended this case: nothing but a restart mends it. */
  #fatal: SubmissionError | undefined;

  constructor(process: SqlProcess, world: CaseWorld, timeMs: number) {
    this.#process = process;
    this.#world = world;
    this.#budget = new Budget(timeMs, () => void process.end({ kind: "time-limit", limitMs: timeMs }));
  }

  async start(): Promise<void> {
    await this.#during(async () => {});
  }

  async run(): Promise<void> {
    await this.#during(async () => {
      await this.#ask({ kind: "run", session: this.#session });
      this.#runs++;
    });
  }

  async result(name?: string): Promise<Table> {
    return this.#during(async () => {
      const answer = await this.#ask({ kind: "result", session: this.#session, name });
      this.#runs = Math.max(1, this.#runs);
      return asTable(answer);
    });
  }

  async query(sql: string): Promise<Table> {
    return this.#during(async () => asTable(await this.#ask({ kind: "query", session: this.#session, sql })));
  }

  async kill(): Promise<void> {
    await this.#process.end(KILLED);
    this.#forget();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async close(): Promise<void> {
    if (this.#generation === 0) return;
    await this.#process.forget({ kind: "close", session: this.#session }, this.#generation);
  }

  /** Runs one call on this case's database, which is made again when another case's end took it along. */
  async #during<T>(call: () => Promise<T>): Promise<T> {
    if (this.#fatal !== undefined) throw this.#fatal;
    return this.#process.exclusive(this.#world.signal, async (generation) => {
      if (generation !== this.#generation) await this.#open(generation);
      return call();
    });
  }

  async #open(generation: number): Promise<void> {
    const { inputs, clockMs = DEFAULT_CLOCK_MS, seed = DEFAULT_SEED } = this.#world;
    // Loading the inputs is our work, not the submission's: it is outside the budget.
    await this.#process.ask({ kind: "open", session: this.#session, inputs, clockMs, seed });
    this.#generation = generation;
    for (let again = 0; again < this.#runs; again++) await this.#ask({ kind: "run", session: this.#session });
  }

  async #ask(request: SqlRequest): Promise<unknown> {
    try {
      return await this.#budget.during(() => this.#process.ask(request));
    } catch (error) {
      if (error instanceof SubmissionError && isFatal(error.problem)) this.#fatal = error;
      throw error;
    }
  }

  #forget(): void {
    this.#generation = 0;
    this.#runs = 0;
    this.#fatal = undefined;
  }
}

function isFatal(problem: SubmissionProblem): boolean {
  return /-limit$|^ended-early$/.test(problem.kind);
}

/** Our own harness made it: no learner's code runs in that process. */
function asTable(answer: unknown): Table {
  return answer as Table;
}
