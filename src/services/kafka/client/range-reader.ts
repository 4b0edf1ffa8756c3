import { throwIfCancelled } from "../../../core/errors.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import {
  type BatchHeader,
  batchCrc,
  codecOf,
  HEADER_BYTES,
  isControl,
  isTransactional,
  readBatchHeader,
} from "../protocol/record-batch.ts";
import { decodeRecords, type RecordColumns } from "../protocol/record-columns.ts";
import type { OffsetRange, ReadOptions } from "../topic-log.ts";
import type { Cluster } from "./cluster.ts";
import { damaged, offsetGone, unreadableCodec } from "./errors.ts";
import { KafkaCode } from "./retry.ts";

const DEFAULT_FETCH_BYTES = 4 * 1024 * 1024;
/** The highest version that names a topic by its name. */
const MAX_VERSION = 12;
const READ_COMMITTED = 1;
/** A fetch of what is there answers at once; this is for one that meets nothing. */
const WAIT_MS = 100;

interface Fetched {
  readonly records: Buffer;
  /** Readers may go up to it. */
  readonly endOffset: number;
  readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[];
}

/** The records of a range, a batch at a time; the next fetch is on its way while a batch is worked on. */
export async function* readRange(
  cluster: Cluster,
  range: OffsetRange,
  options: ReadOptions,
): AsyncGenerator<RecordColumns> {
  let next = range.from;
  if (next >= range.to) return;
  let coming = fetchFrom(cluster, range, next, options);
  try {
    while (next < range.to) {
      throwIfCancelled(options.signal);
      const fetched = await coming;
      const batches = wholeBatches(fetched.records);
      const last = batches.at(-1);
      if (last === undefined) {
        if (fetched.endOffset < range.to) throw offsetGone(range.topic, range.partition, fetched.endOffset);
        coming = fetchFrom(cluster, range, next, options);
        continue;
      }
      const from = next;
      next = last.header.lastOffset + 1;
      if (next < range.to) coming = fetchFrom(cluster, range, next, options);
      const isAborted = abortedFilter(fetched.aborted);
      for (const { at, header } of batches) {
        if (header.baseOffset >= range.to) break;
        if (header.lastOffset < from || isAborted(header, fetched.records, at) || isControl(header)) continue;
        const columns = decode(range, fetched.records, at, header);
        const wanted = rowsBetween(columns, Math.max(from, range.from), range.to);
        if (wanted.count > 0) yield wanted;
      }
    }
  } finally {
    // The reader may stop early: the fetch that is on its way must not fail unheard.
    coming.catch(() => undefined);
  }
}

function fetchFrom(
  cluster: Cluster,
  range: OffsetRange,
  offset: number,
  options: ReadOptions,
): Promise<Fetched> {
  const { topic, partition } = range;
  const maxBytes = options.fetchBytes ?? DEFAULT_FETCH_BYTES;
  const isCommitted = options.isolation !== "uncommitted";
  const body = {
    maxWaitMs: WAIT_MS,
    minBytes: 1,
    maxBytes,
    isolationLevel: isCommitted ? READ_COMMITTED : 0,
    topics: [
      {
        topic,
        topicId: NO_ID,
        partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: maxBytes }],
      },
    ],
  };
  const fetched = cluster.attempt(
    { action: "fetch", where: `${topic}/${partition}`, topic },
    async () => {
      const answer = await cluster.toLeader({ topic, partition }, apis.fetch, body, {
        maxVersion: MAX_VERSION,
      });
      if (answer.errorCode !== ErrorCode.none) throw new KafkaCode(answer.errorCode);
      const result = answer.topics[0]?.partitions[0];
      if (result === undefined) throw new KafkaCode(ErrorCode.unknownServerError);
      if (result.errorCode === ErrorCode.offsetOutOfRange) throw offsetGone(topic, partition, offset);
      if (result.errorCode !== ErrorCode.none) throw new KafkaCode(result.errorCode);
      return {
        records: result.records ?? NO_BYTES,
        endOffset: isCommitted ? result.lastStableOffset : result.highWatermark,
        aborted: result.abortedTransactions ?? [],
      };
    },
    options.signal,
  );
  // It is awaited later: a failure must not count as unhandled until then.
  fetched.catch(() => undefined);
  return fetched;
}

const NO_BYTES = Buffer.alloc(0);
const NO_ID = "0".repeat(32);

/** The last batch may be cut short by the size that was asked for. */
function wholeBatches(records: Buffer): { at: number; header: BatchHeader }[] {
  const batches: { at: number; header: BatchHeader }[] = [];
  for (let at = 0; at + HEADER_BYTES <= records.length; ) {
    const header = readBatchHeader(records, at);
    if (header.sizeBytes < HEADER_BYTES || at + header.sizeBytes > records.length) break;
    batches.push({ at, header });
    at += header.sizeBytes;
  }
  return batches;
}

/**
 * Tells the batches of aborted transactions, asked in the order of the log: a transaction's records are those of its
 * producer from its first offset up to its marker (KIP-98).
 */
function abortedFilter(
  aborted: Fetched["aborted"],
): (header: BatchHeader, records: Buffer, at: number) => boolean {
  const ahead = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<number>();
  return (header) => {
    for (
      let first = ahead[0];
      first !== undefined && first.firstOffset <= header.lastOffset;
      first = ahead[0]
    ) {
      open.add(first.producerId);
      ahead.shift();
    }
    if (!isTransactional(header)) return false;
    // The producer's next marker is the one that ends it.
    return isControl(header) ? open.delete(header.producerId) : open.has(header.producerId);
  };
}

function decode(
  { topic, partition }: OffsetRange,
  records: Buffer,
  at: number,
  header: BatchHeader,
): RecordColumns {
  if (batchCrc(records, at, header.sizeBytes) !== header.crc) throw damaged(topic, partition, undefined);
  let columns: RecordColumns | undefined;
  try {
    columns = decodeRecords(records, at);
  } catch (cause) {
    throw damaged(topic, partition, cause);
  }
  if (columns === undefined) throw unreadableCodec(topic, partition, codecOf(header) ?? "?");
  return columns;
}

/** The rows with offsets in [from, to): views of the same columns. */
function rowsBetween(columns: RecordColumns, from: number, to: number): RecordColumns {
  const { offsets, count } = columns;
  let start = 0;
  while (start < count && (offsets[start] ?? 0) < from) start++;
  let end = count;
  while (end > start && (offsets[end - 1] ?? 0) >= to) end--;
  if (start === 0 && end === count) return columns;
  return {
    count: end - start,
    bytes: columns.bytes,
    offsets: offsets.subarray(start, end),
    timestamps: columns.timestamps.subarray(start, end),
    keyStarts: columns.keyStarts.subarray(start, end),
    keyEnds: columns.keyEnds.subarray(start, end),
    valueStarts: columns.valueStarts.subarray(start, end),
    valueEnds: columns.valueEnds.subarray(start, end),
    headerStarts: columns.headerStarts.subarray(start, end),
  };
}
