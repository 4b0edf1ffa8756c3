import type { Table } from "../../core/table.ts";
import { sliceTable } from "../../core/table-build.ts";
import { NumberColumn, StateSlots } from "../state/slots.ts";
import { NOTHING } from "./aggregate.ts";
import type { BatchContext, OperatorCounts, StatefulOperator, StateSchema } from "./operator.ts";

const KEY = new Uint8Array(0);

/** `limit` in append: so many rows over the whole stream. [StreamingGlobalLimitExec] */
export class LimitOperator implements StatefulOperator {
  readonly schema: StateSchema = { operator: "globalLimit", key: [], value: ["int64"] };
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  private readonly limit: number;
  private readonly shown = new NumberColumn();
  private readonly slots: StateSlots;
  private latest: OperatorCounts = { ...NOTHING };

  constructor(limit: number) {
    this.limit = limit;
    this.slots = new StateSlots({ isMulti: false, columns: [this.shown] });
    this.stores = [{ name: "default", slots: this.slots }];
  }

  readonly wantsNoDataBatch = (): boolean => false;

  run(inputs: readonly Table[], _context: BatchContext): Table {
    const [table] = inputs;
    if (table === undefined) throw new RangeError("a limit reads one table");
    const found = this.slots.find(KEY, 0, 0);
    const slot = found >= 0 ? found : this.slots.insert(KEY, 0, 0, 0);
    const before = this.shown.values[slot] ?? 0;
    const rows = Math.min(table.rowCount, Math.max(0, this.limit - before));
    this.shown.values[slot] = before + rows;
    this.slots.touch(slot);
    this.latest = { ...NOTHING, rows: 1, updated: 1, stateBytes: this.slots.sizeBytes };
    return sliceTable(table, 0, rows);
  }

  counts(): OperatorCounts {
    return this.latest;
  }
}
