import { generateBlock } from "../leads/block.ts";
import { ByteSink } from "../leads/byte-sink.ts";
import { BLOCK_ROWS } from "../leads/columns.ts";
import { MAX_ROW_BYTES } from "../leads/row.ts";
import { emptyTotals } from "../leads/totals.ts";

/** The leads that the events are about, as columns; −1 is null. */
export interface Subjects {
  readonly count: number;
  /** The number in `lead_id`. */
  readonly ids: Int32Array;
  readonly visits: Int32Array;
  readonly minutesTenths: Int32Array;
  readonly emailsOpened: Int32Array;
  readonly daysSinceContact: Int32Array;
  /** 1 where the clean table has the lead; the others' rows are all rejected there. */
  readonly isClean: Uint8Array;
}

/**
 * The first leads of the file that `leads --rows --seed` makes, with the values that its clean table holds: drawn by
 * the very code that writes the file.
 */
export function subjectsOf(options: {
  readonly seed: number;
  readonly leadRows: number;
  readonly keys: number;
}): Subjects {
  const { seed, leadRows } = options;
  const most = Math.min(options.keys, leadRows);
  const found: Subjects = {
    count: most,
    ids: new Int32Array(most),
    visits: new Int32Array(most),
    minutesTenths: new Int32Array(most),
    emailsOpened: new Int32Array(most),
    daysSinceContact: new Int32Array(most),
    isClean: new Uint8Array(most),
  };
  const sink = new ByteSink(new Uint8Array(BLOCK_ROWS * 136 + MAX_ROW_BYTES));
  let count = 0;
  for (let row = 0; row < leadRows && count < most; row += BLOCK_ROWS) {
    // The rows themselves are not needed, only what they are made from.
    sink.length = 0;
    const block = row / BLOCK_ROWS;
    const rows = Math.min(BLOCK_ROWS, leadRows - row);
    const { leads } = generateBlock({ seed, variant: "plain", block, rows }, sink, emptyTotals(), 0);
    for (const { kept, newest } of leads) {
      if (count === most) break;
      const version = kept?.version ?? newest;
      found.ids[count] = version.lead + 1;
      found.visits[count] = version.visits;
      found.minutesTenths[count] = version.minutesTenths;
      found.emailsOpened[count] = version.emailsOpened;
      found.daysSinceContact[count] = version.daysSinceContact;
      found.isClean[count] = kept === undefined ? 0 : 1;
      count++;
    }
  }
  return { ...found, count };
}
