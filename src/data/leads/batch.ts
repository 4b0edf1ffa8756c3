import { generateBlock } from "./block.ts";
import { ByteSink } from "./byte-sink.ts";
import { BLOCK_ROWS, type Variant } from "./columns.ts";
import { MAX_ROW_BYTES } from "./row.ts";
import { emptyTotals, type Totals } from "./totals.ts";

/** Blocks that are made, sent and written together. */
const BATCH_BLOCKS = 4;
export const BATCH_ROWS = BATCH_BLOCKS * BLOCK_ROWS;
/** Rows take some 120 bytes; the sink grows where that is not enough. */
const ROOM_BYTES = BATCH_ROWS * 136 + MAX_ROW_BYTES;

/** What a file of leads is made from: the same three give the same bytes. */
export interface LeadsOptions {
  readonly rows: number;
  readonly seed: number;
  readonly variant: Variant;
}

/** Some consecutive blocks, generated: plain data that crosses threads. */
export interface Batch {
  /** The first `sizeBytes` of it are the rows. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
  readonly rows: number;
  /** Physical lines, which are more than rows where a note has line breaks. */
  readonly lines: number;
  /** Four numbers a flagged row: line and record within the batch, lead in the file (all from 0), defect bits. */
  readonly flagged: Int32Array<ArrayBuffer>;
  readonly totals: Totals;
}

/** How many batches a file of so many rows has. */
export function batchCount(rows: number): number {
  return Math.ceil(rows / BATCH_ROWS);
}

/** Generates a batch, in the memory of one that is no longer needed if there is one. */
export function generateBatch(options: LeadsOptions, batch: number, reused?: Uint8Array<ArrayBuffer>): Batch {
  const sink = new ByteSink(reused ?? new Uint8Array(ROOM_BYTES));
  const totals = emptyTotals();
  const flagged: number[] = [];
  let lines = 0;
  const firstRow = batch * BATCH_ROWS;
  const endRow = Math.min(options.rows, firstRow + BATCH_ROWS);
  for (let row = firstRow; row < endRow; row += BLOCK_ROWS) {
    const made = generateBlock(
      {
        seed: options.seed,
        variant: options.variant,
        block: row / BLOCK_ROWS,
        rows: Math.min(BLOCK_ROWS, endRow - row),
      },
      sink,
      totals,
      lines,
    );
    lines += made.lines;
    for (const {
      record,
      row: { line, version, defects },
    } of made.flagged)
      flagged.push(line, row - firstRow + record, version.lead, defects);
  }
  return {
    bytes: sink.bytes,
    sizeBytes: sink.length,
    rows: endRow - firstRow,
    lines,
    flagged: Int32Array.from(flagged),
    totals,
  };
}
