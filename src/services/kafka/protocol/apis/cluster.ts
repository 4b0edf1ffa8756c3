import type { Api } from "../api.ts";
import { between, optional, since, struct, tagged, upTo } from "../struct.ts";
import {
  array,
  boolean,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  string,
  uuid,
} from "../types.ts";

// ApiVersions, Metadata, DescribeCluster: who is there and what they speak.

/** "Not asked for", in the bit sets of authorised operations. */
const NO_OPERATIONS = -2147483648;

export const apiVersions = {
  name: "ApiVersions",
  key: 18,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  request: struct({ clientSoftwareName: since(3, string), clientSoftwareVersion: since(3, string) }),
  response: struct({
    errorCode: int16,
    apis: array(struct({ key: int16, min: int16, max: int16 })),
    throttleTimeMs: since(1, int32),
    supportedFeatures: tagged(0, 3, array(struct({ name: string, min: int16, max: int16 }))),
    finalizedFeaturesEpoch: tagged(1, 3, int64, -1),
    finalizedFeatures: tagged(2, 3, array(struct({ name: string, max: int16, min: int16 }))),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const metadata = {
  name: "Metadata",
  key: 3,
  min: 0,
  max: 13,
  flexibleFrom: 9,
  request: struct({
    topics: nullableArray(struct({ topicId: since(10, uuid), name: nullableString })),
    allowAutoTopicCreation: since(4, boolean, true),
    includeClusterOperations: between(8, 10, boolean),
    includeTopicOperations: since(8, boolean),
  }),
  response: struct({
    throttleTimeMs: since(3, int32),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString) })),
    clusterId: since(2, nullableString),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: nullableString,
        topicId: since(10, uuid),
        isInternal: since(1, boolean),
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderId: int32,
            leaderEpoch: since(7, int32, -1),
            replicas: array(int32),
            inSync: array(int32),
            offline: since(5, array(int32)),
          }),
        ),
        operations: since(8, int32, NO_OPERATIONS),
      }),
    ),
    clusterOperations: between(8, 10, int32, NO_OPERATIONS),
    errorCode: since(13, int16),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const describeCluster = {
  name: "DescribeCluster",
  key: 60,
  min: 0,
  max: 2,
  flexibleFrom: 0,
  request: struct({
    includeClusterOperations: boolean,
    endpointType: since(1, int8, 1),
    includeFencedBrokers: since(2, boolean),
  }),
  response: struct({
    throttleTimeMs: optional(int32),
    errorCode: int16,
    errorMessage: optional(nullableString),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: int32,
    brokers: array(
      struct({
        brokerId: int32,
        host: string,
        port: int32,
        rack: optional(nullableString),
        isFenced: since(2, boolean),
      }),
    ),
    clusterOperations: optional(int32, NO_OPERATIONS),
  }),
} satisfies Api<unknown, never, unknown, never>;

export const findCoordinator = {
  name: "FindCoordinator",
  key: 10,
  min: 0,
  max: 6,
  flexibleFrom: 3,
  request: struct({ key: upTo(3, string), keyType: since(1, int8), keys: since(4, array(string)) }),
  response: struct({
    throttleTimeMs: since(1, int32),
    errorCode: upTo(3, int16),
    errorMessage: between(1, 3, nullableString),
    nodeId: upTo(3, int32),
    host: upTo(3, string),
    port: upTo(3, int32),
    coordinators: since(
      4,
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: optional(nullableString),
        }),
      ),
    ),
  }),
} satisfies Api<unknown, never, unknown, never>;
