import type { Column, Field, Table } from "../../core/table.ts";
import { type Attribute, attributeNamed, eventTimesOf, fieldsOfAttributes } from "../attribute.ts";
import { attributesOf, type PlanOf } from "../plan.ts";
import { RowReader, RowWriter } from "../state/row-bytes.ts";
import { FlagColumn, hashBytes, IntList, NumberColumn, StateSlots } from "../state/slots.ts";
import { NOTHING } from "./aggregate.ts";
import { columnsOfAttributes, deadlinesOf, type Times, writeColumns } from "./key-columns.ts";
import type { BatchContext, OperatorCounts, StatefulOperator, StateSchema } from "./operator.ts";

/** How far behind its operator's watermark a side's rows are over, microseconds; undefined: they stay for ever. */
export interface JoinEviction {
  /** The event time is a key: both sides go by the key's time. */
  readonly isByKey: boolean;
  readonly leftBehindUs: number | undefined;
  readonly rightBehindUs: number | undefined;
}

/**
 * When stored rows of a stream–stream join can match no more: rule 9. With right − left in [min, max] a left row
 * is over at watermark − max − 1 ms, a right row at watermark + min − 1 ms; both sides need a watermark.
 * [StreamingJoinHelper.getStateValueWatermark, StreamingSymmetricHashJoinHelper]
 */
export function evictionOf(plan: PlanOf<"join">): JoinEviction {
  const left = attributesOf(plan.left);
  const right = attributesOf(plan.right);
  const isTimed = (attributes: readonly Attribute[], name: string): boolean =>
    attributeNamed(attributes, name).delayMs !== undefined;
  if (plan.on.some((on) => isTimed(left, on.left) || isTimed(right, on.right)))
    return { isByKey: true, leftBehindUs: 0, rightBehindUs: 0 };
  const { within } = plan;
  const areBothTimed = eventTimesOf(left).length > 0 && eventTimesOf(right).length > 0;
  if (within === undefined || !areBothTimed)
    return { isByKey: false, leftBehindUs: undefined, rightBehindUs: undefined };
  return {
    isByKey: false,
    leftBehindUs:
      within.maxUs !== undefined && isTimed(right, within.right) ? within.maxUs + 1000 : undefined,
    rightBehindUs: within.minUs !== undefined && isTimed(left, within.left) ? 1000 - within.minUs : undefined,
  };
}

/** One side: what is stored of it. */
interface Side {
  readonly attributes: readonly Attribute[];
  readonly keys: readonly Attribute[];
  readonly eventTime: Attribute | undefined;
  readonly bound: Attribute | undefined;
  /** What decides when a row is over: its event time, or its key's time. */
  readonly deadline: Attribute | undefined;
  readonly slots: StateSlots;
  readonly boundTimes: NumberColumn;
  readonly deadlines: NumberColumn;
  readonly isMatched: FlagColumn;
  readonly isShownUnmatched: boolean;
}

/** A side's rows of a batch. */
interface Incoming {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly keys: readonly Column[];
  readonly event: Times | undefined;
  readonly bound: Times | undefined;
  readonly deadline: Times | undefined;
}

/** Stream–stream joins: inner and left, right and full outer. [StreamingSymmetricHashJoinExec.scala] */
export class JoinOperator implements StatefulOperator {
  readonly schema: StateSchema;
  readonly stores: readonly { readonly name: string; readonly slots: StateSlots }[];
  private readonly plan: PlanOf<"join">;
  private readonly left: Side;
  private readonly right: Side;
  private readonly eviction: JoinEviction;
  private readonly writer = new RowWriter();
  private latest: OperatorCounts = { ...NOTHING };

  constructor(plan: PlanOf<"join">) {
    this.plan = plan;
    this.eviction = evictionOf(plan);
    this.left = this.sideOf("left");
    this.right = this.sideOf("right");
    this.stores = [
      { name: "left-keyWithIndexToValue", slots: this.left.slots },
      { name: "right-keyWithIndexToValue", slots: this.right.slots },
    ];
    const typesOf = (attributes: readonly Attribute[]): string[] => attributes.map((one) => one.type.kind);
    this.schema = {
      operator: "symmetricHashJoin",
      key: typesOf(this.left.keys),
      value: [...typesOf(this.left.attributes), "|", ...typesOf(this.right.attributes)],
    };
  }

  readonly wantsNoDataBatch = (): boolean =>
    this.eviction.leftBehindUs !== undefined || this.eviction.rightBehindUs !== undefined;

