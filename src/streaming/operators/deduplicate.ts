import type { Table } from "../../core/table.ts";
import { takeRows } from "../../core/table-build.ts";
import { type Attribute, attributeNamed, eventTimesOf } from "../attribute.ts";
import { attributesOf, type PlanOf } from "../plan.ts";
import { RowWriter } from "../state/row-bytes.ts";
import { hashBytes, IntList, NumberColumn, StateSlots } from "../state/slots.ts";
import { NOTHING } from "./aggregate.ts";
import { columnsOfAttributes, deadlinesOf, writeColumns } from "./key-columns.ts";
import type { BatchContext, OperatorCounts, StatefulOperator, StateSchema } from "./operator.ts";

/**
 * dropDuplicates and dropDuplicatesWithinWatermark: rule 5. Rows are taken in feed order, the first of a key wins;
 * a key is looked up before anything is evicted. [BaseStreamingDeduplicateExec in statefulOperators.scala]
 */
export class DeduplicateOperator implements StatefulOperator {
  readonly schema: StateSchema;
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  private readonly columns: readonly Attribute[];
  private readonly time: Attribute | undefined;
  /** Within watermark: a key is over its delay after the row let through; else when its event time is, if it has one. */
  private readonly isWithin: boolean;
  private readonly isTimeAKey: boolean;
  private readonly over = new NumberColumn();
  private readonly slots: StateSlots;
  private readonly writer = new RowWriter();
  private latest: OperatorCounts = { ...NOTHING };

  constructor(plan: PlanOf<"deduplicate">) {
    const input = attributesOf(plan.input);
    this.columns =
      plan.columns.length === 0 ? input : plan.columns.map((name) => attributeNamed(input, name));
    [this.time] = eventTimesOf(input);
    this.isWithin = plan.isWithinWatermark;
    this.isTimeAKey = this.columns.some((column) => column.delayMs !== undefined);
    this.slots = new StateSlots({ isMulti: false, columns: [this.over] });
    this.stores = [{ name: "default", slots: this.slots }];
    this.schema = {
      operator: this.isWithin ? "dedupeWithinWatermark" : "dedupe",
      key: this.columns.map((column) => column.type.kind),
      value: this.isWithin ? ["int64"] : [],
    };
  }

  readonly wantsNoDataBatch = (): boolean => true;

  run(inputs: readonly Table[], context: BatchContext): Table {
    const [table] = inputs;
    if (table === undefined) throw new RangeError("de-duplication reads one table");
    const times = this.time === undefined ? undefined : deadlinesOf(table, this.time);
    const delayUs = (this.time?.delayMs ?? 0) * 1000;
    const keyColumns = columnsOfAttributes(table, this.columns);
    const kept = new IntList();
    let late = 0;
    const { writer } = this;
    for (let row = 0; row < table.rowCount; row++) {
      const isTimed = times !== undefined && (times.validity === undefined || times.validity[row] !== 0);
      const time = isTimed ? (times.values[row] ?? 0) : undefined;
      if (time !== undefined && time <= context.lateUs) {
        late++;
        continue;
      }
      writer.clear();
      writeColumns(writer, keyColumns, row);
      const hash = hashBytes(writer.bytes, 0, writer.length);
      if (this.slots.find(writer.bytes, writer.length, hash) >= 0) continue;
      const slot = this.slots.insert(writer.bytes, writer.length, writer.length, hash);
      // Spark reads a null time as 0 here, and of a window the place of its bytes as a time, 38 hours after 1970 at
      // least: such a key does not leave before.
      if (this.isWithin && this.time?.type.kind === "window")
        this.over.values[slot] = Number.POSITIVE_INFINITY;
      else if (this.isWithin) this.over.values[slot] = (time ?? 0) + delayUs;
      else
        this.over.values[slot] = this.isTimeAKey
          ? (time ?? Number.POSITIVE_INFINITY)
          : Number.POSITIVE_INFINITY;
      kept.push(row);
    }
    const removed = this.evict(context.evictUs);
    this.latest = {
      rows: this.slots.count,
      updated: kept.length,
      removed,
      droppedByWatermark: late,
      lateRows: late,
      duplicates: table.rowCount - late - kept.length,
      stateBytes: this.slots.sizeBytes,
    };
    return kept.length === table.rowCount ? table : takeRows(table, kept.values());
  }

  counts(): OperatorCounts {
    return this.latest;
  }

  private evict(evictUs: number): number {
    let removed = 0;
    const { isLive, end } = this.slots;
    for (let slot = 0; slot < end; slot++) {
      if (isLive[slot] !== 1 || (this.over.values[slot] ?? 0) > evictUs) continue;
      this.slots.remove(slot);
      removed++;
    }
    return removed;
  }
}
