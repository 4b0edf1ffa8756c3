import type { Clock } from "../core/effects.ts";
import type { Table } from "../core/table.ts";
import type { Text } from "../core/text.ts";
import type { OutputMode } from "./check-plan.ts";
import type { StateRetention } from "./checkpoint/state-store.ts";
import type { Plan } from "./plan.ts";
import type { QueryProgress } from "./query/progress.ts";
import { StreamingQuery } from "./query/query.ts";
import { type Trigger, type TriggerOptions, triggerOf } from "./query/trigger.ts";
import type { WatermarkPolicy } from "./query/watermark-tracker.ts";
import { foreachBatchSink } from "./sinks/memory.ts";
import type { SinkBatch, StreamSink } from "./sinks/sink.ts";
import type { StreamSource } from "./sources/source.ts";

/** Settings that Spark keeps in its session. */
export interface WriterSettings {
  readonly watermarkPolicy?: WatermarkPolicy | undefined;
  /** False: a watermark that moves does not make batches by itself. */
  readonly noDataBatches?: boolean | undefined;
  readonly retention?: Partial<StateRetention> | undefined;
  readonly clock?: Clock | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
  readonly onWarning?: ((text: Text) => void) | undefined;
}

interface WriterState extends WriterSettings {
  readonly mode: OutputMode;
  readonly trigger: Trigger;
  readonly checkpointLocation?: string | undefined;
  readonly queryName?: string | undefined;
  readonly sink?: StreamSink | undefined;
  readonly deadLetterSink?: StreamSink | undefined;
}

/** How a stream is written: Spark's DataStreamWriter. Each method gives a new one; `start` runs it. */
export class StreamWriter {
  private readonly plan: Plan;
  private readonly sources: readonly StreamSource[];
  private readonly state: WriterState;

  constructor(
    plan: Plan,
    sources: readonly StreamSource[],
    state: WriterState = { mode: "append", trigger: { kind: "default" } },
  ) {
    this.plan = plan;
    this.sources = sources;
    this.state = state;
  }

  /** Default: append. */
  outputMode(mode: OutputMode): StreamWriter {
    return this.with({ mode });
  }

  /** Default: as soon as the batch before is done. */
  trigger(options: TriggerOptions): StreamWriter {
    return this.with({ trigger: triggerOf(options) });
  }

  /** The folder that a restart goes on from. Without one nothing survives the query. */
  checkpointLocation(folder: string): StreamWriter {
    return this.with({ checkpointLocation: folder });
  }

  queryName(name: string): StreamWriter {
    return this.with({ queryName: name });
  }

  settings(settings: WriterSettings): StreamWriter {
    return this.with(settings);
  }

  to(sink: StreamSink): StreamWriter {
    return this.with({ sink });
  }

  /** Where messages go that are no rows; without one they are counted in the progress and go nowhere. */
  deadLettersTo(sink: StreamSink): StreamWriter {
    return this.with({ deadLetterSink: sink });
  }

  foreachBatch(
    write: (table: Table, batchId: number, batch: SinkBatch) => void | Promise<void>,
  ): StreamWriter {
    return this.to(foreachBatchSink(write));
  }

  /** Refuses what can't be started (rule 11); errors that come later are the query's. */
  start(): StreamingQuery {
    const { sink, noDataBatches, ...state } = this.state;
    if (sink === undefined) throw new RangeError("start(): name a sink first, with to(…) or foreachBatch(…)");
    return new StreamingQuery({
      ...state,
      hasNoDataBatches: noDataBatches,
      sink,
      plan: this.plan,
      sources: this.sources,
    });
  }

  private with(state: Partial<WriterState>): StreamWriter {
    return new StreamWriter(this.plan, this.sources, { ...this.state, ...state });
  }
}
