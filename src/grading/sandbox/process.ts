import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { SubmissionProblem } from "../verdict.ts";
import { readFrames, writeFrame } from "./frames.ts";
import { OUTPUT_LIMIT_MB, Output } from "./output.ts";
import { killTree } from "./processes.ts";
import {
  ANSWER_FD,
  type Begin,
  MAX_MESSAGE_BYTES,
  type Message,
  NONCE_BYTES,
  type RawProblem,
  REQUEST_FD,
  type Request,
} from "./protocol.ts";
import type { RunFolder } from "./run-folder.ts";
import { duplexOf, letParentEnd, type ProcessSettings, spawnNode } from "./spawn-node.ts";
import { type WatchedLimits, watchLimits } from "./watcher.ts";

/** Node that does not come up in this time is the machine's fault, not the submission's. */
const BOOT_LIMIT_MS = 60_000;
const CLOSE_GRACE_MS = 500;
const NO_NONCE = new Uint8Array(NONCE_BYTES);

/** Why a process can serve no more: what the verdict will say. */
export interface Ending {
  readonly problem: SubmissionProblem;
  /** Of an exception that nothing awaited: to be mapped to the learner's file. */
  readonly stack?: string | undefined;
}

type Pending = { resolve(reply: Reply): void };
export type Reply =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "problem"; readonly raw: RawProblem }
  | { readonly kind: "ended"; readonly ending: Ending };

/**
 * One sandboxed process, used once: spawned (the harness loads and waits), begun, asked, ended. A call after
 * the end gives the ending; nothing here throws for what a submission does.
 */
export class SandboxProcess {
  readonly folder: RunFolder;
  readonly #child: ChildProcess;
  readonly #requests: Duplex;
  readonly #answers: Duplex;
  readonly #nonce = randomBytes(16);
  readonly #output = new Output(() => this.#stop({ kind: "output-limit", limitMb: OUTPUT_LIMIT_MB }));
  readonly #pending = new Map<number, Pending>();
  readonly #booted: Promise<void>;
  #hasBooted = false;
  /** By us: for a limit, a kill or a cancel. */
  #isStopped = false;
  #sayBooted: () => void = () => {};
  readonly #exited: Promise<void>;
  #ending: Ending | undefined;
  #refused: RawProblem | undefined;
  #watch: { stop(): void } | undefined;
  #memoryMb: number;
  #nextId = 1;