  run(inputs: readonly Table[], context: BatchContext): Table {
    const [leftTable, rightTable] = inputs;
    if (leftTable === undefined || rightTable === undefined) throw new RangeError("a join reads two tables");
    const left = incomingOf(this.left, leftTable);
    const right = incomingOf(this.right, rightTable);
    const { leftBehindUs, rightBehindUs } = this.eviction;
    const leftEnd = leftBehindUs === undefined ? Number.NEGATIVE_INFINITY : context.evictUs - leftBehindUs;
    const rightEnd = rightBehindUs === undefined ? Number.NEGATIVE_INFINITY : context.evictUs - rightBehindUs;
    const fromLeft = this.storeAndMatch(left, this.left, this.right, context.lateUs, () => true);
    const fromRight = this.storeAndMatch(
      right,
      this.right,
      this.left,
      context.lateUs,
      (deadline, isMatched) => !(deadline <= rightEnd) || (this.right.isShownUnmatched && !isMatched),
    );
    const leftOver = slotsOver(this.left, leftEnd);
    const rightOver = slotsOver(this.right, rightEnd);
    const result = this.tableOf({ left, right, fromLeft, fromRight, leftOver, rightOver });
    for (const slot of leftOver) this.left.slots.remove(slot);
    for (const slot of rightOver) this.right.slots.remove(slot);
    const late = fromLeft.late + fromRight.late;
    this.latest = {
      rows: this.left.slots.count + this.right.slots.count,
      updated: fromLeft.stored + fromRight.stored,
      removed: leftOver.length + rightOver.length,
      droppedByWatermark: late,
      lateRows: late,
      duplicates: 0,
      stateBytes: this.left.slots.sizeBytes + this.right.slots.sizeBytes,
    };
    return result;
  }

  counts(): OperatorCounts {
    return this.latest;
  }

  private sideOf(which: "left" | "right"): Side {
    const attributes = attributesOf(this.plan[which]);
    const keys = this.plan.on.map((on) => attributeNamed(attributes, on[which]));
    const [eventTime] = eventTimesOf(attributes);
    const { within, on, type } = this.plan;
    const timeKey = on.findIndex(
      (pair) =>
        attributeNamed(attributesOf(this.plan.left), pair.left).delayMs !== undefined ||
        attributeNamed(attributesOf(this.plan.right), pair.right).delayMs !== undefined,
    );
    const boundTimes = new NumberColumn();
    const deadlines = new NumberColumn();
    const isMatched = new FlagColumn();
    return {
      attributes,
      keys,
      eventTime,
      bound: within === undefined ? undefined : attributeNamed(attributes, within[which]),
      deadline: this.eviction.isByKey ? keys[timeKey] : eventTime,
      slots: new StateSlots({ isMulti: true, columns: [boundTimes, deadlines, isMatched] }),
      boundTimes,
      deadlines,
      isMatched,
      isShownUnmatched: type === which || type === "full",
    };
  }

  /** Matches a side's new rows with what the other side stores, then stores them. */
  private storeAndMatch(
    incoming: Incoming,
    own: Side,
    other: Side,
    lateUs: number,
    isKept: (deadlineUs: number, isMatched: boolean) => boolean,
  ): Matches {
    const rows = new IntList();
    const slots = new IntList();
    let late = 0;
    let stored = 0;
    const { writer } = this;
    for (let row = 0; row < incoming.table.rowCount; row++) {
      const event = timeAt(incoming.event, row);
      if (event <= lateUs) {
        late++;
        continue;
      }
      writer.clear();
      writeColumns(writer, incoming.keys, row);
      const keyLength = writer.length;
      const hash = hashBytes(writer.bytes, 0, keyLength);
      const bound = timeAt(incoming.bound, row);
      let isMatched = false;
      // Keys are compared as bytes, so in a full join, where nobody filters them, a null key meets a null key: SQL says
      // otherwise, Spark 4.3.0 does so.
      for (
        let slot = other.slots.find(writer.bytes, keyLength, hash);
        slot >= 0;
        slot = other.slots.nextOf(slot)
      ) {
        const there = other.boundTimes.values[slot] ?? 0;
        if (!this.isWithin(own === this.left ? there - bound : bound - there)) continue;
        isMatched = true;
        rows.push(row);
        slots.push(slot);
        if (other.isMatched.values[slot] === 1) continue;
        other.isMatched.values[slot] = 1;
        other.slots.touch(slot);
      }
      const deadline = timeAt(incoming.deadline, row);
      if (!isKept(deadline, isMatched)) continue;
      writeColumns(writer, incoming.columns, row);
      const slot = own.slots.insert(writer.bytes, keyLength, writer.length, hash);
      own.boundTimes.values[slot] = bound;
      own.deadlines.values[slot] = deadline;
      own.isMatched.values[slot] = isMatched ? 1 : 0;
      stored++;
    }
    return { rows: rows.values(), slots: slots.values(), late, stored };
  }

