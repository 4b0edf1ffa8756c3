import type { Api } from "../api.ts";
import { optional, since, struct, tagged, upTo } from "../struct.ts";
import { array, boolean, int8, int16, int32, nullableArray, nullableString, string, uuid } from "../types.ts";

// Topics and their settings, as an administrator makes, changes and removes them.

export const createTopics = {
  name: "CreateTopics",
  key: 19,
  min: 2,
  max: 7,
  flexibleFrom: 5,
  request: struct({
    topics: array(
      struct({
        name: string,
        partitions: int32,
        replicationFactor: int16,
        assignments: optional(array(struct({ partition: int32, brokerIds: array(int32) }))),
        configs: optional(array(struct({ name: string, value: nullableString }))),
      }),
    ),
    timeoutMs: int32,
    validateOnly: since(1, boolean),
  }),
  response: struct({
    throttleTimeMs: since(2, int32),
    topics: array(
      struct({
        name: string,
        topicId: since(7, uuid),
        errorCode: int16,
        errorMessage: since(1, nullableString),
        configErrorCode: tagged(0, 5, int16),
        partitions: since(5, int32, -1),
        replicationFactor: since(5, int16, -1),
        configs: since(
          5,
          nullableArray(
            struct({
              name: string,
              value: nullableString,
              isReadOnly: boolean,
              source: int8,
              isSensitive: boolean,
            }),
          ),
          [],
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const deleteTopics = {
  name: "DeleteTopics",
  key: 20,
  min: 1,
  max: 6,
  flexibleFrom: 4,
  request: struct({
    topics: since(6, array(struct({ name: nullableString, topicId: optional(uuid) }))),
    names: upTo(5, array(string)),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: since(1, int32),
    topics: array(
      struct({
        name: nullableString,
        topicId: since(6, uuid),
        errorCode: int16,
        errorMessage: since(5, nullableString),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const createPartitions = {
  name: "CreatePartitions",
  key: 37,
  min: 0,
  max: 3,
  flexibleFrom: 2,
  request: struct({
    topics: array(
      struct({
        name: string,
        count: int32,
        assignments: nullableArray(struct({ brokerIds: array(int32) })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: optional(nullableString) })),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const describeConfigs = {
  name: "DescribeConfigs",
  key: 32,
  min: 1,
  max: 4,
  flexibleFrom: 4,
  request: struct({
    resources: array(struct({ type: int8, name: string, keys: nullableArray(string) })),
    includeSynonyms: since(1, boolean),
    includeDocumentation: since(3, boolean),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    resources: array(
      struct({
        errorCode: int16,
        errorMessage: optional(nullableString),
        type: int8,
        name: string,
        configs: array(
          struct({
            name: string,
            value: nullableString,
            isReadOnly: boolean,
            source: since(1, int8, -1),
            isSensitive: boolean,
            synonyms: since(1, array(struct({ name: string, value: nullableString, source: int8 }))),
            type: since(3, int8),
            documentation: since(3, nullableString),
          }),
        ),
      }),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;

const alterResponse = struct({
  throttleTimeMs: optional(int32),
  resources: array(
    struct({ errorCode: int16, errorMessage: optional(nullableString), type: int8, name: string }),
  ),
});

export const alterConfigs = {
  name: "AlterConfigs",
  key: 33,
  min: 0,
  max: 2,
  flexibleFrom: 2,
  request: struct({
    resources: array(
      struct({
        type: int8,
        name: string,
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    validateOnly: boolean,
  }),
  response: alterResponse,
} satisfies Api<unknown, never, unknown, never>;

export const incrementalAlterConfigs = {
  name: "IncrementalAlterConfigs",
  key: 44,
  min: 0,
  max: 1,
  flexibleFrom: 1,
  request: struct({
    resources: array(
      struct({
        type: int8,
        name: string,
        configs: array(struct({ name: string, operation: int8, value: nullableString })),
      }),
    ),
    validateOnly: boolean,
  }),
  response: alterResponse,
} satisfies Api<unknown, never, unknown, never>;
