import { UserError } from "../../../core/errors.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { RecordColumns } from "../protocol/record-columns.ts";
import type {
  AppendInput,
  AppendOptions,
  OffsetPosition,
  OffsetRange,
  ReadIsolation,
  ReadOptions,
  TopicLog,
  TopicLogOptions,
  TopicOptions,
} from "../topic-log.ts";
import { Appender } from "./appender.ts";
import { Cluster } from "./cluster.ts";
import { groupBy, waitForRecords } from "./long-poll.ts";
import { readRange } from "./range-reader.ts";
import { KafkaCode } from "./retry.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const LATEST = -1;
const EARLIEST = -2;
const READ_COMMITTED = 1;
// The highest versions in which a topic goes by its name, and a group alone.
const COMMIT_BY_NAME = 9;
const COMMITTED_OF_ONE_GROUP = 7;
const DELETE_BY_NAME = 5;

/** {@link TopicLog} over the Kafka protocol. */
export class KafkaTopicLog implements TopicLog {
  readonly #cluster: Cluster;
  readonly #appender: Appender;

  constructor(options: TopicLogOptions) {
    this.#cluster = new Cluster({
      brokers: options.brokers,
      clientId: options.clientId ?? "taller",
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    this.#appender = new Appender(this.#cluster);
  }

