import type { Api } from "../api.ts";
import { between, optional, since, struct, upTo } from "../struct.ts";
import {
  array,
  boolean,
  bytes,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  string,
  uuid,
} from "../types.ts";

// Consumer groups: membership (the classic protocol) and committed offsets.
// Version 10 of OffsetCommit and OffsetFetch names a topic by its id.

export const joinGroup = {
  name: "JoinGroup",
  key: 11,
  min: 0,
  max: 9,
  flexibleFrom: 6,
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullableString),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: since(8, nullableString),
  }),
  response: struct({
    throttleTimeMs: since(2, int32),
    errorCode: int16,
    generationId: optional(int32, -1),
    protocolType: since(7, nullableString),
    protocolName: nullableString,
    leader: string,
    skipAssignment: since(9, boolean),
    memberId: string,
    members: array(struct({ memberId: string, groupInstanceId: since(5, nullableString), metadata: bytes })),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const syncGroup = {
  name: "SyncGroup",
  key: 14,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString),
    protocolType: since(5, nullableString),
    protocolName: since(5, nullableString),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    protocolType: since(5, nullableString),
    protocolName: since(5, nullableString),
    assignment: bytes,
  }),
} satisfies Api<unknown, never, unknown, never>;

export const heartbeat = {
  name: "Heartbeat",
  key: 12,
  min: 0,
  max: 4,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString),
  }),
  response: struct({ throttleTimeMs: since(1, int32), errorCode: int16 }),
} satisfies Api<unknown, never, unknown, never>;

export const leaveGroup = {
  name: "LeaveGroup",
  key: 13,
  min: 0,
  max: 5,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    memberId: upTo(2, string),
    members: since(
      3,
      array(struct({ memberId: string, groupInstanceId: nullableString, reason: since(5, nullableString) })),
    ),
  }),
  response: struct({
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 }))),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const offsetCommit = {
  name: "OffsetCommit",
  key: 8,
  min: 2,
  max: 10,
  flexibleFrom: 8,
  request: struct({
    groupId: string,
    generationId: since(1, int32, -1),
    memberId: since(1, string),
    groupInstanceId: since(7, nullableString),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: array(
      struct({
        name: upTo(9, string),
        topicId: since(10, uuid),
        partitions: array(
          struct({
            partition: int32,
            offset: int64,
            leaderEpoch: since(6, int32, -1),
            metadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(3, int32),
    topics: array(
      struct({
        name: upTo(9, string),
        topicId: since(10, uuid),
        partitions: array(struct({ partition: int32, errorCode: int16 })),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

const fetchedPartitions = array(
  struct({
    partition: int32,
    offset: int64,
    leaderEpoch: since(5, int32, -1),
    metadata: nullableString,
    errorCode: int16,
  }),
);

export const offsetFetch = {
  name: "OffsetFetch",
  key: 9,
  min: 1,
  max: 10,
  flexibleFrom: 6,
  request: struct({
    groupId: upTo(7, string),
    topics: upTo(7, nullableArray(struct({ name: string, partitions: array(int32) }))),
    groups: since(
      8,
      array(
        struct({
          groupId: string,
          memberId: since(9, nullableString),
          memberEpoch: since(9, int32, -1),
          topics: nullableArray(
            struct({ name: upTo(9, string), topicId: since(10, uuid), partitions: array(int32) }),
          ),
        }),
      ),
    ),
    requireStable: since(7, boolean),
  }),
  response: struct({
    throttleTimeMs: since(3, int32),
    topics: upTo(7, array(struct({ name: string, partitions: fetchedPartitions }))),
    errorCode: between(2, 7, int16),
    groups: since(
      8,
      array(
        struct({
          groupId: string,
          topics: array(
            struct({ name: upTo(9, string), topicId: since(10, uuid), partitions: fetchedPartitions }),
          ),
          errorCode: int16,
        }),
      ),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;
