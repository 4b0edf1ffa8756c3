import { join } from "node:path";
import type { Clock } from "../../core/effects.ts";
import { UserError } from "../../core/errors.ts";
import type { Table } from "../../core/table.ts";
import { concatTables, emptyTable } from "../../core/table-build.ts";
import type { Text } from "../../core/text.ts";
import { fieldsOfAttributes } from "../attribute.ts";
import type { OutputMode } from "../check-plan.ts";
import type { BatchPlan, Checkpoint } from "../checkpoint/checkpoint.ts";
import { type StateRetention, StateStoreFolder } from "../checkpoint/state-store.ts";
import type { StatefulOperator } from "../operators/operator.ts";
import { optimise } from "../optimise.ts";
import { type EventTimeStats, noStats, PhysicalPlan } from "../physical-plan.ts";
import { nodesOf, type Plan } from "../plan.ts";
import type { StreamSink } from "../sinks/sink.ts";
import type { StreamSource } from "../sources/source.ts";
import { countsOf, progressOf } from "./batch-report.ts";
import { checkOperators, planSignature, writeOperators } from "./compatibility.ts";
import type { QueryProgress } from "./progress.ts";
import { type WatermarkPolicy, WatermarkTracker } from "./watermark-tracker.ts";

export interface MicroBatchOptions {
  readonly plan: Plan;
  readonly sources: readonly StreamSource[];
  readonly sink: StreamSink;
  /** Where messages that are no rows go; absent: they are only counted. */
  readonly deadLetterSink: StreamSink | undefined;
  readonly mode: OutputMode;
  readonly name: string | undefined;
  readonly checkpoint: Checkpoint;
  readonly policy: WatermarkPolicy;
  readonly hasNoDataBatches: boolean;
  readonly retention: StateRetention;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly warn: (text: Text) => void;
}

const POLICY = "spark.sql.streaming.multipleWatermarkPolicy";
const PARTITIONS = "spark.sql.shuffle.partitions";
const MODE = "taller.streaming.outputMode";
const SIGNATURE = "taller.streaming.windowsAndDelays";
const PLACE = "taller.streaming.sinkPlace";

/**
 * A query's batches, one after the other: plan (`offsets/N`), execute and write the sink, commit (`commits/N`).
 * Rules 2, 3, 6, 13 and 14. [MicroBatchExecution.scala]
 */
export class MicroBatches {
  private readonly options: MicroBatchOptions;
  private readonly optimised: Plan;
  /** Watermarks that the optimiser has left out: they see nothing, and count as 0, as in Spark. */
  private readonly leftOut: readonly {
    readonly id: number;
    readonly delayMs: number;
    readonly stats: EventTimeStats;
  }[];
  private tracker: WatermarkTracker;
  private conf: Record<string, string>;
  /** The next batch to run, or the one that is planned and not committed. */
  private batchId = 0;
  private planned: BatchPlan | undefined;
  /** The watermark of the batch before this one: the late filter's. */
  private previousWatermarkMs = 0;
  private committedOffsets: readonly (string | undefined)[];
  private physical: PhysicalPlan | undefined;
  private stores: { folder: StateStoreFolder; operator: number }[] = [];
  /** The thresholds that the last batch evicted with; undefined before the first batch of this run. */
  private lastEvict: ReadonlyMap<StatefulOperator, number> | undefined;
  private lastTriggerMs: number | undefined;

  constructor(options: MicroBatchOptions) {
    this.options = options;
    this.optimised = optimise(options.plan);
    const kept = new Set(watermarksOf(this.optimised));
    this.leftOut = watermarksOf(options.plan)
      .filter((id) => !kept.has(id))
      .map((id) => ({ id, delayMs: 0, stats: noStats() }));
    this.tracker = new WatermarkTracker(options.policy, 0);
    this.committedOffsets = options.sources.map(() => undefined);
    this.conf = {
      [POLICY]: options.policy,
      [PARTITIONS]: "1",
      "spark.sql.streaming.stateStore.providerClass": "taller.ColumnarStateStore",
      [MODE]: options.mode,
      [SIGNATURE]: planSignature(options.plan),
      ...(options.sink.place === undefined ? {} : { [PLACE]: options.sink.place }),
    };
  }

  /** Finds out where the checkpoint stands: a new query, one to go on with, or a batch to run again. */
  async restore(): Promise<void> {
    const { checkpoint } = this.options;
    const latest = await checkpoint.latestPlanned();
    if (latest === undefined) return;
    const plan = await checkpoint.planned(latest);
    if (plan === undefined) return;
    this.checkSources(plan);
    this.takeConf(plan.conf);
    const before = latest === 0 ? undefined : await checkpoint.planned(latest - 1);
    this.tracker = new WatermarkTracker(this.policy, plan.batchWatermarkMs);
    const committed = await checkpoint.latestCommitted();
    if (committed !== latest) {
      this.batchId = latest;
      this.planned = plan;
      this.previousWatermarkMs = before?.batchWatermarkMs ?? 0;
      this.committedOffsets = before?.offsets ?? this.committedOffsets;
      return;
    }
    this.batchId = latest + 1;
    this.previousWatermarkMs = plan.batchWatermarkMs;
    this.committedOffsets = plan.offsets;
    const next = (await checkpoint.committed(latest)) ?? 0;
    this.tracker = new WatermarkTracker(this.policy, Math.max(plan.batchWatermarkMs, next));
  }

