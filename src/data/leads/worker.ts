import { parentPort, workerData } from "node:worker_threads";
import { generateBatch, type LeadsOptions } from "./batch.ts";

/** One task: a batch to make, and memory to make it in. */
export interface Task {
  readonly batch: number;
  readonly reused?: Uint8Array<ArrayBuffer> | undefined;
}

/** A worker thread of generate.ts: batches out, in the order in which they were asked for. */
const options = workerData as LeadsOptions;
parentPort?.on("message", (task: Task) => {
  const made = generateBatch(options, task.batch, task.reused);
  parentPort?.postMessage(made, [made.bytes.buffer, made.flagged.buffer]);
});
