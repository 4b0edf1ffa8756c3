import { Partitioners } from "kafkajs";
import type { TopicLog } from "taller/author";
import { connected } from "../producer/client.ts";
import { pause, sendEvents } from "../producer/send.ts";
import { openStream } from "../producer/stream.ts";
import type { LeadsContext, LeadsRun } from "./leads.ts";

/** The own producer goes on where the topic ends. With another one, in another terminal, the stream never ends. */
export async function produceOrWait(context: LeadsContext, run: LeadsRun): Promise<void> {
  const { options, clock, signal } = context;
  const before = await messagesIn(run.log, options.topic);
  run.standing.produced = before;
  if (options.producer === "other") {
    // What others send is seen in the topic alone.
    for (; !signal.aborted; await pause(1_000, signal))
      run.standing.produced = await messagesIn(run.log, options.topic);
    return;
  }
  const stream = openStream({ ...options, from: before }, clock.now());
  const producer = run.kafka.producer({
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await connected(producer, run.brokers, () =>
    sendEvents({
      ...{ producer, stream, clock, signal, topic: options.topic },
      from: before,
      to: before + Math.round(options.rate * options.seconds),
      isLive: true,
      onSent: (messages) => {
        run.standing.produced = before + messages;
      },
    }),
  );
}

/** All messages that the topic's partitions hold. */
export async function messagesIn(log: TopicLog, topic: string): Promise<number> {
  const [first, last] = [await log.offsets(topic, "earliest"), await log.offsets(topic, "latest")];
  return [...last].reduce((sum, [partition, end]) => sum + end - (first.get(partition) ?? 0), 0);
}
