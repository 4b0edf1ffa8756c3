import { type Channel, openChannel } from "./channel.ts";
import { closeDoors, closePipes, type OnRefused } from "./close-doors.ts";
import { type GuardedRequire, guardRequire } from "./guarded-require.ts";
import { assertPlainData } from "./plain-data.ts";
import { printAtOnce } from "./print-at-once.ts";
import { rawProblemOf } from "./raw-problem.ts";
import { reportCrashes, serve } from "./serve.ts";
import { setWorld } from "./world.ts";

export interface Sandbox {
  readonly init: unknown;
  readonly guarded: GuardedRequire;
  /** Answers each request; what `handle` gives has to be data. */
  serve(handle: (body: unknown) => Promise<unknown>): void;
}

/**
 * What the harnesses that run a learner's JavaScript do first. What takes time comes before the channel,
 * on which they sleep until they are begun: a process that was started ahead has it behind it.
 */
export function enterSandbox(): Sandbox {
  let channel: Channel | undefined;
  const onRefused: OnRefused = (error) => channel?.send({ kind: "refused", problem: rawProblemOf(error) });
  printAtOnce();
  closeDoors(onRefused);
  const guarded = guardRequire(onRefused);
  const opened = openChannel();
  channel = opened;
  setWorld(opened.begin.clockMs, opened.begin.seed);
  reportCrashes(opened);
  opened.send({ kind: "booted" });
  return {
    init: opened.begin.init,
    guarded,
    serve: (handle) => {
      const pipe = serve(opened, handle, (value) => assertPlainData(value, "result"));
      closePipes(pipe, onRefused);
    },
  };
}
