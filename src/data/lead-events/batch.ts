import type { EventTotals } from "./totals.ts";

/** Codes of `EventBatch.kinds`; MALFORMED + i is the i-th of MALFORMED_KINDS. */
export const EVENT = 0;
export const DUPLICATE = 1;
export const MALFORMED = 2;

/** Bytes of n rows: row i is [starts[i], ends[i]) of `bytes`. */
export interface ByteRows {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Some consecutive messages in the order of their arrival, without an object a message. */
export interface EventBatch {
  /** Of the first message in the whole stream, from 0. */
  readonly firstPosition: number;
  readonly count: number;
  /** JSON in UTF-8, or what a broken sender made of it. */
  readonly values: ByteRows;
  /** The `lead_id` that the message is about, broken ones too: what a topic is partitioned by. */
  readonly keys: ByteRows;
  /** When each message arrives, in milliseconds since 1970. */
  readonly timestamps: Float64Array;
  /** EVENT, DUPLICATE, or MALFORMED + the position in MALFORMED_KINDS. */
  readonly kinds: Uint8Array;
  /** Microseconds since 1970; NaN for a malformed message. */
  readonly eventMicros: Float64Array;
  readonly totals: EventTotals;
}

/** One message as clients of Kafka take it; its bytes are the batch's own, not a copy. */
export interface EventMessage {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Milliseconds since 1970, as text: how kafkajs wants it. */
  readonly timestamp: string;
}

/** Messages [from, to) of a batch, an object each. */
export function messagesOf(batch: EventBatch, from = 0, to: number = batch.count): EventMessage[] {
  const messages: EventMessage[] = [];
  for (let row = from; row < to; row++)
    messages.push({
      key: bytesAt(batch.keys, row),
      value: bytesAt(batch.values, row),
      timestamp: String(batch.timestamps[row] ?? 0),
    });
  return messages;
}

function bytesAt({ bytes, starts, ends }: ByteRows, row: number): Buffer {
  const start = starts[row] ?? 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, (ends[row] ?? start) - start);
}
