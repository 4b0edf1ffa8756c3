import { Worker } from "node:worker_threads";
import { type Batch, batchCount, generateBatch, type LeadsOptions } from "./batch.ts";
import type { Task } from "./worker.ts";

/** Batches that a worker has been asked for and that are not written yet. */
const AHEAD = 2;

/**
 * The batches of a file in order, made by so many threads (0 and 1: in this one). A batch's memory is used again
 * as soon as the next batch is asked for.
 */
export function batchesOf(options: LeadsOptions, threads: number): AsyncGenerator<Batch, void, void> {
  const workers = Math.min(threads, batchCount(options.rows));
  // From source (tests) there is no compiled worker to start: one thread, the same bytes.
  return workers > 1 && import.meta.url.endsWith(".js") ? inWorkers(options, workers) : inProcess(options);
}

async function* inProcess(options: LeadsOptions): AsyncGenerator<Batch, void, void> {
  let reused: Uint8Array<ArrayBuffer> | undefined;
  for (let i = 0; i < batchCount(options.rows); i++) {
    const batch = generateBatch(options, i, reused);
    yield batch;
    reused = batch.bytes;
  }
}

/** Batch i is made by worker i modulo their number; each answers in order, so no batch needs a name. */
async function* inWorkers(options: LeadsOptions, threads: number): AsyncGenerator<Batch, void, void> {
  const count = batchCount(options.rows);
  const pool = Array.from({ length: threads }, () => startWorker(options));
  try {
    for (let i = 0; i < Math.min(count, threads * AHEAD); i++) pool[i % threads]?.ask({ batch: i });
    for (let i = 0; i < count; i++) {
      const worker = pool[i % threads];
      if (worker === undefined) return;
      const batch = await worker.next();
      yield batch;
      const following = i + threads * AHEAD;
      if (following < count) worker.ask({ batch: following, reused: batch.bytes });
    }
  } finally {
    await Promise.all(pool.map((worker) => worker.stop()));
  }
}

interface PoolWorker {
  ask(task: Task): void;
  next(): Promise<Batch>;
  stop(): Promise<unknown>;
}

function startWorker(options: LeadsOptions): PoolWorker {
  // Only these three: the caller's options may hold what can't cross (a signal, a callback).
  const workerData: LeadsOptions = { rows: options.rows, seed: options.seed, variant: options.variant };
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData,
    // The thread needs none of the process's flags, and some (--input-type) keep a file from loading.
    execArgv: [],
  });
  const ready: Batch[] = [];
  let failure: unknown;
  let wake = () => {};
  worker.on("message", (batch: Batch) => {
    ready.push(batch);
    wake();
  });
  const fail = (error: unknown) => {
    failure ??= error;
    wake();
  };
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`a generator thread ended with code ${code}`)));
  return {
    ask: (task) => worker.postMessage(task, task.reused === undefined ? [] : [task.reused.buffer]),
    next: async () => {
      for (;;) {
        const batch = ready.shift();
        if (batch !== undefined) return batch;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    stop: () => worker.terminate(),
  };
}
