import type { Table } from "../../core/table.ts";
import type { OutputMode } from "../check-plan.ts";

/** A batch's result. The same batch id may come again after a crash, with the same rows where the source can be replayed. */
export interface SinkBatch {
  readonly queryId: string;
  readonly batchId: number;
  readonly mode: OutputMode;
  readonly table: Table;
  readonly signal: AbortSignal;
  /** What became of the input rows; a batch that comes again has the same. Absent in batches that no query made. */
  readonly counts?: BatchCounts | undefined;
}

/** In input rows: what is in none of the last three was processed. */
export interface BatchCounts {
  readonly read: number;
  /** Rows that no window kept. */
  readonly late: number;
  /** Rows that de-duplication suppressed. */
  readonly duplicates: number;
  /** Messages that are no rows. */
  readonly deadLetters: number;
}

/** Where results go. What it guarantees is its own: docs/streaming.md, rule 16. */
export interface StreamSink {
  /** As it stands in the progress report. */
  readonly description: string;
  /** Two texts that differ are two places: a restart with another one is refused where Spark refuses it. */
  readonly place?: string | undefined;
  readonly modes: readonly OutputMode[];
  open?(context: { readonly queryId: string }): Promise<void>;
  /** Done when the rows are as safe as the sink makes them. */
  write(batch: SinkBatch): Promise<void>;
  stop?(): Promise<void>;
}

export const ALL_MODES: readonly OutputMode[] = ["append", "update", "complete"];
