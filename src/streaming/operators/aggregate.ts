import type { DataType, Field, Table } from "../../core/table.ts";
import { type Attribute, attributeNamed, fieldsOfAttributes, TIMESTAMP } from "../attribute.ts";
import type { OutputMode } from "../check-plan.ts";
import { selectionOf } from "../evaluate.ts";
import { fromDoubles } from "../micros.ts";
import { attributesOf, type Grouping, type PlanOf } from "../plan.ts";
import { RowReader, RowWriter } from "../state/row-bytes.ts";
import { hashBytes, IntList, NumberColumn, StateSlots } from "../state/slots.ts";
import type { Accumulator } from "./accumulator-state.ts";
import { accumulatorOf } from "./accumulators.ts";
import {
  codesOfColumns,
  columnsOfAttribute,
  deadlinesOf,
  instantsOf,
  type Times,
  writeColumns,
} from "./key-columns.ts";
import type { BatchContext, OperatorCounts, StatefulOperator, StateSchema } from "./operator.ts";
import { type Grouped, groupByKey, groupByWindow } from "./windows.ts";

type WindowGrouping = Extract<Grouping, { readonly kind: "window" }>;

/**
 * Grouping with or without tumbling and sliding windows: rules 5, 7 and 8. A batch is first summed up by group
 * and only then merged into the state, so the late filter sees groups, and counts them, as Spark's does after
 * its partial aggregation. [StateStoreSaveExec in statefulOperators.scala]
 */
export class AggregateOperator implements StatefulOperator {
  readonly schema: StateSchema;
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  private readonly plan: PlanOf<"aggregate">;
  private readonly input: readonly Attribute[];
  private readonly output: readonly Attribute[];
  private readonly keyFields: readonly Field[];
  private readonly window: WindowGrouping | undefined;
  /** The place among the keys of the one that is event time; −1 without. */
  private readonly timeKey: number;
  private readonly accumulators: readonly Accumulator[];
  /** When a group is over, microseconds: its window's end, or its time. */
  private readonly deadline = new NumberColumn();
  /** 1 when the group has no such time: it is never over. */
  private readonly slots: StateSlots;
  private readonly writer = new RowWriter();
  private latest: OperatorCounts;

  constructor(plan: PlanOf<"aggregate">) {
    this.plan = plan;
    this.input = attributesOf(plan.input);
    this.output = attributesOf(plan);
    const keys = this.output.slice(0, plan.keys.length);
    this.keyFields = fieldsOfAttributes(keys);
    this.window = plan.keys.find((key): key is WindowGrouping => key.kind === "window");
    this.timeKey = keys.findIndex((key) => key.delayMs !== undefined);
    this.accumulators = plan.aggregates.map((aggregate) => {
      const type =
        aggregate.column === undefined ? undefined : attributeNamed(this.input, aggregate.column).type;
      return accumulatorOf(aggregate, type?.kind === "window" ? TIMESTAMP : (type as DataType | undefined));
    });
    this.slots = new StateSlots({
      isMulti: false,
      columns: [this.deadline, ...this.accumulators.flatMap((accumulator) => accumulator.columns)],
    });
    this.stores = [{ name: "default", slots: this.slots }];
    this.schema = {
      operator: "stateStoreSave",
      key: keys.map((key) => key.type.kind),
      value: this.accumulators.flatMap((accumulator) => accumulator.types),
    };
    this.latest = { ...NOTHING };
  }

  readonly wantsNoDataBatch = (mode: OutputMode): boolean => mode !== "complete";

  run(inputs: readonly Table[], context: BatchContext): Table {
    const [table] = inputs;
    if (table === undefined) throw new RangeError("an aggregation reads one table");
    const touched = new IntList();
    const late = this.merge(table, context, touched);
    const isTimed = this.timeKey >= 0 && context.mode !== "complete";
    const over = isTimed ? this.slotsOver(context.evictUs) : new Int32Array(0);
    const shown =
      context.mode === "append" ? over : context.mode === "update" ? touched.values() : this.slots.live();
    const result = this.tableOf(shown);
    for (const slot of over) this.slots.remove(slot);
    this.latest = {
      rows: this.slots.count,
      updated: touched.length,
      removed: over.length,
      droppedByWatermark: late.groups,
      lateRows: late.rows,
      duplicates: 0,
      stateBytes: this.slots.sizeBytes,
    };
    return result;
  }

  counts(): OperatorCounts {
    return this.latest;
  }

