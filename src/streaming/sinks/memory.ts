import type { Table } from "../../core/table.ts";
import { concatTables, emptyTable } from "../../core/table-build.ts";
import { ALL_MODES, type SinkBatch, type StreamSink } from "./sink.ts";

/** Results kept in memory, batch by batch. Not fault tolerant: a batch that comes again replaces itself. */
export interface MemorySink extends StreamSink {
  readonly batches: ReadonlyMap<number, Table>;
  /** What a query's table would hold: all rows in append and update, the last batch in complete. */
  table(): Table;
}

export function memorySink(): MemorySink {
  const batches = new Map<number, Table>();
  let isComplete = false;
  return {
    description: "MemorySink",
    modes: ALL_MODES,
    batches,
    async write(batch) {
      isComplete = batch.mode === "complete";
      batches.set(batch.batchId, batch.table);
    },
    table() {
      const tables = [...batches.values()];
      const last = tables.at(-1) ?? emptyTable([]);
      const filled = tables.filter((table) => table.rowCount > 0);
      // Without a row there are still the columns.
      return isComplete || filled.length === 0 ? last : concatTables(filled);
    },
  };
}

/** Calls a function with each batch's rows and id: at least once, unless the function remembers ids. */
export function foreachBatchSink(
  write: (table: Table, batchId: number, batch: SinkBatch) => void | Promise<void>,
): StreamSink {
  return {
    description: "ForeachBatchSink",
    modes: ALL_MODES,
    async write(batch) {
      await write(batch.table, batch.batchId, batch);
    },
  };
}
