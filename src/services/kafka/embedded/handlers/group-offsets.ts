import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import type { Broker } from "../broker.ts";
import type { PartitionOffset } from "../groups/committed-offsets.ts";
import type { Handler } from "./handler.ts";

/** Kafka's `offset.metadata.max.bytes`. */
const MAX_METADATA_BYTES = 4096;
const TOPIC_IDS_FROM = 10;
const GROUPS_FROM = 8;

export const offsetCommit: Handler<Apis["offsetCommit"]> = (request, { broker, version }) => {
  const refused =
    request.groupId === "" ? ErrorCode.invalidGroupId : broker.groups.mayCommit(request.groupId, request);
  const accepted: PartitionOffset[] = [];
  const topics = request.topics.map(({ name, topicId, partitions }) => {
    const byId = version >= TOPIC_IDS_FROM;
    const topic = byId ? broker.topics.byId(topicId) : broker.topics.get(name);
    return {
      name,
      topicId,
      partitions: partitions.map(({ partition, offset, leaderEpoch, metadata }) => {
        const isThere = topic !== undefined && partition >= 0 && partition < topic.partitions;
        const errorCode =
          refused !== ErrorCode.none
            ? refused
            : !isThere
              ? byId && topic === undefined
                ? ErrorCode.unknownTopicId
                : ErrorCode.unknownTopicOrPartition
              : checkMetadata(metadata);
        if (errorCode === ErrorCode.none && topic !== undefined)
          accepted.push({ topic: topic.name, partition, offset, leaderEpoch, metadata: metadata ?? "" });
        return { partition, errorCode };
      }),
    };
  });
  const stored = broker.storing(request.groupId, -1, () =>
    broker.groups.offsets.commit(request.groupId, accepted),
  );
  if (stored === ErrorCode.none) return broker.durable({ topics });
  return {
    topics: topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map(({ partition }) => ({ partition, errorCode: stored })),
    })),
  };
};

export function checkMetadata(metadata: string | null): number {
  return Buffer.byteLength(metadata ?? "") > MAX_METADATA_BYTES
    ? ErrorCode.offsetMetadataTooLarge
    : ErrorCode.none;
}

export const offsetFetch: Handler<Apis["offsetFetch"]> = (request, { broker, version }) => {
  if (version < GROUPS_FROM)
    return { topics: fetchGroup(broker, request.groupId, request.topics, request.requireStable) };
  return {
    groups: request.groups.map(({ groupId, topics }) => {
      if (version < TOPIC_IDS_FROM || topics === null) {
        const found = fetchGroup(broker, groupId, topics, request.requireStable);
        const withIds = found.map((one) => ({ ...one, topicId: broker.topics.get(one.name)?.id ?? NO_ID }));
        return { groupId, errorCode: ErrorCode.none, topics: withIds };
      }
      const named = topics.map(({ topicId, partitions }) => {
        const topic = broker.topics.byId(topicId);
        if (topic !== undefined)
          return {
            topicId,
            name: topic.name,
            partitions: partitions.map((one) =>
              fetchOne(broker, groupId, topic.name, one, request.requireStable),
            ),
          };
        return {
          topicId,
          name: "",
          partitions: partitions.map((partition) => ({
            ...nowhere(partition),
            errorCode: ErrorCode.unknownTopicId,
          })),
        };
      });
      return { groupId, errorCode: ErrorCode.none, topics: named };
    }),
  };
};

const NO_ID = "0".repeat(32);

function fetchGroup(
  broker: Broker,
  group: string,
  topics: readonly { readonly name: string; readonly partitions: readonly number[] }[] | null,
  isStable: boolean,
) {
  return (topics ?? committedTopics(broker, group)).map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => fetchOne(broker, group, name, partition, isStable)),
  }));
}

function committedTopics(broker: Broker, group: string): { name: string; partitions: number[] }[] {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of broker.groups.offsets.all(group))
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  return [...byTopic].map(([name, partitions]) => ({ name, partitions: partitions.sort((a, b) => a - b) }));
}

function fetchOne(broker: Broker, group: string, topic: string, partition: number, isStable: boolean) {
  if (isStable && broker.transactions.hasPendingOffset(group, topic, partition))
    return { ...nowhere(partition), errorCode: ErrorCode.unstableOffsetCommit };
  const found = broker.groups.offsets.get(group, topic, partition);
  return found === undefined ? nowhere(partition) : { partition, ...found, errorCode: ErrorCode.none };
}

function nowhere(partition: number) {
  return { partition, offset: -1, leaderEpoch: -1, metadata: "", errorCode: ErrorCode.none as number };
}

export const offsetDelete: Handler<Apis["offsetDelete"]> = (request, { broker }) => {
  const { groupId, topics } = request;
  if (!broker.groups.has(groupId)) return { errorCode: ErrorCode.groupIdNotFound, topics: [] };
  const group = broker.groups.get(groupId);
  // Which topics its members read stands in bytes of the clients' own: with members, none may go.
  const errorCode =
    group === undefined || group.members.length === 0 ? ErrorCode.none : ErrorCode.groupSubscribedToTopic;
  if (errorCode === ErrorCode.none)
    broker.groups.offsets.remove(groupId, (offset) =>
      topics.some(
        ({ name, partitions }) =>
          name === offset.topic && partitions.some(({ partition }) => partition === offset.partition),
      ),
    );
  return {
    errorCode: ErrorCode.none,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  };
};
