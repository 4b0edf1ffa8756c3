import { randomUUID } from "node:crypto";
import { type Consumer, type ConsumerConfig, Kafka, type KafkaMessage, logLevel } from "kafkajs";
import { openTopicLog } from "../../../src/services/kafka/topic-log.ts";
import { eventually } from "./eventually.ts";

// On Node 24 kafkajs prints a warning about a negative timeout for each request; it is not ours to mend.
process.env.KAFKAJS_NO_PARTITIONER_WARNING = "1";

/** kafkajs, as lessons use it, without its log. */
export function kafkaClient(brokers: string): Kafka {
  return new Kafka({
    clientId: "contract",
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  });
}

/** A name that no other test uses: on a shared broker nothing meets. */
export function fresh(what: string): string {
  return `taller.${what}-${randomUUID().slice(0, 8)}`;
}

/** Makes a topic and waits until it can be written to: on Apache Kafka that takes a moment. */
export async function makeTopic(brokers: string, topic: string, partitions = 1): Promise<void> {
  const log = openTopicLog({ brokers });
  await log.createTopic(topic, { partitions });
  await log.close();
}

export interface Seen {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly message: KafkaMessage;
}

/** Consumes a topic from its beginning in a group of its own until so many messages have come (or a little more). */
export async function consume(
  kafka: Kafka,
  topic: string,
  count: number,
  config: Partial<ConsumerConfig> = {},
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const consumer = kafka.consumer({ groupId: fresh("group"), maxWaitTimeInMs: 100, ...config });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await collect(consumer, seen);
    await eventually(
      () => seen.length,
      (length) => length >= count,
    );
  } finally {
    await consumer.disconnect();
  }
  return seen.sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
}

export function collect(consumer: Consumer, into: Seen[]): Promise<void> {
  return consumer.run({
    eachMessage: async ({ partition, message }) => {
      into.push({
        partition,
        offset: message.offset,
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? null,
        message,
      });
    },
  });
}
