import { CancelledError, throwIfCancelled } from "../../../core/errors.ts";
import { type Claim, claimProcess } from "../../sandbox/prestarted.ts";
import type { SandboxProcess } from "../../sandbox/process.ts";
import { removeRunFolder } from "../../sandbox/run-folder.ts";
import type { SubmissionProblem } from "../../verdict.ts";
import type { ResolvedLimits } from "../limits.ts";
import { SubmissionError } from "../submission.ts";
import type { SqlInit, SqlRequest } from "./protocol.ts";

/**
 * The process in which the cases of one grading have their databases, one call at a time. When it ends (a
 * limit, a kill) the next call gets a new one, and `generation` tells the other cases to begin anew in it.
 */
export class SqlProcess {
  readonly #claim: Claim;
  readonly #limits: ResolvedLimits;
  readonly #init: (folder: string) => SqlInit;
  #process: SandboxProcess | undefined;
  #generation = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(claim: Claim, limits: ResolvedLimits, init: (folder: string) => SqlInit) {
    this.#claim = claim;
    this.#limits = limits;
    this.#init = init;
  }

  /** Runs work when no other case's call is under way. `generation` is that of a living process. */
  exclusive<T>(signal: AbortSignal | undefined, work: (generation: number) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      throwIfCancelled(signal);
      const onAbort = () => void this.end({ kind: "ended-early", exitCode: null, signal: "SIGKILL" });
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await this.#living();
        return await work(this.#generation);
      } catch (error) {
        throw signal?.aborted ? new CancelledError({ cause: error }) : error;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    };
    const result = this.#queue.then(run, run);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Only inside {@link exclusive}. Throws a SubmissionError for a problem of the submission's. */
  async ask(request: SqlRequest): Promise<unknown> {
    if (this.#process === undefined) throw new Error("no process is running");
    const reply = await this.#process.ask(request);
    if (reply.kind === "answer") return reply.value;
    throw new SubmissionError(reply.kind === "problem" ? reply.raw.problem : reply.ending.problem);
  }

  /** Sends a last request of a case, when the process that held its database still lives. */
  async forget(request: SqlRequest, generation: number): Promise<void> {
    await this.#queue;
    if (generation !== this.#generation || this.#process?.ending !== undefined) return;
    await this.#process?.ask(request);
  }

  /** Ends the process: calls under way get this problem, later ones a new process. */
  async end(problem: SubmissionProblem): Promise<void> {
    await this.#process?.end(problem);
  }

  output(): string {
    return this.#process?.output() ?? "";
  }

  async close(): Promise<void> {
    await this.#discard();
  }

  async #living(): Promise<void> {
    if (this.#process !== undefined && this.#process.ending === undefined) return;
    await this.#discard();
    const process = await claimProcess(this.#claim);
    this.#process = process;
    this.#generation++;
    await process.begin({ clockMs: 0, seed: 0, init: this.#init(process.folder.path) }, this.#limits);
  }

  async #discard(): Promise<void> {
    const old = this.#process;
    this.#process = undefined;
    if (old === undefined) return;
    await old.end({ kind: "ended-early", exitCode: null, signal: "SIGKILL" });
    await removeRunFolder(old.folder);
  }
}
