import { type Admin, Kafka, type KafkaConfig, logLevel, type Producer } from "kafkajs";
import { UserError } from "taller/author";

/** All that the workshop writes to a Kafka lies below this name: a real one belongs to others too. */
export const TOPIC_PREFIX = "taller.";

/** A client of the brokers. What fails is thrown; kafkajs also logs as errors what it tries again by itself. */
export function kafkaClient(brokers: readonly string[], clientId: string): Kafka {
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5_000,
    // Some six seconds in all: a broker that restarts is back by then, and one that is not there is said.
    retry: { retries: 6, initialRetryTime: 100, maxRetryTime: 3_000 },
  };
  return new Kafka(config);
}

/** Makes the topic if it is not there yet; one that is there keeps its partitions. */
export async function createTopic(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  if (!topic.startsWith(TOPIC_PREFIX)) throw foreignTopic(topic);
  // The events carry the time of the stream, which is a year ago: the seven days that a broker keeps are over.
  const configEntries = [{ name: "retention.ms", value: "-1" }];
  return admin.createTopics({
    topics: [{ topic, numPartitions: partitions, configEntries }],
    waitForLeaders: true,
  });
}

/** Runs some work with a connected client and disconnects it, however the work ends. */
export async function connected<C extends Admin | Producer, T>(
  client: C,
  brokers: readonly string[],
  work: (client: C) => Promise<T>,
): Promise<T> {
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw isKafkaError(error) ? kafkaFailed(error, brokers) : error;
  } finally {
    await client.disconnect();
  }
}

/** By name: kafkajs is CommonJS, and Node does not see its error classes as exports. */
function isKafkaError(error: unknown): error is Error {
  return error instanceof Error && error.name.startsWith("KafkaJS");
}

function kafkaFailed(error: Error, brokers: readonly string[]): UserError {
  return new UserError({
    fault: "environment",
    code: "kafka-failed",
    what: { es: `Kafka no responde como debe: ${error.message}`, en: `Kafka fails: ${error.message}` },
    where: brokers.join(","),
    next: [
      {
        es: "mira si está en marcha:   taller services status",
        en: "see whether it is running:   taller services status",
      },
    ],
    cause: error,
  });
}

function foreignTopic(topic: string): UserError {
  return new UserError({
    fault: "usage",
    code: "foreign-topic",
    what: {
      es: `El taller solo escribe en temas que empiezan por «${TOPIC_PREFIX}», y «${topic}» no.`,
      en: `The workshop writes only to topics that begin with "${TOPIC_PREFIX}", and "${topic}" does not.`,
    },
    where: "--topic",
    next: [{ es: `prueba --topic ${TOPIC_PREFIX}${topic}`, en: `try --topic ${TOPIC_PREFIX}${topic}` }],
  });
}
