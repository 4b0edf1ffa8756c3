import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import {
  type BatchHeader,
  isTransactional,
  readBatchHeader,
  stampAppendTime,
} from "../../protocol/record-batch.ts";
import type { Broker } from "../broker.ts";
import type { PartitionLog } from "../log/partition-log.ts";
import { describeSetting, wholeSetting } from "../topic-settings.ts";
import type { Topic } from "../topics.ts";
import { checkBatch } from "./check-batch.ts";
import type { Handler } from "./handler.ts";

interface Written {
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs?: number;
  readonly logStartOffset?: number;
  readonly errorMessage?: string | null;
}

const TOPIC_IDS_FROM = 13;

export const produce: Handler<Apis["produce"]> = (request, context) => {
  const { broker, version } = context;
  const isKnownAcks = request.acks === 0 || request.acks === 1 || request.acks === -1;
  const touched = new Set<string>();
  const topics = request.topics.map(({ name, topicId, partitions }) => {
    const byId = version >= TOPIC_IDS_FROM;
    const topic = byId ? broker.topics.byId(topicId) : broker.topics.get(name);
    return {
      name,
      topicId,
      partitions: partitions.map(({ index, records }) => {
        if (!isKnownAcks) return { index, ...failed(ErrorCode.invalidRequiredAcks) };
        const log = topic === undefined ? undefined : broker.topics.log(topic.name, index);
        if (topic === undefined || log === undefined)
          return {
            index,
            ...failed(
              byId && topic === undefined ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition,
            ),
          };
        const written = write({ broker, version, topic, partition: index, log, records });
        if (written.errorCode === ErrorCode.none) touched.add(log.activePath);
        return { index, ...written };
      }),
    };
  });
  for (const path of touched) broker.flusher.wrote(path);
  if (request.acks === 0) return undefined;
  if (!broker.flusher.isEach || touched.size === 0) return { topics };
  return Promise.all([...touched].map((path) => broker.flusher.flush(path))).then(() => ({ topics }));
};

function write(input: {
  readonly broker: Broker;
  readonly version: number;
  readonly topic: Topic;
  readonly partition: number;
  readonly log: PartitionLog;
  readonly records: Buffer | null;
}): Written {
  const { broker, topic, log, records } = input;
  const { config } = topic;
  const now = broker.clock.now();
  const stamps = describeSetting(config, "message.timestamp.type").value === "LogAppendTime";
  const checked = checkBatch(records, {
    version: input.version,
    maxBytes: wholeSetting(config, "max.message.bytes"),
    latestTimestamp: stamps
      ? Number.POSITIVE_INFINITY
      : now + wholeSetting(config, "message.timestamp.after.max.ms"),
  });
  if ("errorCode" in checked) return failed(checked.errorCode, checked.message);
  if (records === null) return failed(ErrorCode.corruptMessage);
  const done = (baseOffset: number): Written => ({
    errorCode: ErrorCode.none,
    baseOffset,
    logAppendTimeMs: stamps ? now : -1,
    logStartOffset: log.startOffset,
  });
  if (checked.producerId >= 0) {
    const refused = refuseProducer(input, checked);
    if (refused !== undefined)
      return typeof refused === "object" ? done(refused.firstOffset) : failed(refused);
  }
  if (stamps) stampAppendTime(records, 0, checked.sizeBytes, now);
  let baseOffset = -1;
  const errorCode = broker.storing(topic.name, input.partition, () => {
    baseOffset = log.append(records, 0, stamps ? readBatchHeader(records) : checked);
  });
  return errorCode === ErrorCode.none ? done(baseOffset) : failed(errorCode, "the broker's disk refused it");
}

/** An error, or the offset of a batch that stands in the log already; undefined for one that is to be appended. */
function refuseProducer(
  input: {
    readonly broker: Broker;
    readonly topic: Topic;
    readonly partition: number;
    readonly log: PartitionLog;
  },
  header: BatchHeader,
): number | { readonly firstOffset: number } | undefined {
  const { broker, topic, partition, log } = input;
  const verdict = log.judge(header);
  if (verdict.kind === "repeated") return { firstOffset: verdict.firstOffset };
  if (verdict.kind === "fenced") return ErrorCode.invalidProducerEpoch;
  if (isTransactional(header)) {
    const errorCode = broker.transactions.mayWrite(header, { topic: topic.name, partition });
    if (errorCode !== ErrorCode.none) return errorCode;
  } else if (log.hasOpenTransaction(header.producerId)) return ErrorCode.invalidTxnState;
  return verdict.kind === "gap" ? ErrorCode.outOfOrderSequence : undefined;
}

function failed(errorCode: number, errorMessage?: string): Written {
  return { errorCode, baseOffset: -1, errorMessage: errorMessage ?? null };
}
