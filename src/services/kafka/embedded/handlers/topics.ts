import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import type { Value } from "../../protocol/types.ts";
import { type Broker, NODE_ID } from "../broker.ts";
import { refuseSetting, type TopicConfig } from "../topic-settings.ts";
import { isTopicName } from "../topics.ts";
import { shownConfigs } from "./configs.ts";
import type { Handler } from "./handler.ts";

const MAX_PARTITIONS = 10_000;

const NO_ID = "0".repeat(32);

interface Refusal {
  readonly errorCode: number;
  readonly errorMessage: string;
}

export const createTopics: Handler<Apis["createTopics"]> = (request, { broker }) => ({
  topics: request.topics.map((wanted) => {
    const { name } = wanted;
    const isTwice = request.topics.filter((one) => one.name === name).length > 1;
    const planned = isTwice
      ? refuse(ErrorCode.invalidRequest, "the topic is named twice")
      : plan(broker, wanted);
    if ("errorCode" in planned) return { name, ...planned, configs: null };
    const { partitions, config } = planned;
    let topicId = NO_ID;
    const errorCode = broker.storing(name, -1, () => {
      if (!request.validateOnly) topicId = broker.topics.create(name, partitions, config).id;
    });
    if (errorCode !== ErrorCode.none)
      return { name, ...refuse(errorCode, "the broker's disk refused it"), configs: null };
    return {
      name,
      topicId,
      errorCode: ErrorCode.none,
      errorMessage: null,
      partitions,
      replicationFactor: 1,
      configs: shownConfigs(config, null).map(
        ({ name: setting, value, isReadOnly, source, isSensitive }) => ({
          name: setting,
          value,
          isReadOnly,
          source,
          isSensitive,
        }),
      ),
    };
  }),
});

type WantedTopic = Value<Apis["createTopics"]["request"]>["topics"][number];

function plan(
  broker: Broker,
  { name, partitions, replicationFactor, assignments, configs }: WantedTopic,
): { readonly partitions: number; readonly config: TopicConfig } | Refusal {
  if (!isTopicName(name)) return refuse(ErrorCode.invalidTopic, `'${name}' is no name for a topic`);
  if (broker.topics.get(name) !== undefined)
    return refuse(ErrorCode.topicAlreadyExists, `Topic '${name}' already exists.`);
  const assigned = checkAssignments(assignments.map(({ brokerIds }) => brokerIds));
  if (assigned !== undefined) return assigned;
  if (assignments.length > 0 && (partitions !== -1 || replicationFactor !== -1))
    return refuse(ErrorCode.invalidRequest, "both an assignment and a number of partitions or replicas");
  if (assignments.some(({ partition }) => !(partition >= 0 && partition < assignments.length)))
    return refuse(ErrorCode.invalidReplicaAssignment, "the assigned partitions are not 0, 1, 2 …");
  const count =
    assignments.length > 0 ? assignments.length : partitions === -1 ? broker.defaultPartitions : partitions;
  if (count < 1 || count > MAX_PARTITIONS)
    return refuse(ErrorCode.invalidPartitions, `a topic has from 1 to ${MAX_PARTITIONS} partitions`);
  if (assignments.length === 0 && replicationFactor !== -1 && replicationFactor !== 1)
    return refuse(ErrorCode.invalidReplicationFactor, "there is one broker: the replication factor is 1");
  const config: Record<string, string> = {};
  for (const { name: setting, value } of configs) {
    const why = refuseSetting(setting, value ?? "");
    if (why !== undefined) return refuse(ErrorCode.invalidConfig, why);
    config[setting] = value ?? "";
  }
  return { partitions: count, config };
}

export const deleteTopics: Handler<Apis["deleteTopics"]> = (request, { broker }) => {
  const wanted =
    request.topics.length > 0 ? request.topics : request.names.map((name) => ({ name, topicId: NO_ID }));
  return {
    topics: wanted.map(({ name, topicId }) => {
      const topic = name === null ? broker.topics.byId(topicId) : broker.topics.get(name);
      if (topic === undefined)
        return {
          name,
          topicId,
          errorCode: name === null ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition,
        };
      broker.topics.delete(topic);
      broker.groups.offsets.removeTopic(topic.name);
      return { name: topic.name, topicId: topic.id, errorCode: ErrorCode.none };
    }),
  };
};

export const createPartitions: Handler<Apis["createPartitions"]> = (request, { broker }) => ({
  topics: request.topics.map(({ name, count, assignments }) => {
    const topic = broker.topics.get(name);
    if (topic === undefined)
      return { name, ...refuse(ErrorCode.unknownTopicOrPartition, `no topic ${name}`) };
    if (count <= topic.partitions || count > MAX_PARTITIONS)
      return {
        name,
        ...refuse(
          ErrorCode.invalidPartitions,
          `the topic has ${topic.partitions} partitions; ${count} is no increase`,
        ),
      };
    const refused =
      assignments !== null && assignments.length !== count - topic.partitions
        ? refuse(ErrorCode.invalidReplicaAssignment, "an assignment for each new partition, or none")
        : checkAssignments((assignments ?? []).map(({ brokerIds }) => brokerIds));
    if (refused !== undefined) return { name, ...refused };
    if (!request.validateOnly) broker.topics.addPartitions(topic, count);
    return { name, errorCode: ErrorCode.none };
  }),
});

function checkAssignments(assigned: readonly (readonly number[])[]): Refusal | undefined {
  return assigned.every((ids) => ids.length === 1 && ids[0] === NODE_ID)
    ? undefined
    : refuse(ErrorCode.invalidReplicaAssignment, `there is one broker, ${NODE_ID}`);
}

function refuse(errorCode: number, errorMessage: string): Refusal {
  return { errorCode, errorMessage };
}
