import { formatTimestamp } from "../../core/table.ts";

/** A batch's report, with the fields of Spark's StreamingQueryProgress; durations in milliseconds. */
export interface QueryProgress {
  readonly id: string;
  readonly runId: string;
  readonly name: string | undefined;
  /** When the trigger fired, ISO. */
  readonly timestamp: string;
  readonly batchId: number;
  readonly batchDuration: number;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
  readonly durationMs: Readonly<Record<string, number>>;
  /** Absent without a watermark; avg, max and min are absent in a batch without event times. */
  readonly eventTime: {
    readonly avg?: string;
    readonly max?: string;
    readonly min?: string;
    /** The watermark that this batch ran with. */
    readonly watermark?: string;
  };
  readonly stateOperators: readonly StateOperatorProgress[];
  readonly sources: readonly SourceProgress[];
  readonly sink: { readonly description: string; readonly numOutputRows: number };
  /** Ours, not Spark's: false for a batch that only moves the watermark on. */
  readonly isDataBatch: boolean;
  /** Ours: the batch's watermark in milliseconds; undefined without one. */
  readonly watermarkMs: number | undefined;
  /**
   * Ours, so that a run adds up in input rows: rows that no window kept, messages that are no rows, rows that
   * de-duplication suppressed.
   */
  readonly lateRows: number;
  readonly deadLetterRows: number;
  readonly duplicateRows: number;
}

export interface StateOperatorProgress {
  readonly operatorName: string;
  readonly numRowsTotal: number;
  readonly numRowsUpdated: number;
  readonly numRowsRemoved: number;
  readonly commitTimeMs: number;
  readonly memoryUsedBytes: number;
  readonly numRowsDroppedByWatermark: number;
  readonly numShufflePartitions: number;
  readonly numStateStoreInstances: number;
  readonly customMetrics: Readonly<Record<string, number>>;
}

export interface SourceProgress {
  readonly description: string;
  readonly startOffset: string | undefined;
  readonly endOffset: string | undefined;
  readonly latestOffset: string | undefined;
  readonly numInputRows: number;
  readonly inputRowsPerSecond: number;
  readonly processedRowsPerSecond: number;
}

/** `2024-01-05T10:00:00.500Z` of milliseconds since 1970, whatever the year. */
export function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? formatTimestamp(BigInt(Math.trunc(ms)) * 1000n) : date.toISOString();
}
