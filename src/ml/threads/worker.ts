import { parentPort, workerData } from "node:worker_threads";
import { createKernel } from "./kernels.ts";
import type { WorkerStart } from "./team.ts";
import { CLOSE, COLLECT, TeamControl } from "./team-control.ts";

// One of a team's other threads: does what the board says until it says that the work is over.
const start = workerData as WorkerStart;
const control = new TeamControl(start.board);
const kernel = createKernel(start.kernel, start.input, start.place);
parentPort?.postMessage("ready");
for (let seen = 0; ; seen++) {
  const operation = control.awaitOperation(seen);
  if (operation === CLOSE) break;
  if (operation === COLLECT) {
    parentPort?.postMessage(kernel.result?.());
    continue;
  }
  let hasFailed = true;
  try {
    kernel.step(operation);
    hasFailed = false;
  } finally {
    // A fault ends this thread with its own error; the first thread must not wait for it.
    control.report(hasFailed);
  }
}
