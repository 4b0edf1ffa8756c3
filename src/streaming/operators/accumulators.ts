import type { Column, DataType, Table } from "../../core/table.ts";
import { columnNamed, numbersOf } from "../evaluate.ts";
import type { Aggregate } from "../plan.ts";
import { type Accumulator, FloatState, TWO_32, validOf, WholeState, wordsOf } from "./accumulator-state.ts";
import { ExtremeNumber, ExtremeText, ExtremeWhole } from "./extremes.ts";
import type { Grouped } from "./windows.ts";

/** The accumulator of an aggregate over a column of this type (undefined for `count(*)`). */
export function accumulatorOf(aggregate: Aggregate, type: DataType | undefined): Accumulator {
  const column = aggregate.column;
  if (aggregate.function === "count" || column === undefined || type === undefined) return new Count(column);
  if (aggregate.function === "avg") return new Average(column, type);
  if (aggregate.function === "sum") {
    const isWhole = type.kind === "int32" || type.kind === "int64" || type.kind === "boolean";
    if (isWhole || type.kind === "decimal") return new WholeSum(column, type);
    return new FloatSum(column);
  }
  const sign = aggregate.function === "min" ? -1 : 1;
  if (type.kind === "int64" || type.kind === "decimal") return new ExtremeWhole(column, type.kind, sign);
  return type.kind === "string" ? new ExtremeText(column, sign) : new ExtremeNumber(column, type, sign);
}

class Count implements Accumulator {
  private readonly total = new WholeState();
  readonly columns = this.total.columns;
  readonly types = ["int64"];
  private counts = new Float64Array(0);
  private readonly column: string | undefined;

  constructor(column: string | undefined) {
    this.column = column;
  }

  gather(table: Table, grouped: Grouped): void {
    const { groups, rows } = grouped;
    const counts = new Float64Array(grouped.count);
    const validity = this.column === undefined ? undefined : columnNamed(table, this.column).validity;
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      if (group < 0) continue;
      if (validity !== undefined && validity[rows === undefined ? entry : (rows[entry] ?? 0)] === 0) continue;
      counts[group] = (counts[group] ?? 0) + 1;
    }
    this.counts = counts;
  }
  merge(group: number, slot: number): void {
    this.total.add(slot, 0, this.counts[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    this.total.addSlot(from, to);
  }
  output(slots: Int32Array): Column {
    return { kind: "int64", values: this.total.values(slots, this.column ?? "*") };
  }
}

/** Sums of doubles; null where no value was seen. */
class FloatSum implements Accumulator {
  private readonly total = new FloatState();
  readonly columns = this.total.columns;
  readonly types = ["float64"];
  private sums = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly column: string;

  constructor(column: string) {
    this.column = column;
  }

  gather(table: Table, grouped: Grouped): void {
    const gathered = sumByGroup(columnNamed(table, this.column), 0, grouped);
    this.sums = gathered.sums;
    this.counts = gathered.counts;
  }
  merge(group: number, slot: number): void {
    if ((this.counts[group] ?? 0) > 0) this.total.add(slot, this.sums[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    this.total.addSlot(from, to);
  }
  output(slots: Int32Array): Column {
    const values = Float64Array.from(slots, (slot) => this.total.number(slot));
    return { kind: "float64", values, validity: validOf(this.total.seen, slots) };
  }
}

class Average implements Accumulator {
  private readonly total = new FloatState();
  private readonly count = new WholeState();
  readonly columns = [...this.total.columns, ...this.count.columns];
  readonly types = ["float64", "int64"];
  private sums = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly column: string;
  private readonly scale: number;

  constructor(column: string, type: DataType) {
    this.column = column;
    this.scale = type.kind === "decimal" ? type.scale : 0;
  }

  gather(table: Table, grouped: Grouped): void {
    const gathered = sumByGroup(columnNamed(table, this.column), this.scale, grouped);
    this.sums = gathered.sums;
    this.counts = gathered.counts;
  }
  merge(group: number, slot: number): void {
    const counted = this.counts[group] ?? 0;
    if (counted === 0) return;
    this.total.add(slot, this.sums[group] ?? 0);
    this.count.add(slot, 0, counted);
  }
  mergeSlots(from: number, to: number): void {
    this.total.addSlot(from, to);
    this.count.addSlot(from, to);
  }
  output(slots: Int32Array): Column {
    const counts = Float64Array.from(slots, (slot) => this.count.number(slot));
    const values = Float64Array.from(slots, (slot, i) => this.total.number(slot) / (counts[i] ?? 1));
    return { kind: "float64", values, validity: Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0)) };
  }
}

/** Exact sums of 64-bit integers; carried over before the low part of a batch can round. */
class WholeSum implements Accumulator {
  private readonly total = new WholeState();
  readonly columns = this.total.columns;
  readonly types: readonly string[];
  private highs = new Float64Array(0);
  private lows = new Float64Array(0);
  private counts = new Float64Array(0);
  private readonly column: string;
  private readonly kind: "int64" | "decimal";

  constructor(column: string, type: DataType) {
    this.column = column;
    this.kind = type.kind === "decimal" ? "decimal" : "int64";
    this.types = [this.kind];
  }

  gather(table: Table, grouped: Grouped): void {
    const { groups, rows, count } = grouped;
    const column = columnNamed(table, this.column);
    const { validity } = column;
    const words = wordsOf(column);
    const highs = new Float64Array(count);
    const lows = new Float64Array(count);
    const counts = new Float64Array(count);
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      if (group < 0) continue;
      const row = rows === undefined ? entry : (rows[entry] ?? 0);
      if (validity !== undefined && validity[row] === 0) continue;
      highs[group] = (highs[group] ?? 0) + (words[row * 2 + 1] ?? 0);
      lows[group] = (lows[group] ?? 0) + ((words[row * 2] ?? 0) >>> 0);
      counts[group] = (counts[group] ?? 0) + 1;
      if ((entry & 0xfffff) === 0xfffff) carryAll(highs, lows);
    }
    this.highs = highs;
    this.lows = lows;
    this.counts = counts;
  }
  merge(group: number, slot: number): void {
    if ((this.counts[group] ?? 0) > 0) this.total.add(slot, this.highs[group] ?? 0, this.lows[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    this.total.addSlot(from, to);
  }
  output(slots: Int32Array): Column {
    const values = this.total.values(slots, this.column);
    return { kind: this.kind, values, validity: validOf(this.total.seen, slots) };
  }
}

function sumByGroup(column: Column, scale: number, grouped: Grouped) {
  const { groups, rows, count } = grouped;
  const numbers = numbersOf(column, scale);
  const { validity } = column;
  const sums = new Float64Array(count);
  const counts = new Float64Array(count);
  for (let entry = 0; entry < groups.length; entry++) {
    const group = groups[entry] ?? -1;
    if (group < 0) continue;
    const row = rows === undefined ? entry : (rows[entry] ?? 0);
    if (validity !== undefined && validity[row] === 0) continue;
    sums[group] = (sums[group] ?? 0) + (numbers[row] ?? 0);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  return { sums, counts };
}

function carryAll(highs: Float64Array, lows: Float64Array): void {
  for (let i = 0; i < lows.length; i++) {
    const carry = Math.floor((lows[i] ?? 0) / TWO_32);
    highs[i] = (highs[i] ?? 0) + carry;
    lows[i] = (lows[i] ?? 0) - carry * TWO_32;
  }
}
