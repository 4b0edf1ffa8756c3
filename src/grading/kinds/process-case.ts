import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CancelledError, throwIfCancelled } from "../../core/errors.ts";
import { Budget } from "../sandbox/budget.ts";
import { type Claim, claimProcess, spawnProcess } from "../sandbox/prestarted.ts";
import type { Reply, SandboxProcess } from "../sandbox/process.ts";
import type { RawProblem } from "../sandbox/protocol.ts";
import { type RunFolder, removeRunFolder } from "../sandbox/run-folder.ts";
import type { SubmissionProblem } from "../verdict.ts";
import type { ResolvedLimits } from "./limits.ts";
import { SubmissionError } from "./submission.ts";

export interface CasePlan {
  readonly claim: Claim;
  readonly limits: ResolvedLimits;
  readonly clockMs: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Written into the run's folder before the process begins. */
  readonly files: Readonly<Record<string, string>>;
  readonly init: (folder: string) => unknown;
  /** Says where in the learner's file a problem arose. */
  readonly locate: (raw: RawProblem) => SubmissionProblem;
  /** The first request of each process, and what its answer must hold. */
  readonly load: { readonly body: unknown; check(answer: unknown): void };
}

const CLOSED: SubmissionProblem = { kind: "ended-early", exitCode: null, signal: "SIGKILL" };

/** One case in a process of its own: started when needed, killed and started again on the same folder. */
export class ProcessCase {
  readonly #plan: CasePlan;
  readonly #budget: Budget;
  #folder: RunFolder | undefined;
  #process: SandboxProcess | undefined;
  #starting: Promise<SandboxProcess> | undefined;
  #printed = "";
  #isClosed = false;
  readonly #onAbort = () => void this.#process?.end(CLOSED);

  constructor(plan: CasePlan) {
    this.#plan = plan;
    this.#budget = new Budget(plan.limits.timeMs, () => {
      void this.#process?.end({ kind: "time-limit", limitMs: plan.limits.timeMs });
    });
    plan.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async start(): Promise<void> {
    await this.#started();
  }

  async ask(body: unknown): Promise<unknown> {
    const running = await this.#started();
    return this.#unwrap(await this.#budget.during(() => running.ask(body)));
  }

  /** Ends the process as a crash does; the next call starts another one on what it wrote. */
  async kill(): Promise<void> {
    await this.#process?.end(CLOSED);
    this.#forgetProcess();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  output(): string {
    return this.#printed + (this.#process?.output() ?? "");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#plan.signal?.removeEventListener("abort", this.#onAbort);
    await this.#starting?.catch(() => undefined);
    await this.kill();
    if (this.#folder !== undefined) await removeRunFolder(this.#folder);
    this.#folder = undefined;
  }

  #started(): Promise<SandboxProcess> {
    if (this.#isClosed) throw new Error("the case is closed");
    throwIfCancelled(this.#plan.signal);
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  async #launch(): Promise<SandboxProcess> {
    const { claim, limits, clockMs, seed, files, init, load } = this.#plan;
    const launched =
      this.#folder === undefined ? await claimProcess(claim) : await spawnProcess(claim, this.#folder);
    this.#process = launched;
    this.#folder = launched.folder;
    throwIfCancelled(this.#plan.signal);
    const { path } = launched.folder;
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(path, name), content)));
    await launched.begin({ clockMs, seed, init: init(path) }, limits);
    load.check(this.#unwrap(await this.#budget.during(() => launched.ask(load.body))));
    return launched;
  }

  #forgetProcess(): void {
    this.#printed += this.#process?.output() ?? "";
    this.#process = undefined;
    this.#starting = undefined;
  }

  #unwrap(reply: Reply): unknown {
    if (this.#plan.signal?.aborted) throw new CancelledError({ cause: this.#plan.signal.reason });
    switch (reply.kind) {
      case "answer":
        return reply.value;
      case "problem":
        throw new SubmissionError(this.#plan.locate(reply.raw));
      case "ended":
        throw new SubmissionError(this.#plan.locate(reply.ending));
    }
  }
}