  /** Runs the next batch if there is one to run; undefined when there is nothing to do. */
  async runNext(isUnlimited: boolean): Promise<QueryProgress | undefined> {
    const { clock, checkpoint } = this.options;
    const triggerMs = clock.now();
    const started = clock.elapsed();
    const durationMs: Record<string, number> = {};
    const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const from = clock.elapsed();
      const result = await work();
      durationMs[name] = Math.round(clock.elapsed() - from);
      return result;
    };
    if (this.planned === undefined) {
      const offsets = await timed("latestOffset", () => this.latestOffsets(isUnlimited));
      const hasData = offsets.some((offset, i) => offset !== this.committedOffsets[i]);
      if (!hasData && !this.owesNoDataBatch()) return undefined;
      const plan: BatchPlan = {
        batchWatermarkMs: this.tracker.currentMs,
        batchTimestampMs: triggerMs,
        conf: this.conf,
        offsets,
      };
      await timed("walCommit", async () => {
        await checkpoint.plan(this.batchId, plan);
        await this.commitSources();
        const below = this.batchId - this.options.retention.minBatchesToRetain;
        if (below > 0) await checkpoint.purge(below);
      });
      this.planned = plan;
    }
    return this.runPlanned(this.planned, { triggerMs, started, durationMs, timed });
  }

  private get policy(): WatermarkPolicy {
    return this.conf[POLICY] === "max" ? "max" : "min";
  }

  private async latestOffsets(isUnlimited: boolean): Promise<(string | undefined)[]> {
    const offsets: (string | undefined)[] = [];
    for (const [i, source] of this.options.sources.entries()) {
      const start = this.committedOffsets[i];
      offsets.push((await source.latestOffset(start, isUnlimited)) ?? start);
    }
    return offsets;
  }

  /** Sources may forget what a committed batch has read. Called when the next one is planned, as Spark does. */
  private async commitSources(): Promise<void> {
    for (const [i, source] of this.options.sources.entries()) {
      const end = this.committedOffsets[i];
      if (end !== undefined) await source.commit?.(end);
    }
  }

  /** Whether the watermark moved since the last batch for an operator that has something to do then: rule 6. */
  private owesNoDataBatch(): boolean {
    const { physical, lastEvict } = this;
    if (!this.options.hasNoDataBatches || physical === undefined || lastEvict === undefined) return false;
    const next = physical.inputWatermarks(this.tracker.currentMs);
    return physical.operators.some(
      (operator) =>
        operator.wantsNoDataBatch(this.options.mode) &&
        (next.get(operator) ?? 0) > (lastEvict.get(operator) ?? 0),
    );
  }

  private async runPlanned(
    plan: BatchPlan,
    trigger: {
      readonly triggerMs: number;
      readonly started: number;
      readonly durationMs: Record<string, number>;
      readonly timed: <T>(name: string, work: () => Promise<T>) => Promise<T>;
    },
  ): Promise<QueryProgress> {
    const { checkpoint, clock, mode, sink, deadLetterSink } = this.options;
    const { timed } = trigger;
    const physical = await timed("queryPlanning", () => this.prepare());
    const evictMs = physical.inputWatermarks(plan.batchWatermarkMs);
    const lateMs = physical.inputWatermarks(this.previousWatermarkMs);
    const { tables, deadLetters } = await timed("getBatch", () => this.readSources(plan));
    const hasData = (source: number): boolean => plan.offsets[source] !== this.committedOffsets[source];
    let result: Table = emptyTable([]);
    const commitMs: number[] = [];
    await timed("addBatch", async () => {
      result = await physical.run({ batchId: this.batchId, tables, hasData, lateMs, evictMs });
      for (const { folder, operator } of this.stores) {
        const from = clock.elapsed();
        await folder.save(this.batchId + 1);
        commitMs[operator] = (commitMs[operator] ?? 0) + Math.round(clock.elapsed() - from);
      }
      const batch = {
        queryId: checkpoint.queryId,
        batchId: this.batchId,
        signal: this.options.signal,
        counts: countsOf(physical, tables, deadLetters),
      };
      if (deadLetters.length > 0)
        await deadLetterSink?.write({ ...batch, mode: "append", table: concatTables(deadLetters) });
      await sink.write({ ...batch, mode, table: result });
    });
    this.tracker.update([...physical.watermarks, ...this.leftOut]);
    await timed("commitOffsets", () => checkpoint.commit(this.batchId, this.tracker.currentMs));
    const progress = progressOf({
      ...this.options,
      plan,
      batchId: this.batchId,
      startOffsets: this.committedOffsets,
      optimised: this.optimised,
      physical,
      tables,
      deadLetters: deadLetters.reduce((sum, table) => sum + table.rowCount, 0),
      outputRows: result.rowCount,
      commitMs,
      triggerMs: trigger.triggerMs,
      sinceLastMs: this.lastTriggerMs === undefined ? undefined : trigger.triggerMs - this.lastTriggerMs,
      durationMs: trigger.durationMs,
      batchDuration: Math.round(clock.elapsed() - trigger.started),
    });
    this.lastEvict = evictMs;
    this.lastTriggerMs = trigger.triggerMs;
    this.previousWatermarkMs = plan.batchWatermarkMs;
    this.committedOffsets = plan.offsets;
    this.planned = undefined;
    this.batchId++;
    return progress;
  }

  /** Makes the operators, with the state that the batch starts from. */
  private async prepare(): Promise<PhysicalPlan> {
    if (this.physical !== undefined) return this.physical;
    const { checkpoint, retention } = this.options;
    const physical = new PhysicalPlan(this.optimised, this.options.mode);
    if (this.batchId === 0) await writeOperators(checkpoint, physical.operators);
    else await checkOperators(checkpoint, physical.operators);
    for (const [operator, { stores }] of physical.operators.entries()) {
      for (const { name, slots } of stores) {
        const partition = join(checkpoint.stateFolder(operator), "0");
        const folder = name === "default" ? partition : join(partition, name);
        const store = new StateStoreFolder(folder, slots, {
          ...retention,
          isFlushed: checkpoint.isFlushed,
        });
        await store.load(this.batchId);
        this.stores.push({ folder: store, operator });
      }
    }
    this.physical = physical;
    return physical;
  }

  private async readSources(plan: BatchPlan): Promise<{ tables: Table[]; deadLetters: Table[] }> {
    const tables: Table[] = [];
    const deadLetters: Table[] = [];
    const used = new Set(nodesOf(this.optimised).map((node) => (node.kind === "source" ? node.source : -1)));
    for (const [i, source] of this.options.sources.entries()) {
      const start = this.committedOffsets[i];
      const end = plan.offsets[i];
      // A source that the optimiser has left out is not read, but its offsets go on.
      const isNew = end !== undefined && end !== start && used.has(i);
      const rows = isNew ? await source.read(start, end) : undefined;
      tables.push(rows?.table ?? emptyTable(fieldsOfAttributes(source.attributes)));
      if (rows?.deadLetters !== undefined) deadLetters.push(rows.deadLetters);
    }
    return { tables, deadLetters };
  }

  private checkSources(plan: BatchPlan): void {
    if (plan.offsets.length === this.options.sources.length) return;
    throw new UserError({
      fault: "usage",
      code: "restart-with-other-sources",
      what: {
        es: `El checkpoint es de una consulta con ${plan.offsets.length} fuentes y esta tiene ${this.options.sources.length} (regla 15).`,
        en: `The checkpoint is of a query with ${plan.offsets.length} sources, and this one has ${this.options.sources.length} (rule 15).`,
      },
      where: this.options.checkpoint.folder,
    });
  }

  /** Pinned settings come from the checkpoint; what Spark lets change in silence changes with a warning. */
  private takeConf(conf: Readonly<Record<string, string>>): void {
    const place = conf[PLACE];
    if (place !== undefined && place !== this.conf[PLACE]) {
      throw new UserError({
        fault: "usage",
        code: "restart-with-other-place",
        what: {
          es: `El checkpoint es de una consulta que escribe en ${place}: con otro destino faltarían filas (regla 15).`,
          en: `The checkpoint is of a query that writes to ${place}: with another place rows would be missing (rule 15).`,
        },
        where: this.options.checkpoint.folder,
      });
    }
    const { warn } = this.options;
    if (conf[MODE] !== undefined && conf[MODE] !== this.conf[MODE]) {
      warn({
        es: `El modo era ${conf[MODE]} y ahora es ${this.conf[MODE]}: Spark lo acepta en silencio, y el destino mezcla filas de los dos.`,
        en: `The mode was ${conf[MODE]} and now is ${this.conf[MODE]}: Spark accepts it in silence, and the sink mixes rows of both.`,
      });
    }
    if (conf[SIGNATURE] !== undefined && conf[SIGNATURE] !== this.conf[SIGNATURE]) {
      warn({
        es: "Las ventanas, los retrasos o los agregados no son los del checkpoint: Spark lo acepta en silencio, y el estado mezcla los viejos y los nuevos.",
        en: "The windows, delays or aggregates are not those of the checkpoint: Spark accepts it in silence, and the state mixes the old and the new.",
      });
    }
    const policy = conf[POLICY];
    if (policy !== undefined) this.conf = { ...this.conf, [POLICY]: policy };
  }
}

function watermarksOf(plan: Plan): number[] {
  return nodesOf(plan).flatMap((node) => (node.kind === "watermark" ? [node.id] : []));
}
