import type { Socket } from "node:net";
import type { Message } from "../../sandbox/protocol.ts";
import type { Channel } from "./channel.ts";
import { rawProblemOf } from "./raw-problem.ts";

const then = Promise.prototype.then;
const { apply } = Reflect;

/**
 * Answers each request with what `handle` gives, or with what it threw. `check` throws for a value that must
 * not cross. Gives the pipe on which the requests come.
 */
export function serve(
  channel: Channel,
  handle: (body: unknown) => Promise<unknown>,
  check: (value: unknown) => void,
): Socket {
  return channel.listen(({ id, body }) => {
    const fail = (thrown: unknown): void =>
      channel.send({ kind: "problem", id, problem: rawProblemOf(thrown) });
    const answer = (value: unknown): void => {
      try {
        check(value);
        channel.send({ kind: "answer", id, value } satisfies Message);
      } catch (thrown) {
        fail(thrown);
      }
    };
    // The submission may have replaced Promise.prototype.then since.
    apply(then, start(handle, body), [answer, fail]);
  });
}

async function start(handle: (body: unknown) => Promise<unknown>, body: unknown): Promise<unknown> {
  return await handle(body);
}

/** An exception that nothing awaits ends the process, as in any Node program; the channel says what it was. */
export function reportCrashes(channel: Channel): void {
  const { exit } = process;
  process.on("uncaughtException", (thrown) => {
    channel.send({ kind: "crashed", problem: rawProblemOf(thrown) });
    exit(1);
  });
}