  /** Spawns; costs nothing to wait on until it is begun (the harness sleeps on its first read). */
  constructor(settings: ProcessSettings, folder: RunFolder) {
    this.folder = folder;
    this.#memoryMb = settings.memoryMb;
    this.#child = spawnNode(settings, folder);
    this.#booted = new Promise((resolve) => {
      this.#sayBooted = resolve;
    });
    if (this.#child.stdout === null || this.#child.stderr === null) throw new Error("no output streams");
    this.#requests = duplexOf(this.#child, REQUEST_FD);
    this.#answers = duplexOf(this.#child, ANSWER_FD);
    this.#output.listen(this.#child.stdout, false);
    this.#output.listen(this.#child.stderr, true);
    readFrames(this.#answers, this.#nonce, {
      onMessage: (message) => this.#receive(message as Message),
      onForged: () => this.#stop({ kind: "refused", what: "channel", message: "" }),
      onTooLarge: (bytes) => this.#stop({ kind: "not-data", message: tooLarge(bytes) }),
    });
    this.#exited = this.#waitForExit();
    letParentEnd(this.#child, true);
  }

  /** Sends the first frame and starts the watch over memory and disk; resolves when the harness has read it. */
  async begin(begin: Begin, limits: WatchedLimits): Promise<void> {
    writeFrame(this.#requests, this.#nonce, begin);
    letParentEnd(this.#child, false);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), BOOT_LIMIT_MS);
    await Promise.race([this.#booted, this.#exited]);
    clearTimeout(timer);
    // Before it has booted no submission has run: its end is the machine's fault, or ours.
    if (!this.#hasBooted && !this.#isStopped) throw cantStart(this.#output.text());
    if (this.#child.pid === undefined) return;
    this.#watch = watchLimits({
      pid: this.#child.pid,
      folder: this.folder.path,
      limits,
      onPassed: (what) =>
        this.#stop(
          what === "memory"
            ? { kind: "memory-limit", limitMb: this.#memoryMb }
            : { kind: "disk-limit", limitMb: limits.diskMb },
        ),
    });
  }

  /** Asks the harness; the reply is data, a problem, or the ending that came instead. */
  async ask(body: unknown): Promise<Reply> {
    if (this.#ending !== undefined) return { kind: "ended", ending: this.#ending };
    const id = this.#nextId++;
    const reply = await new Promise<Reply>((resolve) => {
      this.#pending.set(id, { resolve });
      writeFrame(this.#requests, NO_NONCE, { id, body } satisfies Request);
    });
    // What was refused counts even where the submission swallowed the exception.
    return this.#refused !== undefined && reply.kind !== "ended"
      ? { kind: "problem", raw: this.#refused }
      : reply;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  output(): string {
    return this.#output.text();
  }

  /** Ends it at once; calls in flight get this problem. Resolves when the process is gone. */
  async end(problem: SubmissionProblem): Promise<void> {
    this.#stop(problem);
    await this.#exited;
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case "booted":
        this.#hasBooted = true;
        this.#sayBooted();
        return;
      case "refused":
        this.#refused ??= message.problem;
        return;
      case "crashed":
        // Said after the last answer; what the submission does with its last moment is not waited for.
        this.#stop(message.problem.problem, message.problem.stack);
        return;
      case "answer":
        this.#settle(message.id, { kind: "answer", value: message.value });
        return;
      case "problem":
        this.#settle(message.id, { kind: "problem", raw: message.problem });
        return;
    }
  }

  #settle(id: number, reply: Reply): void {
    this.#pending.get(id)?.resolve(reply);
    this.#pending.delete(id);
  }

  #stop(problem: SubmissionProblem, stack?: string): void {
    this.#isStopped = true;
    this.#conclude({ problem, stack });
    this.#watch?.stop();
    if (this.#child.pid !== undefined && this.#child.exitCode === null) void killTree(this.#child.pid);
  }

  async #waitForExit(): Promise<void> {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once("error", () => resolve([null, null]));
      // "close" follows the last byte of the channel and the output: a crash is told before it. Something
      // that the submission started may hold these open, so the wait for it is short.
      this.#child.once("exit", (...exit) => setTimeout(() => resolve(exit), CLOSE_GRACE_MS).unref());
      this.#child.once("close", (...exit) => resolve(exit));
    });
    this.#watch?.stop();
    this.#conclude(this.#endingOf(code, signal));
  }

  #endingOf(code: number | null, signal: NodeJS.Signals | null): Ending {
    const told = this.#refused;
    if (told !== undefined) return { problem: told.problem, stack: told.stack };
    if (this.#output.saysOutOfMemory()) return { problem: { kind: "memory-limit", limitMb: this.#memoryMb } };
    return { problem: { kind: "ended-early", exitCode: code, signal } };
  }

  #conclude(ending: Ending): void {
    this.#ending ??= ending;
    for (const pending of this.#pending.values()) pending.resolve({ kind: "ended", ending: this.#ending });
    this.#pending.clear();
  }
}

function tooLarge(bytes: number): string {
  return `result: ${Math.ceil(bytes / 1e6)} MB > ${MAX_MESSAGE_BYTES / 1e6} MB`;
}

function cantStart(output: string): UserError {
  return new UserError({
    fault: "environment",
    code: "sandbox-start",
    what: {
      es: "No puedo arrancar el proceso que ejecuta tu código.",
      en: "I can't start the process that runs your code.",
    },
    where: output.slice(0, 500) || undefined,
    next: [verbatim("taller doctor")],
  });
}
