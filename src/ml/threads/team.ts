import { systemCode } from "../../core/errors.ts";
import { checkSetting } from "../ml-error.ts";
import type { KernelInputs, KernelName } from "./kernels.ts";
import { coreCount, startThread, type Thread, threadSource } from "./node-threads.ts";
import { CLOSE, COLLECT, type Kernel, type Place, TeamControl } from "./team-control.ts";

/** Threads that work in step on shared memory; this one is the first of them. */
export interface Team {
  readonly threads: number;
  /** Every thread runs the operation on its part; back when all are done. Blocks this thread. */
  run(operation: number): void;
  /** The results of all threads, in their order. */
  collect(): Promise<unknown[]>;
  /** Ends the other threads. To be called in a `finally`. */
  close(): Promise<void>;
}

/** What a worker thread starts with. */
export interface WorkerStart<K extends KernelName = KernelName> {
  readonly kernel: K;
  readonly input: KernelInputs[K];
  readonly place: Place;
  readonly board: Int32Array;
}

/** Work below which starting a thread (some 50 ms) costs more than it brings, in elementary steps of about 1 ns. */
const WORTH_A_THREAD = 1.5e8;

/**
 * How many threads a job of so many elementary steps takes: `asked` at most (default: as many as there are cores, up
 * to 4), fewer where it would not pay.
 */
export function threadsFor(asked: number | undefined, steps: number): number {
  if (asked !== undefined) checkSetting("threads", asked, { min: 1, max: 64, integer: true });
  if (steps < WORTH_A_THREAD || threadSource() === undefined) return 1;
  return asked ?? Math.min(4, coreCount());
}

/**
 * Starts a team; each thread makes its kernel from `input`, whose large arrays are shared. Where threads are forbidden
 * (the sandbox), or this code is bundled without its worker, the team is this thread alone.
 */
export async function openTeam<K extends KernelName>(
  job: {
    readonly kernel: K;
    readonly input: KernelInputs[K];
    readonly create: (input: KernelInputs[K], place: Place) => Kernel;
  },
  threads: number,
): Promise<Team> {
  const { kernel, input } = job;
  const places = Array.from({ length: threads }, (_, thread): Place => ({ thread, threads }));
  const board = TeamControl.memory();
  const others: Thread[] = [];
  try {
    for (const place of places.slice(1)) others.push(await startWorker({ kernel, input, place, board }));
    await Promise.all(others.map((worker) => nextMessage(worker)));
  } catch (error) {
    await endAll(others);
    if (systemCode(error) !== "ERR_ACCESS_DENIED") throw error;
    return inTurns(places.map((place) => job.create(input, place)));
  }
  const own = job.create(input, { thread: 0, threads });
  return others.length === 0 ? inTurns([own]) : teamOf(own, others, new TeamControl(board));
}

/** One thread that plays every part, one after another. */
function inTurns(kernels: readonly Kernel[]): Team {
  return {
    threads: kernels.length,
    run: (operation) => {
      for (const kernel of kernels) kernel.step(operation);
    },
    collect: async () => kernels.map((kernel) => kernel.result?.()),
    close: async () => {},
  };
}

function teamOf(own: Kernel, others: readonly Thread[], control: TeamControl): Team {
  return {
    threads: others.length + 1,
    run: (operation) => {
      control.announce(operation);
      try {
        own.step(operation);
      } finally {
        // Whatever happens here, nobody writes into the memory after this call.
        control.awaitOthers(others.length);
      }
    },
    collect: async () => {
      const answers = others.map((worker) => nextMessage(worker));
      control.announce(COLLECT);
      return [own.result?.(), ...(await Promise.all(answers))];
    },
    close: async () => {
      control.announce(CLOSE);
      await endAll(others);
    },
  };
}

async function startWorker<K extends KernelName>(start: WorkerStart<K>): Promise<Thread> {
  const source = threadSource();
  if (source === undefined) throw new Error("there is no worker to start here");
  return startThread(source, start);
}

function nextMessage(worker: Thread): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      act();
    };
    const onMessage = (message: unknown): void => settle(() => resolve(message));
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (code: unknown): void =>
      settle(() => reject(new Error(`a thread ended with code ${code}`)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

async function endAll(workers: readonly Thread[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}
