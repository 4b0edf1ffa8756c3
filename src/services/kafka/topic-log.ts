import { KafkaTopicLog } from "./client/kafka-topic-log.ts";
import type { RecordColumns } from "./protocol/record-columns.ts";
import type { ByteColumn, RecordsInput } from "./protocol/record-encode.ts";

export { readRecordHeaders } from "./protocol/record-columns.ts";
export type { ByteColumn, RecordColumns };

/**
 * Topics as a streaming engine uses them: append columns of bytes, read an exact range of offsets, find offsets,
 * remember a position. It speaks the Kafka protocol, so it works on the embedded broker and on any Kafka from 2.1 on.
 *
 * All calls reconnect and try again on what passes by itself (a broker that restarts, a coordinator that loads) until
 * `timeoutMs`; what does not pass is a UserError: `kafka-unreachable` (no broker answers), `kafka-no-topic`,
 * `kafka-no-partition`, `kafka-offset-gone` (retention has removed what is asked for, or it is past the end),
 * `kafka-codec` (records in a codec that this Node can't read), `kafka-damaged`, `kafka-fenced` (another producer
 * took over), `kafka-disk` (the broker can't write, its disk is full), `kafka-refused` (any other answer, with its name). An aborted signal throws CancelledError.
 */
export interface TopicLog {
  /** Makes a topic; one that exists already, with any number of partitions, is left as it is (`created` is then false). */
  createTopic(topic: string, options?: TopicOptions): Promise<{ readonly created: boolean }>;

  /** Removes a topic with its records; one that is not there is no error. */
  deleteTopic(topic: string): Promise<void>;

  /** The partition numbers of a topic, ascending, from 0. A topic that is not there is `kafka-no-topic`: none is made. */
  partitions(topic: string): Promise<readonly number[]>;

  /**
   * One offset for each partition of a topic: where it begins (`earliest`), the offset that the next record gets
   * (`latest`; with `committed` isolation the first that is not decided yet), or the first record whose timestamp is
   * at or after `timestampMs` (the end where there is none).
   */
  offsets(topic: string, at: OffsetPosition, options?: ReadIsolation): Promise<ReadonlyMap<number, number>>;

  /**
   * Appends n records to one partition, in order, in as many batches as their size needs (`batchBytes`), and gives
   * the offset of the first and the one after the last once every one of them is acknowledged by all (acks=all). A
   * retry after a lost answer doubles nothing (idempotent producer), except over the restart of this process.
   */
  append(
    topic: string,
    partition: number,
    records: AppendInput,
    options?: AppendOptions,
  ): Promise<{ readonly from: number; readonly to: number }>;

  /**
   * The records of one partition with offsets in [from, to), as columns, a batch each (rows outside of the range cut
   * off), in order of offset. Offsets may have gaps (compaction, transaction markers). Ends at `to`: it never waits
   * for records that are not there yet; a `to` past the end is `kafka-offset-gone`. The columns stay valid.
   */
  read(range: OffsetRange, options?: ReadOptions): AsyncIterable<RecordColumns>;

  /** Resolves when a partition holds a record at or after one of these offsets, or after `waitMs`: a long poll. */
  waitForRecords(
    topic: string,
    offsets: ReadonlyMap<number, number>,
    options: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;

  /** Stores a group's positions (the offsets to go on from), as any consumer group's. */
  commit(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;

  /** A group's positions in a topic; partitions without one are left out. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, number>>;

  close(): Promise<void>;
}

export interface TopicOptions {
  /** Default 1. */
  readonly partitions?: number | undefined;
  /** Topic settings by their Kafka names: `retention.ms`, `max.message.bytes`, … */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

export type OffsetPosition = "earliest" | "latest" | { readonly timestampMs: number };

export interface ReadIsolation {
  /** `committed` (default) leaves out what an aborted transaction wrote and stops before an open one. */
  readonly isolation?: "committed" | "uncommitted" | undefined;
}

export interface AppendOptions {
  /** Default `none`. */
  readonly codec?: "none" | "gzip" | undefined;
  /** Records are cut into batches of about this size before compression; default 512 kB. */
  readonly batchBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  /** First offset. */
  readonly from: number;
  /** The one after the last. */
  readonly to: number;
}

export interface ReadOptions extends ReadIsolation {
  /** Bytes asked for at a time; default 4 MB. */
  readonly fetchBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Columns of n records: `values`, and where wanted `keys`, `timestamps` (default: now) and headers that all share. */
export type AppendInput = Omit<RecordsInput, "timestamps" | "from" | "to"> & {
  readonly timestamps?: RecordsInput["timestamps"] | undefined;
};

export interface TopicLogOptions {
  /** `host:port`, several with commas: what TALLER_KAFKA_BROKERS holds. */
  readonly brokers: string;
  /** Shown in the broker's logs; default `taller`. */
  readonly clientId?: string | undefined;
  /** How long a call tries before it gives up; default 30 s. */
  readonly timeoutMs?: number | undefined;
}

/** Opens a topic log on some brokers. Nothing is sent until the first call; close it in the end. */
export function openTopicLog(options: TopicLogOptions): TopicLog {
  return new KafkaTopicLog(options);
}
