import type { Api } from "../api.ts";
import { between, optional, since, struct, tagged, upTo } from "../struct.ts";
import {
  array,
  type Input,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
  uuid,
  type Value,
} from "../types.ts";

// Produce, Fetch, ListOffsets, DeleteRecords, OffsetForLeaderEpoch: what touches a partition's log.
// Fields, versions and defaults: kafka.apache.org/protocol and Kafka's message definitions
// (clients/src/main/resources/common/message). Version 13 of Produce and of Fetch name a topic by its id.

const leader = struct({ leaderId: optional(int32, -1), leaderEpoch: optional(int32, -1) });
const endpoints = array(struct({ nodeId: int32, host: string, port: int32, rack: nullableString }));

export const produce = {
  name: "Produce",
  key: 0,
  min: 3,
  max: 13,
  flexibleFrom: 9,
  request: struct({
    transactionalId: since(3, nullableString),
    acks: int16,
    timeoutMs: int32,
    topics: array(
      struct({
        name: upTo(12, string),
        topicId: since(13, uuid),
        partitions: array(struct({ index: int32, records: nullableBytes })),
      }),
    ),
  }),
  response: struct({
    topics: array(
      struct({
        name: upTo(12, string),
        topicId: since(13, uuid),
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: since(2, int64, -1),
            logStartOffset: since(5, int64, -1),
            recordErrors: since(8, array(struct({ batchIndex: int32, message: nullableString }))),
            errorMessage: since(8, nullableString),
            currentLeader: tagged(0, 10, leader),
          }),
        ),
      }),
    ),
    throttleTimeMs: since(1, int32),
    nodeEndpoints: tagged(0, 10, endpoints),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const fetch = {
  name: "Fetch",
  key: 1,
  min: 4,
  max: 17,
  flexibleFrom: 12,
  request: struct({
    clusterId: tagged(0, 12, nullableString),
    replicaId: upTo(14, int32, -1),
    replicaState: tagged(
      1,
      15,
      struct({ replicaId: optional(int32, -1), replicaEpoch: optional(int64, -1) }),
    ),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: since(3, int32, 0x7fffffff),
    isolationLevel: since(4, int8),
    sessionId: since(7, int32),
    sessionEpoch: since(7, int32, -1),
    topics: array(
      struct({
        topic: upTo(12, string),
        topicId: since(13, uuid),
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: since(9, int32, -1),
            fetchOffset: int64,
            lastFetchedEpoch: since(12, int32, -1),
            logStartOffset: since(5, int64, -1),
            partitionMaxBytes: int32,
            replicaDirectoryId: tagged(0, 17, uuid),
          }),
        ),
      }),
    ),
    forgottenTopics: since(
      7,
      array(struct({ topic: between(7, 12, string), topicId: since(13, uuid), partitions: array(int32) })),
    ),
    rackId: since(11, string),
  }),
  response: struct({
    throttleTimeMs: since(1, int32),
    errorCode: since(7, int16),
    sessionId: since(7, int32),
    topics: array(
      struct({
        topic: upTo(12, string),
        topicId: since(13, uuid),
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: since(4, int64, -1),
            logStartOffset: since(5, int64, -1),
            divergingEpoch: tagged(0, 12, struct({ epoch: int32, endOffset: int64 })),
            currentLeader: tagged(1, 12, leader),
            snapshotId: tagged(2, 12, struct({ endOffset: int64, epoch: int32 })),
            abortedTransactions: since(4, nullableArray(struct({ producerId: int64, firstOffset: int64 }))),
            preferredReadReplica: since(11, int32, -1),
            records: nullableBytes,
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(0, 16, endpoints),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const listOffsets = {
  name: "ListOffsets",
  key: 2,
  min: 1,
  max: 11,
  flexibleFrom: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: since(2, int8),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ partition: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 }),
        ),
      }),
    ),
    timeoutMs: since(10, int32),
  }),
  response: struct({
    throttleTimeMs: since(2, int32),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            timestamp: optional(int64, -1),
            offset: optional(int64, -1),
            leaderEpoch: since(4, int32, -1),
          }),
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const deleteRecords = {
  name: "DeleteRecords",
  key: 21,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: struct({
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, offset: int64 })) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const offsetForLeaderEpoch = {
  name: "OffsetForLeaderEpoch",
  key: 23,
  min: 2,
  max: 4,
  flexibleFrom: 4,
  request: struct({
    replicaId: since(3, int32, -2),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({ partition: int32, currentLeaderEpoch: since(2, int32, -1), leaderEpoch: int32 }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(2, int32),
    topics: array(
      struct({
        topic: string,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderEpoch: since(1, int32, -1),
            endOffset: optional(int64, -1),
          }),
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export type FetchRequest = Value<typeof fetch.request>;
export type FetchResponseIn = Input<typeof fetch.response>;
export type ProduceRequest = Value<typeof produce.request>;
