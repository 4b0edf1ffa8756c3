import type { FetchRequest, FetchResponseIn } from "../../protocol/apis/records.ts";
import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { LEADER_EPOCH, type PartitionLog } from "../log/partition-log.ts";
import type { Handler, RequestContext } from "./handler.ts";

/** An answer holds no more than this (but always one whole batch), whatever is asked for: memory is bounded by connections. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
const TOPIC_IDS_FROM = 13;
const READ_COMMITTED = 1;

type FetchedTopic = FetchResponseIn["topics"][number];
type FetchedPartition = FetchedTopic["partitions"][number];
type WantedPartition = FetchRequest["topics"][number]["partitions"][number];

export const fetch: Handler<Apis["fetch"]> = (request, context) => {
  if (request.sessionId !== 0)
    // We keep no fetch sessions: each request names all that it wants, as a client may at any time (KIP-227).
    return { errorCode: ErrorCode.fetchSessionIdNotFound, topics: [] };
  const first = gather(request, context);
  const missing = Math.min(request.minBytes, MAX_RESPONSE_BYTES) - first.sizeBytes;
  if (missing <= 0 || first.hasError || request.maxWaitMs <= 0 || first.logs.length === 0)
    return { topics: first.topics };
  return waitForBytes(first.logs, missing, request.maxWaitMs, context).then((isThere) =>
    isThere ? { topics: gather(request, context).topics } : undefined,
  );
};

interface Gathered {
  readonly topics: FetchedTopic[];
  readonly logs: PartitionLog[];
  readonly sizeBytes: number;
  readonly hasError: boolean;
}

function gather(request: FetchRequest, context: RequestContext): Gathered {
  const { broker, version } = context;
  const logs: PartitionLog[] = [];
  let left = Math.min(Math.max(request.maxBytes, 0), MAX_RESPONSE_BYTES);
  let sizeBytes = 0;
  let hasError = false;
  const topics = request.topics.map(({ topic: name, topicId, partitions }) => {
    const byId = version >= TOPIC_IDS_FROM;
    const topic = byId ? broker.topics.byId(topicId) : broker.topics.get(name);
    return {
      topic: name,
      topicId,
      partitions: partitions.map((wanted): FetchedPartition => {
        const log = topic === undefined ? undefined : broker.topics.log(topic.name, wanted.partition);
        if (log === undefined) {
          hasError = true;
          return failed(
            wanted,
            byId && topic === undefined ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition,
          );
        }
        logs.push(log);
        const fetched = read(log, wanted, {
          maxBytes: Math.min(left, Math.max(wanted.partitionMaxBytes, 0)),
          isWholeFirst: sizeBytes === 0,
          isCommitted: request.isolationLevel === READ_COMMITTED,
          buffer: context.buffer,
        });
        const size = fetched.records?.length ?? 0;
        sizeBytes += size;
        left = Math.max(left - size, 0);
        if (fetched.errorCode !== ErrorCode.none) hasError = true;
        return fetched;
      }),
    };
  });
  return { topics, logs, sizeBytes, hasError };
}

function read(
  log: PartitionLog,
  wanted: WantedPartition,
  limits: {
    readonly maxBytes: number;
    readonly isWholeFirst: boolean;
    readonly isCommitted: boolean;
    readonly buffer: (sizeBytes: number) => Buffer;
  },
): FetchedPartition {
  const { fetchOffset } = wanted;
  if (wanted.currentLeaderEpoch > LEADER_EPOCH) return failed(wanted, ErrorCode.unknownLeaderEpoch);
  const { lastStableOffset } = log;
  const base = {
    partition: wanted.partition,
    highWatermark: log.endOffset,
    lastStableOffset,
    logStartOffset: log.startOffset,
    abortedTransactions: limits.isCommitted ? [] : null,
  };
  if (!(fetchOffset >= log.startOffset && fetchOffset <= log.endOffset))
    return { ...base, errorCode: ErrorCode.offsetOutOfRange, records: EMPTY };
  const found = log.locate({
    offset: fetchOffset,
    maxBytes: limits.maxBytes,
    isWholeFirst: limits.isWholeFirst,
    upTo: limits.isCommitted ? lastStableOffset : log.endOffset,
  });
  if (found === undefined) return { ...base, errorCode: ErrorCode.none, records: EMPTY };
  const records = limits.buffer(found.length);
  const length = found.segment.readInto(records, found.position, found.length);
  return {
    ...base,
    errorCode: ErrorCode.none,
    abortedTransactions: limits.isCommitted ? log.abortedIn(fetchOffset, found.endOffset) : null,
    records: records.subarray(0, length),
  };
}

const EMPTY = Buffer.alloc(0);

function failed({ partition }: WantedPartition, errorCode: number): FetchedPartition {
  return { partition, errorCode, highWatermark: -1, abortedTransactions: null, records: EMPTY };
}

/** Waits until that many bytes more have come to some logs, or the time is up; false when the client has gone. */
function waitForBytes(
  logs: readonly PartitionLog[],
  missing: number,
  maxWaitMs: number,
  context: RequestContext,
): Promise<boolean> {
  return new Promise((resolve) => {
    let left = missing;
    const stops: (() => void)[] = [];
    const end = (isThere: boolean): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve(isThere);
    };
    const timer = setTimeout(() => end(true), maxWaitMs);
    stops.push(context.onClose(() => end(false)));
    for (const log of new Set(logs))
      stops.push(
        log.onAppend((addedBytes) => {
          left -= addedBytes;
          // A transaction's end and a topic's are worth an answer, whatever their size.
          if (left <= 0 || addedBytes === 0) end(true);
        }),
      );
  });
}
