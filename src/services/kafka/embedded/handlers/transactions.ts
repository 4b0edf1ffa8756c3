import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { checkMetadata } from "./group-offsets.ts";
import type { Handler } from "./handler.ts";

/** Kafka's `transaction.max.timeout.ms`. */
const MAX_TIMEOUT_MS = 900_000;

export const initProducerId: Handler<Apis["initProducerId"]> = (request, { broker, version }) => {
  const { transactionalId, transactionTimeoutMs } = request;
  if (transactionalId === null) return { errorCode: ErrorCode.none, ...broker.transactions.newProducer() };
  if (transactionalId === "") return { errorCode: ErrorCode.invalidRequest };
  if (transactionTimeoutMs <= 0 || transactionTimeoutMs > MAX_TIMEOUT_MS)
    return { errorCode: ErrorCode.invalidTransactionTimeout };
  const result = broker.transactions.init(transactionalId, transactionTimeoutMs, request);
  if ("errorCode" in result) return { errorCode: fencedFor(result.errorCode, version >= 4) };
  return { errorCode: ErrorCode.none, ...result };
};

export const addPartitionsToTxn: Handler<Apis["addPartitionsToTxn"]> = (request, { broker, version }) => {
  const wanted = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition })),
  );
  const isThere = ({ topic, partition }: { topic: string; partition: number }): boolean => {
    const known = broker.topics.get(topic);
    return known !== undefined && partition >= 0 && partition < known.partitions;
  };
  const areAllThere = wanted.every(isThere);
  const errorCode = areAllThere
    ? fencedFor(broker.transactions.addPartitions(request.transactionalId, request, wanted), version >= 2)
    : ErrorCode.operationNotAttempted;
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({
        partition,
        errorCode: isThere({ topic: name, partition }) ? errorCode : ErrorCode.unknownTopicOrPartition,
      })),
    })),
  };
};

export const addOffsetsToTxn: Handler<Apis["addOffsetsToTxn"]> = (request, { broker, version }) => ({
  errorCode: fencedFor(
    broker.transactions.addGroup(request.transactionalId, request, request.groupId),
    version >= 2,
  ),
});

export const txnOffsetCommit: Handler<Apis["txnOffsetCommit"]> = (request, { broker, version }) => {
  const { groupId } = request;
  const isMember = request.generationId >= 0 || request.memberId !== "";
  const refused = isMember ? broker.groups.mayCommit(groupId, request) : ErrorCode.none;
  const offsets = request.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, offset, leaderEpoch, metadata }) => ({
      group: groupId,
      topic: name,
      partition,
      offset,
      leaderEpoch,
      metadata: metadata ?? "",
    })),
  );
  const errorOf = (topic: string, partition: number, metadata: string): number => {
    const known = broker.topics.get(topic);
    return known === undefined || !(partition >= 0 && partition < known.partitions)
      ? ErrorCode.unknownTopicOrPartition
      : checkMetadata(metadata);
  };
  const taken = offsets.filter((one) => errorOf(one.topic, one.partition, one.metadata) === ErrorCode.none);
  const errorCode =
    refused !== ErrorCode.none
      ? refused
      : fencedFor(
          broker.transactions.addOffsets(request.transactionalId, request, groupId, taken),
          version >= 3,
        );
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition, metadata }) => ({
        partition,
        errorCode: errorCode !== ErrorCode.none ? errorCode : errorOf(name, partition, metadata ?? ""),
      })),
    })),
  };
};

export const endTxn: Handler<Apis["endTxn"]> = (request, { broker, version }) => {
  const how = request.committed ? "commit" : "abort";
  const errorCode = broker.transactions.end(request.transactionalId, request, how);
  return broker.durable({ errorCode: fencedFor(errorCode, version >= 2) });
};

/** Older clients know a fenced producer only by its epoch (KIP-588). */
function fencedFor(errorCode: number, knowsFenced: boolean): number {
  return errorCode === ErrorCode.producerFenced && !knowsFenced ? ErrorCode.invalidProducerEpoch : errorCode;
}

const STATES = ["Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"];

export const listTransactions: Handler<Apis["listTransactions"]> = (request, { broker }) => {
  const { states, producerIds, durationMs } = request;
  const now = broker.clock.now();
  return {
    errorCode: ErrorCode.none,
    unknownStates: states.filter((state) => !STATES.includes(state)),
    transactions: broker.transactions
      .all()
      .filter(
        ([, one]) =>
          (states.length === 0 || states.includes(one.state)) &&
          (producerIds.length === 0 || producerIds.includes(one.producerId)) &&
          (durationMs < 0 || (one.startedAt >= 0 && now - one.startedAt >= durationMs)),
      )
      .map(([transactionalId, { producerId, state }]) => ({ transactionalId, producerId, state })),
  };
};

export const describeTransactions: Handler<Apis["describeTransactions"]> = (request, { broker }) => ({
  transactions: request.transactionalIds.map((transactionalId) => {
    const known = broker.transactions.get(transactionalId);
    const byTopic = new Map<string, number[]>();
    for (const { topic, partition } of known?.partitions ?? [])
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
    return {
      errorCode: known === undefined ? ErrorCode.transactionalIdNotFound : ErrorCode.none,
      transactionalId,
      state: known?.state ?? "",
      timeoutMs: known?.timeoutMs ?? 0,
      startTimeMs: known?.startedAt ?? -1,
      producerId: known?.producerId ?? -1,
      producerEpoch: known?.epoch ?? -1,
      topics: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
    };
  }),
});
