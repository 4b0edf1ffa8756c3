import type { AnyApi } from "./api.ts";
import { apiVersions, describeCluster, findCoordinator, metadata } from "./apis/cluster.ts";
import { deleteGroups, describeGroups, listGroups, offsetDelete } from "./apis/group-admin.ts";
import { heartbeat, joinGroup, leaveGroup, offsetCommit, offsetFetch, syncGroup } from "./apis/groups.ts";
import { deleteRecords, fetch, listOffsets, offsetForLeaderEpoch, produce } from "./apis/records.ts";
import {
  alterConfigs,
  createPartitions,
  createTopics,
  deleteTopics,
  describeConfigs,
  incrementalAlterConfigs,
} from "./apis/topics.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  listTransactions,
  txnOffsetCommit,
} from "./apis/transactions.ts";

/** Every API that we speak, by name. */
export const apis = {
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  apiVersions,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  txnOffsetCommit,
  describeConfigs,
  alterConfigs,
  createPartitions,
  deleteGroups,
  incrementalAlterConfigs,
  offsetDelete,
  describeCluster,
  describeTransactions,
  listTransactions,
};

export type Apis = typeof apis;

/** Every API in the order of its key. */
export const allApis: readonly AnyApi[] = Object.values(apis).sort((a, b) => a.key - b.key);

const byKey = new Map(allApis.map((api) => [api.key, api]));

export function apiOf(key: number): AnyApi | undefined {
  return byKey.get(key);
}
