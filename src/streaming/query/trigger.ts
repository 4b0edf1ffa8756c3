import { type Duration, durationMillis } from "../duration.ts";

/** When batches start. Rule 17. */
export type Trigger =
  /** As soon as the batch before is done and there is something to do. */
  | { readonly kind: "default" }
  | { readonly kind: "interval"; readonly intervalMs: number }
  /** One batch with everything that is there, whatever the limits. */
  | { readonly kind: "once" }
  /** What is there at the start, in as many batches as the limits need; then stop. */
  | { readonly kind: "available-now" };

/** Spark's options of `trigger(…)`, one at a time. */
export interface TriggerOptions {
  readonly processingTime?: Duration | undefined;
  readonly once?: true | undefined;
  readonly availableNow?: true | undefined;
}

export function triggerOf(options: TriggerOptions): Trigger {
  if (options.once) return { kind: "once" };
  if (options.availableNow) return { kind: "available-now" };
  const intervalMs = options.processingTime === undefined ? 0 : durationMillis(options.processingTime);
  return intervalMs > 0 ? { kind: "interval", intervalMs } : { kind: "default" };
}

/** When the next batch of a fixed interval starts: at the next multiple, at once after one that overran. */
export function nextStartMs(lastStartMs: number, intervalMs: number, nowMs: number): number {
  const next = Math.floor(lastStartMs / intervalMs) * intervalMs + intervalMs;
  return Math.max(next, nowMs);
}
