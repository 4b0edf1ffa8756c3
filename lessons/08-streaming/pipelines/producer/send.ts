import { setTimeout as sleep } from "node:timers/promises";
import type { Producer } from "kafkajs";
import {
  addEventTotals,
  type Clock,
  type EventBatch,
  type EventTotals,
  emptyEventTotals,
  type LeadEvents,
  messagesOf,
} from "taller/author";

/** Messages of one call to the broker, at most: larger ones make a live stream jerk. */
const SEND_MESSAGES = 4_096;
/** How often a live stream looks for messages that are due. */
const TICK_MS = 50;

export interface SendOptions {
  readonly producer: Producer;
  readonly topic: string;
  readonly stream: LeadEvents;
  /** Position of the first message, and of the one after the last; without `to` it ends with the signal only. */
  readonly from: number;
  readonly to: number | undefined;
  /** Live: each message when it is due, bursts and all. Else as fast as the broker takes them. */
  readonly isLive: boolean;
  readonly clock: Clock;
  /** Ends the stream between two calls: what was sent is acknowledged, and counted. */
  readonly signal: AbortSignal;
  readonly onSent: (messages: number) => void;
}

export interface Sent {
  /** Position of the message that comes next. */
  readonly next: number;
  readonly totals: EventTotals;
  readonly seconds: number;
}

/** Sends a part of the stream and counts what the broker has acknowledged. */
export async function sendEvents(options: SendOptions): Promise<Sent> {
  const { stream, clock, signal, isLive } = options;
  const began = clock.elapsed();
  const totals = emptyEventTotals();
  let next = options.from;
  let firstMs: number | undefined;
  for (const batch of stream.batches({ from: options.from, to: options.to })) {
    firstMs ??= batch.timestamps[0] ?? 0;
    for (let row = 0; row < batch.count && !signal.aborted; ) {
      const streamMs = firstMs + clock.elapsed() - began;
      const until = isLive ? firstAfter(batch, row, streamMs) : batch.count;
      const end = Math.min(until, row + SEND_MESSAGES);
      if (end > row) {
        await send(options, batch, row, end);
        next += end - row;
        row = end;
        options.onSent(next - options.from);
      } else await pause(TICK_MS, signal);
    }
    if (signal.aborted) break;
    addEventTotals(totals, batch.totals);
  }
  // A batch that was cut by the signal is counted again, up to where it went out.
  const counted = options.from + totals.messages;
  for (const batch of stream.batches({ from: counted, to: next })) addEventTotals(totals, batch.totals);
  return { next, totals, seconds: (clock.elapsed() - began) / 1000 };
}

/** The key decides the partition: all events of a lead stay in order. */
async function send(options: SendOptions, batch: EventBatch, from: number, to: number): Promise<void> {
  await options.producer.send({ topic: options.topic, acks: -1, messages: messagesOf(batch, from, to) });
}

/** The first message from `row` on that is not due yet. */
function firstAfter(batch: EventBatch, row: number, streamMs: number): number {
  let end = row;
  while (end < batch.count && (batch.timestamps[end] ?? 0) <= streamMs) end++;
  return end;
}

/** Waits so long, or until the signal; the caller looks at which it was. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
