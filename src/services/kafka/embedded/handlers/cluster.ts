import { type Apis, allApis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { type Broker, NODE_ID } from "../broker.ts";
import { LEADER_EPOCH } from "../log/partition-log.ts";
import { isTopicName, type Topic } from "../topics.ts";
import type { Handler, RequestContext } from "./handler.ts";

const PRODUCE = 0;
const GROUP = 0;
const TRANSACTION = 1;
const NO_ID = "0".repeat(32);

/** The versions that we speak. Of Produce a lower one is named than we take, as Apache Kafka does: old librdkafka looks for it (KIP-896). */
export const supportedVersions = allApis.map(({ key, min, max }) => ({
  key,
  min: key === PRODUCE ? 0 : min,
  max,
}));

export const apiVersions: Handler<Apis["apiVersions"]> = () => ({
  errorCode: ErrorCode.none,
  apis: supportedVersions,
});

export const metadata: Handler<Apis["metadata"]> = (request, context) => {
  const { broker, version } = context;
  // Version 0 asks for all by an empty list, later ones by null.
  const isAll = request.topics === null || (version === 0 && request.topics.length === 0);
  const topics = isAll
    ? broker.topics.all().map(describe)
    : (request.topics ?? []).map(({ name, topicId }) => {
        if (name === null) {
          const topic = broker.topics.byId(topicId);
          return topic === undefined ? unknown(null, topicId, ErrorCode.unknownTopicId) : describe(topic);
        }
        const topic = broker.topics.get(name) ?? maybeMake(broker, name, request.allowAutoTopicCreation);
        return typeof topic === "number" ? unknown(name, NO_ID, topic) : describe(topic);
      });
  return { brokers: [self(context)], clusterId: broker.clusterId, controllerId: NODE_ID, topics };
};

export const describeCluster: Handler<Apis["describeCluster"]> = (_request, context) => {
  const { nodeId, host, port } = self(context);
  return {
    errorCode: ErrorCode.none,
    clusterId: context.broker.clusterId,
    controllerId: NODE_ID,
    brokers: [{ brokerId: nodeId, host, port }],
  };
};

export const findCoordinator: Handler<Apis["findCoordinator"]> = (request, context) => {
  const errorCode =
    request.keyType === GROUP || request.keyType === TRANSACTION ? ErrorCode.none : ErrorCode.invalidRequest;
  const where = { ...self(context), errorCode };
  return { ...where, coordinators: request.keys.map((key) => ({ key, ...where })) };
};

function self({ address }: RequestContext): { nodeId: number; host: string; port: number } {
  return { nodeId: NODE_ID, host: address.host, port: address.port };
}

function maybeMake(broker: Broker, name: string, isAllowed: boolean): Topic | number {
  if (!isTopicName(name)) return ErrorCode.invalidTopic;
  if (!isAllowed || !broker.createsTopics) return ErrorCode.unknownTopicOrPartition;
  const errorCode = broker.storing(name, -1, () => broker.topics.create(name, broker.defaultPartitions, {}));
  return broker.topics.get(name) ?? errorCode;
}

function describe(topic: Topic) {
  return {
    errorCode: ErrorCode.none,
    name: topic.name,
    topicId: topic.id,
    partitions: Array.from({ length: topic.partitions }, (_, partition) => ({
      errorCode: ErrorCode.none,
      partition,
      leaderId: NODE_ID,
      leaderEpoch: LEADER_EPOCH,
      replicas: [NODE_ID],
      inSync: [NODE_ID],
    })),
  };
}

function unknown(name: string | null, topicId: string, errorCode: number) {
  return { errorCode, name, topicId, partitions: [] };
}
