import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { LEADER_EPOCH, type PartitionLog } from "../log/partition-log.ts";
import type { Handler } from "./handler.ts";

// The timestamps below zero that mean a place (KIP-79, 405, 734).
const LATEST = -1;
const EARLIEST = -2;
const LARGEST_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;

const READ_COMMITTED = 1;

export const listOffsets: Handler<Apis["listOffsets"]> = (request, { broker }) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, timestamp, currentLeaderEpoch }) => {
      const log = broker.topics.log(name, partition);
      if (log === undefined) return { partition, errorCode: ErrorCode.unknownTopicOrPartition };
      if (currentLeaderEpoch > LEADER_EPOCH) return { partition, errorCode: ErrorCode.unknownLeaderEpoch };
      const found = find(log, timestamp, request.isolationLevel === READ_COMMITTED);
      return { partition, errorCode: ErrorCode.none, ...(found ?? {}) };
    }),
  })),
});

function find(
  log: PartitionLog,
  timestamp: number,
  isCommitted: boolean,
): { offset: number; timestamp: number; leaderEpoch: number } | undefined {
  const leaderEpoch = LEADER_EPOCH;
  if (timestamp === LATEST)
    return { offset: isCommitted ? log.lastStableOffset : log.endOffset, timestamp: -1, leaderEpoch };
  if (timestamp === EARLIEST || timestamp === EARLIEST_LOCAL)
    return { offset: log.startOffset, timestamp: -1, leaderEpoch };
  // Below are places in tiered storage, of which there is none.
  if (timestamp < LARGEST_TIMESTAMP) return undefined;
  const found = timestamp === LARGEST_TIMESTAMP ? log.findLatestTime() : log.findByTime(timestamp);
  if (found === undefined || (isCommitted && found.offset >= log.lastStableOffset)) return undefined;
  return { ...found, leaderEpoch };
}

export const offsetForLeaderEpoch: Handler<Apis["offsetForLeaderEpoch"]> = (request, { broker }) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, leaderEpoch, currentLeaderEpoch }) => {
      const log = broker.topics.log(topic, partition);
      if (log === undefined) return { partition, errorCode: ErrorCode.unknownTopicOrPartition };
      if (currentLeaderEpoch > LEADER_EPOCH) return { partition, errorCode: ErrorCode.unknownLeaderEpoch };
      // There has only been one epoch: it ends where the log ends.
      return leaderEpoch === LEADER_EPOCH
        ? { partition, errorCode: ErrorCode.none, leaderEpoch, endOffset: log.endOffset }
        : { partition, errorCode: ErrorCode.none };
    }),
  })),
});

export const deleteRecords: Handler<Apis["deleteRecords"]> = (request, { broker }) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, offset }) => {
      const topic = broker.topics.get(name);
      const log = broker.topics.log(name, partition);
      if (topic === undefined || log === undefined)
        return { partition, lowWatermark: -1, errorCode: ErrorCode.unknownTopicOrPartition };
      const upTo = offset === -1 ? log.endOffset : offset;
      if (!(upTo >= 0 && upTo <= log.endOffset))
        return { partition, lowWatermark: -1, errorCode: ErrorCode.offsetOutOfRange };
      broker.topics.deleteRecords(topic, partition, log, upTo);
      return { partition, lowWatermark: log.startOffset, errorCode: ErrorCode.none };
    }),
  })),
});