  async createTopic(topic: string, options: TopicOptions = {}): Promise<{ created: boolean }> {
    const timeoutMs = this.#cluster.timeoutMs;
    const configs = Object.entries(options.config ?? {}).map(([name, value]) => ({ name, value }));
    const wanted = { name: topic, partitions: options.partitions ?? 1, replicationFactor: -1, configs };
    const created = await this.#cluster.attempt({ action: "create-topic", where: topic }, async () => {
      const answer = await this.#cluster.toAny(apis.createTopics, { topics: [wanted], timeoutMs });
      const { errorCode, errorMessage } = answer.topics[0] ?? unanswered;
      if (errorCode !== ErrorCode.none && errorCode !== ErrorCode.topicAlreadyExists)
        throw new KafkaCode(errorCode, errorMessage);
      return errorCode === ErrorCode.none;
    });
    await this.#waitForLeaders(topic);
    return { created };
  }

  async deleteTopic(topic: string): Promise<void> {
    const body = { names: [topic], timeoutMs: this.#cluster.timeoutMs };
    await this.#cluster.attempt({ action: "delete-topic", where: topic }, async () => {
      const answer = await this.#cluster.toAny(apis.deleteTopics, body, { maxVersion: DELETE_BY_NAME });
      const { errorCode, errorMessage } = answer.topics[0] ?? unanswered;
      if (errorCode !== ErrorCode.none && errorCode !== ErrorCode.unknownTopicOrPartition)
        throw new KafkaCode(errorCode, errorMessage);
    });
    this.#cluster.forgetLeaders(topic);
  }

  async partitions(topic: string): Promise<readonly number[]> {
    this.#cluster.forgetLeaders(topic);
    const leaders = await this.#leaders(topic);
    return leaders.map((_, partition) => partition);
  }

  async offsets(
    topic: string,
    at: OffsetPosition,
    options: ReadIsolation = {},
  ): Promise<ReadonlyMap<number, number>> {
    const partitions = await this.partitions(topic);
    const timestamp = at === "latest" ? LATEST : at === "earliest" ? EARLIEST : at.timestampMs;
    const isolationLevel = options.isolation === "uncommitted" ? 0 : READ_COMMITTED;
    const found = await this.#listOffsets(topic, partitions, timestamp, isolationLevel);
    // Past the last record there is none to find: the end stands for it.
    const without = partitions.filter((partition) => (found.get(partition) ?? -1) < 0);
    if (without.length === 0) return found;
    const ends = await this.#listOffsets(topic, without, LATEST, isolationLevel);
    return new Map([...found, ...ends]);
  }

  append(
    topic: string,
    partition: number,
    records: AppendInput,
    options: AppendOptions = {},
  ): Promise<{ from: number; to: number }> {
    return this.#appender.append({ topic, partition }, records, options);
  }

  read(range: OffsetRange, options: ReadOptions = {}): AsyncIterable<RecordColumns> {
    return readRange(this.#cluster, range, options);
  }

  waitForRecords(
    topic: string,
    offsets: ReadonlyMap<number, number>,
    options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    return waitForRecords(this.#cluster, { topic, offsets, ...options });
  }

  async commit(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset, metadata: null }));
    await this.#cluster.attempt({ action: "commit", where: `${group} ${topic}`, topic }, async () => {
      const answer = await this.#cluster.toCoordinator(
        group,
        apis.offsetCommit,
        { groupId: group, topics: [{ name: topic, partitions }] },
        { maxVersion: COMMIT_BY_NAME },
      );
      for (const { errorCode } of answer.topics[0]?.partitions ?? [unanswered])
        if (errorCode !== ErrorCode.none) throw new KafkaCode(errorCode);
    });
  }

  async committed(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const partitions = await this.partitions(topic);
    return this.#cluster.attempt({ action: "fetch-offsets", where: `${group} ${topic}` }, async () => {
      const answer = await this.#cluster.toCoordinator(
        group,
        apis.offsetFetch,
        { groupId: group, topics: [{ name: topic, partitions }], requireStable: true },
        { maxVersion: COMMITTED_OF_ONE_GROUP },
      );
      if (answer.errorCode !== ErrorCode.none) throw new KafkaCode(answer.errorCode);
      const found = answer.topics[0]?.partitions ?? [];
      for (const { errorCode } of found) if (errorCode !== ErrorCode.none) throw new KafkaCode(errorCode);
      return new Map(
        found.filter(({ offset }) => offset >= 0).map(({ partition, offset }) => [partition, offset]),
      );
    });
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }

  /** One request for each leader; −1 where no record is found. */
  async #listOffsets(
    topic: string,
    partitions: readonly number[],
    timestamp: number,
    isolationLevel: number,
  ): Promise<Map<number, number>> {
    return this.#cluster.attempt({ action: "list-offsets", where: topic, topic }, async () => {
      const leaders = await this.#cluster.leaders(topic);
      const byLeader = groupBy(partitions, (partition) => leaders[partition] ?? -1);
      const answers = await Promise.all(
        [...byLeader.values()].map((some) =>
          this.#cluster.toLeader({ topic, partition: some[0] ?? 0 }, apis.listOffsets, {
            replicaId: -1,
            isolationLevel,
            topics: [{ name: topic, partitions: some.map((partition) => ({ partition, timestamp })) }],
            timeoutMs: this.#cluster.timeoutMs,
          }),
        ),
      );
      const found = new Map<number, number>();
      for (const { partition, errorCode, offset } of answers.flatMap(
        ({ topics }) => topics[0]?.partitions ?? [],
      )) {
        if (errorCode !== ErrorCode.none) throw new KafkaCode(errorCode);
        found.set(partition, offset);
      }
      return new Map(partitions.map((partition) => [partition, found.get(partition) ?? -1]));
    });
  }

  #leaders(topic: string): Promise<readonly number[]> {
    return this.#cluster.attempt({ action: "metadata", where: topic, topic }, () =>
      this.#cluster.leaders(topic),
    );
  }

  /** Apache Kafka takes a moment until all of its brokers know a new topic, and lead its partitions. */
  async #waitForLeaders(topic: string): Promise<void> {
    const deadline = performance.now() + this.#cluster.timeoutMs;
    for (;;) {
      try {
        await this.offsets(topic, "latest");
        return;
      } catch (error) {
        const isUnknown = error instanceof UserError && error.code === "kafka-no-topic";
        if (!isUnknown || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

const unanswered = { errorCode: ErrorCode.unknownServerError, errorMessage: null };