  /** `rightMinusLeftUs` is NaN when a time is null: no match then. */
  private isWithin(rightMinusLeftUs: number): boolean {
    const { within } = this.plan;
    if (within === undefined) return true;
    return (
      rightMinusLeftUs >= (within.minUs ?? Number.NEGATIVE_INFINITY) &&
      rightMinusLeftUs <= (within.maxUs ?? Number.POSITIVE_INFINITY)
    );
  }

  private tableOf(parts: {
    left: Incoming;
    right: Incoming;
    fromLeft: Matches;
    fromRight: Matches;
    leftOver: Int32Array;
    rightOver: Int32Array;
  }): Table {
    const leftAlone = unmatched(this.left, parts.leftOver);
    const rightAlone = unmatched(this.right, parts.rightOver);
    const rows =
      parts.fromLeft.rows.length + parts.fromRight.rows.length + leftAlone.length + rightAlone.length;
    const left = new RowReader(prefixed("left", this.left.attributes), rows);
    const right = new RowReader(prefixed("right", this.right.attributes), rows);
    parts.fromLeft.rows.forEach((row, i) => {
      this.copyRow(parts.left, row, left);
      readSlot(this.right, parts.fromLeft.slots[i] ?? 0, right);
    });
    parts.fromRight.rows.forEach((row, i) => {
      readSlot(this.left, parts.fromRight.slots[i] ?? 0, left);
      this.copyRow(parts.right, row, right);
    });
    for (const slot of leftAlone) {
      readSlot(this.left, slot, left);
      right.readNulls();
    }
    for (const slot of rightAlone) {
      left.readNulls();
      readSlot(this.right, slot, right);
    }
    const [a, b] = [left.table(), right.table()];
    return { fields: [...a.fields, ...b.fields], columns: [...a.columns, ...b.columns], rowCount: rows };
  }

  private copyRow(incoming: Incoming, row: number, reader: RowReader): void {
    this.writer.clear();
    writeColumns(this.writer, incoming.columns, row);
    reader.read(this.writer.bytes, 0);
  }
}

interface Matches {
  /** Row `rows[i]` of the batch meets slot `slots[i]` of the other side. */
  readonly rows: Int32Array;
  readonly slots: Int32Array;
  readonly late: number;
  readonly stored: number;
}

function incomingOf(side: Side, table: Table): Incoming {
  const timesOf = (attribute: Attribute | undefined): Times | undefined =>
    attribute === undefined ? undefined : deadlinesOf(table, attribute);
  return {
    table,
    columns: columnsOfAttributes(table, side.attributes),
    keys: columnsOfAttributes(table, side.keys),
    event: timesOf(side.eventTime),
    bound: timesOf(side.bound),
    deadline: timesOf(side.deadline),
  };
}

/** Microseconds; NaN (which is before and after nothing) when there is no time. */
function timeAt(times: Times | undefined, row: number): number {
  if (times === undefined || (times.validity !== undefined && times.validity[row] === 0)) return Number.NaN;
  return times.values[row] ?? Number.NaN;
}

function slotsOver(side: Side, endUs: number): Int32Array {
  const over = new IntList();
  const { isLive, end } = side.slots;
  for (let slot = 0; slot < end; slot++)
    if (isLive[slot] === 1 && (side.deadlines.values[slot] ?? 0) <= endUs) over.push(slot);
  return over.values();
}

function unmatched(side: Side, over: Int32Array): Int32Array {
  return side.isShownUnmatched ? over.filter((slot) => side.isMatched.values[slot] !== 1) : new Int32Array(0);
}

function readSlot(side: Side, slot: number, reader: RowReader): void {
  reader.read(side.slots.arena, (side.slots.offsets[slot] ?? 0) + (side.slots.keyLengths[slot] ?? 0));
}

function prefixed(side: string, attributes: readonly Attribute[]): Field[] {
  return fieldsOfAttributes(attributes).map((field) => ({ ...field, name: `${side}.${field.name}` }));
}
