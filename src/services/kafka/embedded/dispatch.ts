import { type AnyApi, type Api, decodeRequest, encodeResponse, peekRequest } from "../protocol/api.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { ProtocolError } from "../protocol/reader.ts";
import {
  apiVersions,
  describeCluster,
  findCoordinator,
  metadata,
  supportedVersions,
} from "./handlers/cluster.ts";
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from "./handlers/configs.ts";
import { fetch } from "./handlers/fetch.ts";
import { offsetCommit, offsetDelete, offsetFetch } from "./handlers/group-offsets.ts";
import type { Answer, RequestContext } from "./handlers/handler.ts";
import {
  deleteGroups,
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  syncGroup,
} from "./handlers/membership.ts";
import { deleteRecords, listOffsets, offsetForLeaderEpoch } from "./handlers/offsets-by-time.ts";
import { produce } from "./handlers/produce.ts";
import { createPartitions, createTopics, deleteTopics } from "./handlers/topics.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  listTransactions,
  txnOffsetCommit,
} from "./handlers/transactions.ts";

/** A response frame in pieces; undefined for a request that wants none. */
export type Response = readonly Buffer[] | undefined;

type Serve = (
  frame: Buffer,
  context: Omit<RequestContext, "version" | "clientId">,
) => Response | Promise<Response>;

interface Served {
  readonly api: AnyApi;
  readonly serve: Serve;
}

const allServed: readonly Served[] = [
  served(apis.produce, produce),
  served(apis.fetch, fetch),
  served(apis.listOffsets, listOffsets),
  served(apis.metadata, metadata),
  served(apis.offsetCommit, offsetCommit),
  served(apis.offsetFetch, offsetFetch),
  served(apis.findCoordinator, findCoordinator),
  served(apis.joinGroup, joinGroup),
  served(apis.heartbeat, heartbeat),
  served(apis.leaveGroup, leaveGroup),
  served(apis.syncGroup, syncGroup),
  served(apis.describeGroups, describeGroups),
  served(apis.listGroups, listGroups),
  served(apis.apiVersions, apiVersions),
  served(apis.createTopics, createTopics),
  served(apis.deleteTopics, deleteTopics),
  served(apis.deleteRecords, deleteRecords),
  served(apis.initProducerId, initProducerId),
  served(apis.offsetForLeaderEpoch, offsetForLeaderEpoch),
  served(apis.addPartitionsToTxn, addPartitionsToTxn),
  served(apis.addOffsetsToTxn, addOffsetsToTxn),
  served(apis.endTxn, endTxn),
  served(apis.txnOffsetCommit, txnOffsetCommit),
  served(apis.describeConfigs, describeConfigs),
  served(apis.alterConfigs, alterConfigs),
  served(apis.createPartitions, createPartitions),
  served(apis.deleteGroups, deleteGroups),
  served(apis.incrementalAlterConfigs, incrementalAlterConfigs),
  served(apis.offsetDelete, offsetDelete),
  served(apis.describeCluster, describeCluster),
  served(apis.describeTransactions, describeTransactions),
  served(apis.listTransactions, listTransactions),
];

const byKey = new Map(allServed.map((one) => [one.api.key, one]));

/**
 * Answers one request frame (without its size). A frame that is none, an API or a version that we don't speak throw
 * {@link ProtocolError}: there is nothing to answer, the connection must end. Only ApiVersions answers a version that
 * is too high, with ours, so that the client can choose (KIP-511).
 */
export function respond(
  frame: Buffer,
  context: Omit<RequestContext, "version" | "clientId">,
): Response | Promise<Response> {
  const { key, version, correlationId } = peekRequest(frame);
  const found = byKey.get(key);
  if (found === undefined) throw new ProtocolError(`no API ${key}`);
  const { api } = found;
  if (version < api.min || version > api.max) {
    if (key !== apis.apiVersions.key) throw new ProtocolError(`${api.name} has no version ${version} here`);
    const body = { errorCode: ErrorCode.unsupportedVersion, apis: supportedVersions };
    return encodeResponse(apis.apiVersions, { version: 0, correlationId }, body);
  }
  return found.serve(frame, context);
}

/** The name of a frame's API, for a log. */
export function apiNameOf(frame: Buffer): string {
  return frame.length < 2 ? "?" : (byKey.get(frame.readInt16BE(0))?.api.name ?? "?");
}

/** One API with its handler; what their types have in common is only the bytes. */
function served<Q, QIn, R, RIn>(
  api: Api<Q, QIn, R, RIn>,
  handler: (request: Q, context: RequestContext) => Answer<RIn>,
): Served {
  const serve: Serve = (frame, base) => {
    const { head, body } = decodeRequest(api, frame);
    const encode = (answer: RIn | undefined): Response =>
      answer === undefined ? undefined : encodeResponse(api, head, answer);
    const answer = handler(body, { ...base, version: head.version, clientId: head.clientId ?? "" });
    return answer instanceof Promise ? answer.then(encode) : encode(answer);
  };
  return { api, serve };
}
