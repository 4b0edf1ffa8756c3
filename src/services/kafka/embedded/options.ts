import type { Clock } from "../../../core/effects.ts";
import { messageOf } from "../../../core/errors.ts";
import type { FlushPolicy } from "./flusher.ts";

export interface KafkaOptions {
  /** Where logs, offsets and transactions live; made when it is missing. One broker at a time (`folder-in-use`). */
  readonly folder: string;
  /** Default 0: a free one. One that is taken is a UserError `port-in-use`. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** The host that clients are told to connect to; default: `host`, or for 0.0.0.0 the address that each came in by. */
  readonly advertisedHost?: string | undefined;
  /** Default `{ everyMs: 1_000 }`. */
  readonly flush?: FlushPolicy | undefined;
  /** Partitions of a topic that does not say; default 1. */
  readonly partitions?: number | undefined;
  /** Whether a topic that a client names for producing is made; default true. */
  readonly createsTopics?: boolean | undefined;
  /** The shortest session timeout that members may ask for; default 6,000 ms, as Kafka's. */
  readonly minSessionTimeoutMs?: number | undefined;
  /** A request may not be larger; default 100 MiB, as Kafka's. */
  readonly maxRequestBytes?: number | undefined;
  /** How often retention and expired transactions are looked after; default 1,000 ms for transactions, 30 times that for retention. */
  readonly careEveryMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Told what an operator would find in a log. Default: nobody. */
  readonly onEvent?: ((event: BrokerEvent) => void) | undefined;
}

export type BrokerEvent =
  /** A connection was closed because of what it sent. */
  | { readonly kind: "bad-request"; readonly client: string; readonly message: string }
  /** Answering a request failed: our fault. */
  | { readonly kind: "failed"; readonly api: string; readonly error: unknown }
  /** The disk refused a write (full, read-only); the client was told so. A partition of −1: the topic itself, or a group's offsets. */
  | { readonly kind: "disk"; readonly topic: string; readonly partition: number; readonly error: unknown }
  /** A crash had torn the end of a log; it was cut off. */
  | { readonly kind: "cut"; readonly topic: string; readonly partition: number; readonly bytes: number };

/** An event as a line of a log. */
export function describeEvent(event: BrokerEvent): string {
  switch (event.kind) {
    case "bad-request":
      return `${event.client} was cut off: ${event.message}`;
    case "failed":
      return `${event.api} failed: ${event.error instanceof Error ? event.error.stack : String(event.error)}`;
    case "disk":
      return `${event.topic}/${event.partition} could not be written: ${messageOf(event.error)}`;
    case "cut":
      return `${event.topic}/${event.partition}: ${event.bytes} torn bytes of a crash were cut off`;
  }
}