  /** Merges a batch into the state; notes the slots that it touched; gives what was late. */
  private merge(table: Table, context: BatchContext, touched: IntList): { groups: number; rows: number } {
    const keyColumns = this.plan.keys.map((key) =>
      key.kind === "column" ? columnsOfAttribute(table, attributeNamed(this.input, key.column)) : undefined,
    );
    const grouped = this.group(
      table,
      keyColumns.flatMap((columns) => columns ?? []),
    );
    for (const accumulator of this.accumulators) accumulator.gather(table, grouped);
    const keep = this.windowSelection(grouped);
    const times = this.deadlines(table, grouped);
    const isFiltered = times !== undefined && context.mode !== "complete";
    const isLate = new Uint8Array(grouped.count);
    let lateGroups = 0;
    for (let group = 0; group < grouped.count; group++) {
      const row = grouped.firstRows[group] ?? -1;
      if ((row < 0 && this.plan.keys.length > 0) || (keep !== undefined && keep[group] === 0)) continue;
      const at =
        times === undefined || (times.validity !== undefined && times.validity[group] === 0)
          ? undefined
          : times.values[group];
      if (isFiltered && at !== undefined && at <= context.lateUs) {
        isLate[group] = 1;
        lateGroups++;
        continue;
      }
      const slot = this.slotOf(keyColumns, row, grouped.starts?.[group], at);
      for (const accumulator of this.accumulators) accumulator.merge(group, slot);
      this.slots.touch(slot);
      touched.push(slot);
    }
    return { groups: lateGroups, rows: lateGroups === 0 ? 0 : lateRows(grouped, isLate, table.rowCount) };
  }

  private group(table: Table, keyColumns: Parameters<typeof codesOfColumns>[0]): Grouped {
    const keys = codesOfColumns(keyColumns, table.rowCount);
    if (this.window === undefined) return groupByKey(keys);
    const times = instantsOf(table, this.input, this.window.column);
    return groupByWindow(keys, times.values, times.validity, this.window);
  }

  private windowSelection(grouped: Grouped): Uint8Array | undefined {
    const { windowFilter } = this.plan;
    if (windowFilter === undefined || this.window === undefined || grouped.starts === undefined)
      return undefined;
    const { starts } = grouped;
    const ends = starts.map((start) => start + (this.window?.sizeUs ?? 0));
    return selectionOf(windowFilter, {
      fields: fieldsOfAttributes([{ name: this.window.as, type: { kind: "window" } }]),
      columns: [starts, ends].map((edges) => ({ kind: "timestamp" as const, values: fromDoubles(edges) })),
      rowCount: starts.length,
    });
  }

  /** When each group is over; undefined when no key is event time. */
  private deadlines(table: Table, grouped: Grouped): Times | undefined {
    const key = this.plan.keys[this.timeKey];
    if (key === undefined) return undefined;
    if (key.kind === "window") {
      const size = key.sizeUs;
      return {
        values: (grouped.starts ?? new Float64Array(0)).map((start) => start + size),
        validity: undefined,
      };
    }
    const rows = deadlinesOf(table, attributeNamed(this.input, key.column));
    const { validity } = rows;
    return {
      values: Float64Array.from(grouped.firstRows, (row) => rows.values[row] ?? 0),
      validity:
        validity === undefined ? undefined : Uint8Array.from(grouped.firstRows, (row) => validity[row] ?? 0),
    };
  }

  private slotOf(
    keyColumns: readonly (Parameters<typeof writeColumns>[1] | undefined)[],
    row: number,
    start: number | undefined,
    deadline: number | undefined,
  ): number {
    const { writer } = this;
    writer.clear();
    for (const columns of keyColumns) {
      if (columns !== undefined) writeColumns(writer, columns, row);
      else if (start !== undefined) {
        writer.writeTime(start);
        writer.writeTime(start + (this.window?.sizeUs ?? 0));
      }
    }
    const hash = hashBytes(writer.bytes, 0, writer.length);
    const found = this.slots.find(writer.bytes, writer.length, hash);
    if (found >= 0) return found;
    const slot = this.slots.insert(writer.bytes, writer.length, writer.length, hash);
    this.deadline.values[slot] = deadline ?? Number.POSITIVE_INFINITY;
    return slot;
  }

  private slotsOver(evictUs: number): Int32Array {
    const over = new IntList();
    const { values } = this.deadline;
    const { isLive, end } = this.slots;
    for (let slot = 0; slot < end; slot++)
      if ((values[slot] ?? 0) <= evictUs && isLive[slot] === 1) over.push(slot);
    return over.values();
  }

  private tableOf(slots: Int32Array): Table {
    const reader = new RowReader(this.keyFields, slots.length);
    const { arena, offsets } = this.slots;
    for (const slot of slots) reader.read(arena, offsets[slot] ?? 0);
    const keys = reader.table();
    const fields = fieldsOfAttributes(this.output);
    return {
      fields,
      columns: [...keys.columns, ...this.accumulators.map((accumulator) => accumulator.output(slots))],
      rowCount: slots.length,
    };
  }
}

export const NOTHING: OperatorCounts = {
  rows: 0,
  updated: 0,
  removed: 0,
  droppedByWatermark: 0,
  lateRows: 0,
  duplicates: 0,
  stateBytes: 0,
};

/** Rows of which every group was late. */
function lateRows(grouped: Grouped, isLate: Uint8Array, rowCount: number): number {
  const state = new Uint8Array(rowCount);
  const { groups, rows } = grouped;
  for (let entry = 0; entry < groups.length; entry++) {
    const group = groups[entry] ?? -1;
    if (group < 0) continue;
    const row = rows === undefined ? entry : (rows[entry] ?? 0);
    state[row] = (state[row] ?? 0) | (isLate[group] === 1 ? 1 : 2);
  }
  return state.reduce((sum, one) => sum + (one === 1 ? 1 : 0), 0);
}
