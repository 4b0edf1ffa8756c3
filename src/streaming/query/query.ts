import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../core/effects.ts";
import type { Text } from "../../core/text.ts";
import { checkPlan, type OutputMode } from "../check-plan.ts";
import { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { StateRetention } from "../checkpoint/state-store.ts";
import type { Plan } from "../plan.ts";
import { StreamingRefusal } from "../refusal.ts";
import type { StreamSink } from "../sinks/sink.ts";
import type { StreamSource } from "../sources/source.ts";
import { MicroBatches } from "./micro-batches.ts";
import type { QueryProgress } from "./progress.ts";
import { nextStartMs, type Trigger } from "./trigger.ts";
import type { WatermarkPolicy } from "./watermark-tracker.ts";

export interface QueryOptions {
  readonly plan: Plan;
  readonly sources: readonly StreamSource[];
  readonly sink: StreamSink;
  readonly deadLetterSink?: StreamSink | undefined;
  readonly mode: OutputMode;
  readonly trigger: Trigger;
  /** Absent: a temporary folder, removed when the query stops. */
  readonly checkpointLocation?: string | undefined;
  readonly queryName?: string | undefined;
  readonly watermarkPolicy?: WatermarkPolicy | undefined;
  readonly hasNoDataBatches?: boolean | undefined;
  readonly retention?: Partial<StateRetention> | undefined;
  readonly clock?: Clock | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
  readonly onWarning?: ((text: Text) => void) | undefined;
}

const KEPT_PROGRESS = 100;
const SHORTEST_POLL_MS = 10;
const LONGEST_POLL_MS = 100;

/** A running query: what `start()` gives. It ends by itself, by {@link stop}, or by an error. */
export class StreamingQuery {
  readonly runId = randomUUID();
  readonly name: string | undefined;
  private readonly options: QueryOptions;
  private readonly clock: Clock;
  private readonly abort = new AbortController();
  private readonly reports: QueryProgress[] = [];
  private readonly done: Promise<void>;
  private queryId: string | undefined;
  private isRunning = true;
  private failure: unknown;
  private wake: (() => void) | undefined;
  private isWoken = false;
  /** How often the loop has looked for work, and who waits for it to find none. */
  private looks = 0;
  private idleWaiters: { readonly since: number; readonly resolve: () => void }[] = [];

  /** Checks the query and starts it; throws a StreamingRefusal for one that can't be started. */
  constructor(options: QueryOptions) {
    checkPlan(options.plan, options.mode);
    if (!options.sink.modes.includes(options.mode)) throw modeOfSink(options);
    this.options = options;
    this.name = options.queryName;
    this.clock = options.clock ?? systemClock;
    for (const source of options.sources) source.onData?.(() => this.notify());
    this.done = this.run();
    // A failure is kept for awaitTermination and `exception`; nobody need be listening yet.
    this.done.catch(() => {});
  }

  /** The id in the checkpoint, the same over restarts; undefined until the checkpoint is open. */
  get id(): string | undefined {
    return this.queryId;
  }

  get isActive(): boolean {
    return this.isRunning;
  }

  /** What the query ended with; undefined while it runs and after a clean end. */
  get exception(): unknown {
    return this.failure;
  }

  /** The last hundred batches, oldest first. */
  get recentProgress(): readonly QueryProgress[] {
    return this.reports;
  }

  get lastProgress(): QueryProgress | undefined {
    return this.reports.at(-1);
  }

  /**
   * Waits for the end; throws what the query failed with. With `timeoutMs`: false when it still runs then.
   */
  async awaitTermination(timeoutMs?: number): Promise<boolean> {
    if (timeoutMs === undefined) {
      await this.done;
      return true;
    }
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    try {
      return await Promise.race([this.done.then(() => true), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until what is there now has been processed and no empty batch is owed; throws what the query failed with. */
  async processAllAvailable(): Promise<void> {
    if (!this.isRunning) return this.done;
    const idle = new Promise<void>((resolve) => {
      this.idleWaiters.push({ since: this.looks, resolve });
    });
    this.notify();
    await Promise.race([idle, this.done]);
    if (this.failure !== undefined) throw this.failure;
  }

  /** Stops after the batch that runs now. Does not throw what the query failed with. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.notify();
    await this.done.catch(() => {});
  }

  private async run(): Promise<void> {
    let temporary: string | undefined;
    try {
      let folder = this.options.checkpointLocation;
      if (folder === undefined) {
        temporary = await mkdtemp(join(tmpdir(), "taller-checkpoint-"));
        folder = join(temporary, "checkpoint");
      }
      // What no restart reads need not outlive a power cut either.
      const checkpoint = await Checkpoint.open(folder, { isFlushed: temporary === undefined });
      this.queryId = checkpoint.queryId;
      await this.runBatches(checkpoint);
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      this.isRunning = false;
      await this.stopParts();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
      for (const waiter of this.idleWaiters) waiter.resolve();
    }
  }

  private async runBatches(checkpoint: Checkpoint): Promise<void> {
    const { sources, sink, trigger } = this.options;
    const { signal } = this.abort;
    for (const [i, source] of sources.entries())
      await source.open?.({ folder: checkpoint.sourceFolder(i), signal });
    await sink.open?.({ queryId: checkpoint.queryId });
    await this.options.deadLetterSink?.open?.({ queryId: checkpoint.queryId });
    const batches = new MicroBatches({
      plan: this.options.plan,
      sources,
      sink,
      deadLetterSink: this.options.deadLetterSink,
      mode: this.options.mode,
      name: this.name,
      checkpoint,
      policy: this.options.watermarkPolicy ?? "min",
      hasNoDataBatches: this.options.hasNoDataBatches ?? true,
      retention: { deltasPerSnapshot: 10, minBatchesToRetain: 100, ...this.options.retention },
      clock: this.clock,
      signal,
      runId: this.runId,
      warn: (text) => this.options.onWarning?.(text),
    });
    await batches.restore();
    if (trigger.kind === "available-now")
      for (const source of sources) await source.prepareForAvailableNow?.();
    let idleLooks = 0;
    while (!signal.aborted) {
      this.looks++;
      const look = this.looks;
      const startMs = this.clock.now();
      this.isWoken = false;
      const progress = await batches.runNext(trigger.kind === "once");
      if (progress !== undefined) this.report(progress);
      if (trigger.kind === "once" || (progress === undefined && trigger.kind === "available-now")) return;
      if (progress === undefined) {
        idleLooks++;
        this.resolveIdle(look);
      } else idleLooks = 0;
      if (trigger.kind === "interval") {
        const next = nextStartMs(startMs, trigger.intervalMs, this.clock.now());
        // A timer may fire a little before the clock says so.
        while (!signal.aborted && this.clock.now() < next) await this.sleep(next - this.clock.now(), false);
      } else if (progress === undefined)
        await this.sleep(Math.min(LONGEST_POLL_MS, SHORTEST_POLL_MS * idleLooks), true);
      // Lets timers and sockets have their turn between batches that follow at once.
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private report(progress: QueryProgress): void {
    this.reports.push(progress);
    if (this.reports.length > KEPT_PROGRESS) this.reports.shift();
    this.options.onProgress?.(progress);
  }

  private resolveIdle(look: number): void {
    const [ready, waiting] = [
      this.idleWaiters.filter((waiter) => waiter.since < look),
      this.idleWaiters.filter((waiter) => waiter.since >= look),
    ];
    this.idleWaiters = waiting;
    for (const waiter of ready) waiter.resolve();
  }

  private notify(): void {
    this.isWoken = true;
    this.wake?.();
  }

  /** Until the time is over, the query is stopped, or (if it may) something new is there. */
  private async sleep(ms: number, canWake: boolean): Promise<void> {
    if (ms <= 0 || this.abort.signal.aborted || (canWake && this.isWoken)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        if (!canWake && !this.abort.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  private async stopParts(): Promise<void> {
    const { sources, sink, deadLetterSink } = this.options;
    for (const part of [...sources, sink, deadLetterSink]) {
      try {
        await part?.stop?.();
      } catch (error) {
        this.failure ??= error;
      }
    }
  }
}

function modeOfSink(options: QueryOptions): StreamingRefusal {
  return new StreamingRefusal({
    stage: "start",
    condition: "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE",
    rule: 16,
    code: "mode-of-sink",
    what: {
      es: `El destino ${options.sink.description} no admite el modo ${options.mode}: solo ${options.sink.modes.join(", ")}.`,
      en: `The sink ${options.sink.description} does not take mode ${options.mode}: only ${options.sink.modes.join(", ")}.`,
    },
  });
}
