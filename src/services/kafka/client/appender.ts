import { throwIfCancelled } from "../../../core/errors.ts";
import { apis } from "../protocol/apis.ts";
import { compress } from "../protocol/compression.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { makeBatch } from "../protocol/record-batch.ts";
import { encodeRecords, type RecordsInput } from "../protocol/record-encode.ts";
import type { AppendInput, AppendOptions } from "../topic-log.ts";
import { ConnectionLost } from "./broker-connection.ts";
import type { Cluster } from "./cluster.ts";
import { KafkaCode } from "./retry.ts";

const DEFAULT_BATCH_BYTES = 512 * 1024;
/** The highest version that names a topic by its name. */
const MAX_VERSION = 12;
const ALL = -1;
const SEQUENCES = 2 ** 31;
/** What a record takes besides its key and value, at most. */
const RECORD_BYTES = 40;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Appends to partitions as one idempotent producer (KIP-98): each batch has a sequence, so that one sent again after a
 * lost answer is recognised. Appends to one partition go one after the other.
 */
export class Appender {
  readonly #cluster: Cluster;
  #producer: Promise<{ producerId: number; producerEpoch: number }> | undefined;
  #sequences = new Map<string, number>();
  readonly #lines = new Map<string, Promise<unknown>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async append(
    place: Place,
    records: AppendInput,
    options: AppendOptions,
  ): Promise<{ from: number; to: number }> {
    const key = keyOf(place);
    const before = this.#lines.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#appendNow(place, records, options));
    const settled = mine.catch(() => undefined);
    this.#lines.set(key, settled);
    void settled.then(() => {
      if (this.#lines.get(key) === settled) this.#lines.delete(key);
    });
    return mine;
  }

  async #appendNow(
    place: Place,
    records: AppendInput,
    options: AppendOptions,
  ): Promise<{ from: number; to: number }> {
    if (records.count === 0) throw new RangeError("append: no records");
    const input = { ...records, timestamps: records.timestamps ?? Date.now() };
    let first: number | undefined;
    let end = 0;
    for (const { from, to } of cutRows(input, options.batchBytes ?? DEFAULT_BATCH_BYTES)) {
      throwIfCancelled(options.signal);
      const encoded = encodeRecords({ ...input, from, to });
      const codec = options.codec ?? "none";
      const batch = { ...encoded, codec, body: compress(codec, encoded.body) };
      const offset = await this.#send(place, batch, options.signal);
      first ??= offset;
      end = offset + to - from;
    }
    return { from: first ?? end, to: end };
  }

  async #send(
    { topic, partition }: Place,
    batch: Omit<Parameters<typeof makeBatch>[0], "producerId" | "producerEpoch" | "baseSequence">,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const key = keyOf({ topic, partition });
    const what = { action: "append", where: `${topic}/${partition}`, topic };
    let isUncertain = false;
    const attempt = async (): Promise<number> => {
      const producer = await this.#ask();
      const baseSequence = this.#sequences.get(key) ?? 0;
      const records = makeBatch({ ...batch, ...producer, baseSequence });
      const body = {
        transactionalId: null,
        acks: ALL,
        timeoutMs: this.#cluster.timeoutMs,
        topics: [{ name: topic, topicId: NO_ID, partitions: [{ index: partition, records }] }],
      };
      const answer = await this.#cluster
        .toLeader({ topic, partition }, apis.produce, body, { maxVersion: MAX_VERSION })
        .catch((error: unknown) => {
          if (error instanceof ConnectionLost) isUncertain = true;
          throw error;
        });
      const result = answer.topics[0]?.partitions[0];
      if (result === undefined) throw new KafkaCode(ErrorCode.unknownServerError);
      if (result.errorCode === ErrorCode.none) {
        this.#sequences.set(key, (baseSequence + batch.recordCount) % SEQUENCES);
        return result.baseOffset;
      }
      // The broker no longer knows us (it forgets producers that are silent for a day): we begin anew, unless a copy
      // of this batch may stand in the log.
      const isForgotten =
        result.errorCode === ErrorCode.unknownProducerId || result.errorCode === ErrorCode.outOfOrderSequence;
      if (isForgotten && !isUncertain && baseSequence > 0) {
        this.#producer = undefined;
        this.#sequences = new Map();
        return attempt();
      }
      throw new KafkaCode(result.errorCode, result.errorMessage);
    };
    return this.#cluster.attempt(what, attempt, signal);
  }

  async #ask(): Promise<{ producerId: number; producerEpoch: number }> {
    this.#producer ??= this.#cluster
      .toAny(apis.initProducerId, { transactionalId: null, transactionTimeoutMs: 60_000 })
      .then(({ errorCode, producerId, producerEpoch }) => {
        if (errorCode !== ErrorCode.none) throw new KafkaCode(errorCode);
        return { producerId, producerEpoch };
      });
    try {
      return await this.#producer;
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }
}

const NO_ID = "0".repeat(32);

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}

/** Rows cut into runs of about this many bytes, at least one row each. */
function* cutRows(input: RecordsInput, batchBytes: number): Generator<{ from: number; to: number }> {
  const { keys, values, count } = input;
  let from = 0;
  let size = 0;
  for (let row = 0; row < count; row++) {
    const valueBytes = (values.ends[row] ?? 0) - (values.starts[row] ?? 0);
    const keyBytes = keys === undefined ? 0 : (keys.ends[row] ?? 0) - (keys.starts[row] ?? 0);
    const bytes = valueBytes + keyBytes + RECORD_BYTES;
    if (size + bytes > batchBytes && row > from) {
      yield { from, to: row };
      from = row;
      size = 0;
    }
    size += bytes;
  }
  if (from < count) yield { from, to: count };
}
