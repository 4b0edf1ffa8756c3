import type { Api } from "../api.ts";
import { optional, since, struct } from "../struct.ts";
import { array, boolean, int16, int32, int64, nullableString, string } from "../types.ts";

// Idempotent and transactional producers (KIP-98). The highest versions here are the last ones before those that
// imply a new epoch for each transaction (KIP-890): clients use those only where the cluster says that it has them.

export const initProducerId = {
  name: "InitProducerId",
  key: 22,
  min: 0,
  max: 5,
  flexibleFrom: 2,
  request: struct({
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    errorCode: int16,
    producerId: optional(int64, -1),
    producerEpoch: optional(int16, -1),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const addPartitionsToTxn = {
  name: "AddPartitionsToTxn",
  key: 24,
  min: 0,
  max: 3,
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    topics: array(
      struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const addOffsetsToTxn = {
  name: "AddOffsetsToTxn",
  key: 25,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: optional(int32), errorCode: int16 }),
} satisfies Api<unknown, never, unknown, never>;

export const endTxn = {
  name: "EndTxn",
  key: 26,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean }),
  response: struct({ throttleTimeMs: optional(int32), errorCode: int16 }),
} satisfies Api<unknown, never, unknown, never>;

export const txnOffsetCommit = {
  name: "TxnOffsetCommit",
  key: 28,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: since(3, int32, -1),
    memberId: since(3, string),
    groupInstanceId: since(3, nullableString),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            offset: int64,
            leaderEpoch: since(2, int32, -1),
            metadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    topics: array(
      struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const listTransactions = {
  name: "ListTransactions",
  key: 66,
  min: 0,
  max: 1,
  flexibleFrom: 0,
  request: struct({
    states: array(string),
    producerIds: array(int64),
    durationMs: since(1, int64, -1),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    errorCode: int16,
    unknownStates: array(string),
    transactions: array(struct({ transactionalId: string, producerId: int64, state: string })),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const describeTransactions = {
  name: "DescribeTransactions",
  key: 65,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  request: struct({ transactionalIds: array(string) }),
  response: struct({
    throttleTimeMs: optional(int32),
    transactions: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        state: string,
        timeoutMs: int32,
        startTimeMs: int64,
        producerId: int64,
        producerEpoch: int16,
        topics: array(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;
