import type { Message } from "../../sandbox/protocol.ts";
import type { Channel } from "./channel.ts";
import { assertPlainData } from "./plain-data.ts";
import { rawProblemOf } from "./raw-problem.ts";

const then = Promise.prototype.then;
const { apply } = Reflect;

/** Answers each request with what `handle` gives, when it is data, or with what it threw. */
export function serve(channel: Channel, handle: (body: unknown) => Promise<unknown>): void {
  channel.listen(({ id, body }) => {
    const fail = (thrown: unknown): void =>
      channel.send({ kind: "problem", id, problem: rawProblemOf(thrown) });
    const answer = (value: unknown): void => {
      try {
        assertPlainData(value, "result");
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
