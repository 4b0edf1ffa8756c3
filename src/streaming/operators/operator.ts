import type { Table } from "../../core/table.ts";
import type { OutputMode } from "../check-plan.ts";
import type { StateSlots } from "../state/slots.ts";

/** What an operator is told of the batch that it works in. */
export interface BatchContext {
  readonly batchId: number;
  readonly mode: OutputMode;
  /** Rows at or before this are late: the operator's watermark of the batch before. Microseconds. */
  readonly lateUs: number;
  /** State at or before this is over: the operator's watermark of this batch. Microseconds. */
  readonly evictUs: number;
}

/** An operator's work in one batch, with Spark's names where it has one. */
export interface OperatorCounts {
  /** State rows after the batch. */
  readonly rows: number;
  readonly updated: number;
  readonly removed: number;
  /** Groups for windows and sessions, rows for the others: Spark's `numRowsDroppedByWatermark`. */
  readonly droppedByWatermark: number;
  /** Input rows that no window kept: what `late` counts in a run's report. */
  readonly lateRows: number;
  /** Input rows that de-duplication suppressed. */
  readonly duplicates: number;
  readonly stateBytes: number;
}

/** What a restart compares: rule 15. Names are not compared, types are. */
export interface StateSchema {
  /** Spark's name of the operator. */
  readonly operator: string;
  readonly key: readonly string[];
  readonly value: readonly string[];
}

export interface StatefulOperator {
  readonly schema: StateSchema;
  /** Spark's names of the operator's state stores, with what they hold. */
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  /** Work on one table per input; gives what the operator shows. */
  run(inputs: readonly Table[], context: BatchContext): Table;
  /** Of the last {@link run}. */
  counts(): OperatorCounts;
  /** Whether a watermark that moved is a reason for a batch without data. */
  readonly wantsNoDataBatch: (mode: OutputMode) => boolean;
}
