import type { Api } from "../api.ts";
import { optional, since, struct } from "../struct.ts";
import { array, boolean, bytes, int16, int32, nullableString, string } from "../types.ts";

// Consumer groups as an administrator sees them.

export const describeGroups = {
  name: "DescribeGroups",
  key: 15,
  min: 0,
  max: 6,
  flexibleFrom: 5,
  request: struct({ groups: array(string), includeOperations: since(3, boolean) }),
  response: struct({
    throttleTimeMs: since(1, int32),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: since(6, nullableString),
        groupId: string,
        state: string,
        protocolType: string,
        protocolName: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullableString),
            clientId: string,
            clientHost: string,
            metadata: bytes,
            assignment: bytes,
          }),
        ),
        operations: since(3, int32, -2147483648),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const listGroups = {
  name: "ListGroups",
  key: 16,
  min: 0,
  max: 5,
  flexibleFrom: 3,
  request: struct({ states: since(4, array(string)), types: since(5, array(string)) }),
  response: struct({
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    groups: array(
      struct({
        groupId: string,
        protocolType: string,
        state: since(4, string),
        type: since(5, string),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const deleteGroups = {
  name: "DeleteGroups",
  key: 42,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: struct({ groups: array(string) }),
  response: struct({
    throttleTimeMs: optional(int32),
    groups: array(struct({ groupId: string, errorCode: int16 })),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const offsetDelete = {
  name: "OffsetDelete",
  key: 47,
  min: 0,
  max: 0,
  flexibleFrom: 1,
  request: struct({
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    throttleTimeMs: optional(int32),
    topics: array(
      struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;
