import type { Table } from "../../core/table.ts";
import { sliceTable } from "../../core/table-build.ts";
import { ALL_MODES, type StreamSink } from "./sink.ts";

/** A batch to be drawn: its first rows, and how many there are in all. */
export interface ConsoleBatch {
  readonly batchId: number;
  readonly table: Table;
  readonly rowCount: number;
}

/** Shows each batch's first rows (20, as in Spark); who draws them is the caller. Not fault tolerant. */
export function consoleSink(
  show: (batch: ConsoleBatch) => void,
  options: { readonly rows?: number | undefined } = {},
): StreamSink {
  const { rows = 20 } = options;
  return {
    description: `ConsoleTable[numRows=${rows}]`,
    modes: ALL_MODES,
    async write({ batchId, table }) {
      show({ batchId, table: sliceTable(table, 0, rows), rowCount: table.rowCount });
    },
  };
}
