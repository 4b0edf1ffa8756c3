import type { Table } from "../../core/table.ts";
import type { BatchPlan, Checkpoint } from "../checkpoint/checkpoint.ts";
import type { StatefulOperator } from "../operators/operator.ts";
import type { PhysicalPlan } from "../physical-plan.ts";
import type { Plan } from "../plan.ts";
import type { BatchCounts, StreamSink } from "../sinks/sink.ts";
import type { StreamSource } from "../sources/source.ts";
import { isoTime, type QueryProgress, type SourceProgress, type StateOperatorProgress } from "./progress.ts";
import { sourceReads } from "./source-reads.ts";

/** What is known of a batch when it is committed. */
export interface BatchReport {
  readonly checkpoint: Checkpoint;
  readonly runId: string;
  readonly name: string | undefined;
  readonly sources: readonly StreamSource[];
  readonly sink: StreamSink;
  readonly plan: BatchPlan;
  readonly batchId: number;
  readonly startOffsets: readonly (string | undefined)[];
  readonly optimised: Plan;
  readonly physical: PhysicalPlan;
  readonly tables: readonly Table[];
  readonly deadLetters: number;
  readonly outputRows: number;
  /** How long each operator's state took to be written. */
  readonly commitMs: readonly number[];
  readonly triggerMs: number;
  /** Since the trigger before; undefined for a run's first batch. */
  readonly sinceLastMs: number | undefined;
  readonly durationMs: Readonly<Record<string, number>>;
  readonly batchDuration: number;
}

/** A batch's progress report, with Spark's names. */
export function progressOf(batch: BatchReport): QueryProgress {
  const { physical, plan, startOffsets, sinceLastMs, batchDuration } = batch;
  const rates = (rows: number): { inputRowsPerSecond: number; processedRowsPerSecond: number } => ({
    inputRowsPerSecond: sinceLastMs === undefined || sinceLastMs <= 0 ? 0 : (rows * 1000) / sinceLastMs,
    processedRowsPerSecond: (rows * 1000) / Math.max(1, batchDuration),
  });
  const leaves = sourceReads(batch.optimised);
  const rowsOf = batch.tables.map(
    (table, i) => table.rowCount * Math.max(1, leaves.filter((leaf) => leaf === i).length),
  );
  const numInputRows = rowsOf.reduce((sum, rows) => sum + rows, 0) + batch.deadLetters;
  const counts = physical.operators.map((operator) => operator.counts());
  return {
    id: batch.checkpoint.queryId,
    runId: batch.runId,
    name: batch.name,
    timestamp: isoTime(batch.triggerMs),
    batchId: batch.batchId,
    batchDuration,
    numInputRows,
    ...rates(numInputRows),
    durationMs: { ...batch.durationMs, triggerExecution: batchDuration },
    eventTime: eventTimeOf(physical, plan.batchWatermarkMs),
    stateOperators: physical.operators.map((operator, i) => stateOf(operator, batch.commitMs[i] ?? 0)),
    sources: batch.sources.map(
      (source, i): SourceProgress => ({
        description: source.description,
        startOffset: startOffsets[i],
        endOffset: plan.offsets[i],
        latestOffset: plan.offsets[i],
        numInputRows: rowsOf[i] ?? 0,
        ...rates(rowsOf[i] ?? 0),
      }),
    ),
    sink: { description: batch.sink.description, numOutputRows: batch.outputRows },
    isDataBatch: plan.offsets.some((offset, i) => offset !== startOffsets[i]),
    watermarkMs: physical.watermarks.length === 0 ? undefined : plan.batchWatermarkMs,
    lateRows: counts.reduce((sum, one) => sum + one.lateRows, 0),
    deadLetterRows: batch.deadLetters,
    duplicateRows: counts.reduce((sum, one) => sum + one.duplicates, 0),
  };
}

function stateOf(operator: StatefulOperator, commitTimeMs: number): StateOperatorProgress {
  const counts = operator.counts();
  return {
    operatorName: operator.schema.operator,
    numRowsTotal: counts.rows,
    numRowsUpdated: counts.updated,
    numRowsRemoved: counts.removed,
    commitTimeMs,
    memoryUsedBytes: counts.stateBytes,
    numRowsDroppedByWatermark: counts.droppedByWatermark,
    numShufflePartitions: 1,
    numStateStoreInstances: operator.stores.length,
    customMetrics: counts.duplicates === 0 ? {} : { numDroppedDuplicateRows: counts.duplicates },
  };
}

/** What became of a batch's input rows, as a sink is told. */
export function countsOf(
  physical: PhysicalPlan,
  tables: readonly Table[],
  deadLetters: readonly Table[],
): BatchCounts {
  const rows = (all: readonly Table[]): number => all.reduce((sum, table) => sum + table.rowCount, 0);
  const counts = physical.operators.map((operator) => operator.counts());
  return {
    read: rows(tables) + rows(deadLetters),
    late: counts.reduce((sum, one) => sum + one.lateRows, 0),
    duplicates: counts.reduce((sum, one) => sum + one.duplicates, 0),
    deadLetters: rows(deadLetters),
  };
}

function eventTimeOf(physical: PhysicalPlan, watermarkMs: number): QueryProgress["eventTime"] {
  if (physical.watermarks.length === 0) return {};
  const watermark = isoTime(watermarkMs);
  const stats = physical.watermarks.map((node) => node.stats).filter((one) => one.count > 0);
  const count = stats.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return { watermark };
  return {
    avg: isoTime(Math.floor(stats.reduce((sum, one) => sum + one.sumMs, 0) / count)),
    max: isoTime(Math.max(...stats.map((one) => one.maxMs))),
    min: isoTime(Math.min(...stats.map((one) => one.minMs))),
    watermark,
  };
}
