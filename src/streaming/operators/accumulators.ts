import type { Column, DataType } from "../../core/table.ts";
import { isNull, stringAt, type Table } from "../../core/table.ts";
import { columnNamed, numbersOf } from "../evaluate.ts";
import { fromDoubles } from "../micros.ts";
import type { Aggregate } from "../plan.ts";
import { FlagColumn, NumberColumn, type StateColumn, TextColumn } from "../state/slots.ts";
import { FloatState, TWO_32, WholeState } from "./accumulator-state.ts";
import type { Grouped } from "./windows.ts";

/** One aggregate: gathers a batch by group, then merges each group into its state. */
export interface Accumulator {
  readonly columns: readonly StateColumn[];
  /** Types of the state, as a restart compares them. */
  readonly types: readonly string[];
  /** Sums up a batch; forgets the batch before. */
  gather(table: Table, grouped: Grouped): void;
  /** Adds a group of the batch to a state slot. */
  merge(group: number, slot: number): void;
  /** Adds one slot's state to another's: sessions that became one. */
  mergeSlots(from: number, to: number): void;
  /** The aggregate's values of some slots. */
  output(slots: Int32Array): Column;
}

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

/** The words of a column of integers: 64-bit ones as they are, others extended. */
function wordsOf(column: Column): Int32Array {
  if ("values" in column && column.values instanceof BigInt64Array)
    return new Int32Array(column.values.buffer, column.values.byteOffset, column.values.length * 2);
  const numbers = numbersOf(column);
  const words = new Int32Array(numbers.length * 2);
  for (let row = 0; row < numbers.length; row++) {
    const value = numbers[row] ?? 0;
    words[row * 2] = value;
    words[row * 2 + 1] = value < 0 ? -1 : 0;
  }
  return words;
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

/** The least or greatest 64-bit integer or decimal, exact. */
class ExtremeWhole implements Accumulator {
  private readonly best = new WholeState();
  readonly columns = this.best.columns;
  readonly types: readonly string[];
  private rowsOfGroups = new Int32Array(0);
  private words = new Int32Array(0);
  private readonly column: string;
  private readonly kind: "int64" | "decimal";
  private readonly sign: number;

  constructor(column: string, kind: "int64" | "decimal", sign: number) {
    this.column = column;
    this.kind = kind;
    this.sign = sign;
    this.types = [kind];
  }

  gather(table: Table, grouped: Grouped): void {
    const { groups, rows, count } = grouped;
    const column = columnNamed(table, this.column);
    const words = Int32Array.from(wordsOf(column));
    const best = new Int32Array(count).fill(-1);
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      const row = rows === undefined ? entry : (rows[entry] ?? 0);
      if (group < 0 || isNull(column, row)) continue;
      const before = best[group] ?? -1;
      const high = (words[row * 2 + 1] ?? 0) - (words[before * 2 + 1] ?? 0);
      const low = ((words[row * 2] ?? 0) >>> 0) - ((words[before * 2] ?? 0) >>> 0);
      if (before < 0 || (high !== 0 ? high : low) * this.sign > 0) best[group] = row;
    }
    this.rowsOfGroups = best;
    this.words = words;
  }
  merge(group: number, slot: number): void {
    const row = this.rowsOfGroups[group] ?? -1;
    if (row < 0) return;
    this.best.keepExtreme(slot, this.words[row * 2 + 1] ?? 0, (this.words[row * 2] ?? 0) >>> 0, this.sign);
  }
  mergeSlots(from: number, to: number): void {
    const { high, low, seen } = this.best;
    if (seen.values[from] === 1)
      this.best.keepExtreme(to, high.values[from] ?? 0, low.values[from] ?? 0, this.sign);
  }
  output(slots: Int32Array): Column {
    const values = this.best.values(slots, this.column);
    return { kind: this.kind, values, validity: validOf(this.best.seen, slots) };
  }
}

/** The least or greatest number, time or truth. */
class ExtremeNumber implements Accumulator {
  private readonly best = new NumberColumn();
  private readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.best, this.seen];
  readonly types: readonly string[];
  private values = new Float64Array(0);
  private counts = new Uint8Array(0);
  private readonly column: string;
  private readonly type: DataType;
  private readonly sign: number;

  constructor(column: string, type: DataType, sign: number) {
    this.column = column;
    this.type = type;
    this.sign = sign;
    this.types = [type.kind];
  }

  gather(table: Table, grouped: Grouped): void {
    const { groups, rows, count } = grouped;
    const column = columnNamed(table, this.column);
    const numbers = numbersOf(column);
    const values = new Float64Array(count);
    const counts = new Uint8Array(count);
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      const row = rows === undefined ? entry : (rows[entry] ?? 0);
      if (group < 0 || (column.validity !== undefined && column.validity[row] === 0)) continue;
      const value = numbers[row] ?? 0;
      if (counts[group] === 0 || (value - (values[group] ?? 0)) * this.sign > 0) values[group] = value;
      counts[group] = 1;
    }
    this.values = values;
    this.counts = counts;
  }
  merge(group: number, slot: number): void {
    if (this.counts[group] === 1) this.take(slot, this.values[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    if (this.seen.values[from] === 1) this.take(to, this.best.values[from] ?? 0);
  }
  output(slots: Int32Array): Column {
    const values = take(this.best.values, slots);
    const validity = validOf(this.seen, slots);
    switch (this.type.kind) {
      case "timestamp":
        return { kind: "timestamp", values: fromDoubles(values), validity };
      case "int32":
      case "date":
        return { kind: this.type.kind, values: Int32Array.from(values), validity };
      case "boolean":
        return { kind: "boolean", values: Uint8Array.from(values), validity };
      default:
        return { kind: "float64", values, validity };
    }
  }

  private take(slot: number, value: number): void {
    if (this.seen.values[slot] !== 1 || (value - (this.best.values[slot] ?? 0)) * this.sign > 0)
      this.best.values[slot] = value;
    this.seen.values[slot] = 1;
  }
}

/** The least or greatest text, by code point as UTF-8 sorts. */
class ExtremeText implements Accumulator {
  private readonly best = new TextColumn();
  private readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.best, this.seen];
  readonly types: readonly string[] = ["string"];
  private texts: (string | undefined)[] = [];
  private readonly column: string;
  private readonly sign: number;

  constructor(column: string, sign: number) {
    this.column = column;
    this.sign = sign;
  }

  gather(table: Table, grouped: Grouped): void {
    const { groups, rows, count } = grouped;
    const column = columnNamed(table, this.column);
    const texts = new Array<string | undefined>(count).fill(undefined);
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      const row = rows === undefined ? entry : (rows[entry] ?? 0);
      if (group < 0 || isNull(column, row)) continue;
      const text = stringAt(column, row) ?? "";
      const best = texts[group];
      if (best === undefined || compareTexts(text, best) * this.sign > 0) texts[group] = text;
    }
    this.texts = texts;
  }
  merge(group: number, slot: number): void {
    const text = this.texts[group];
    if (text !== undefined) this.take(slot, text);
  }
  mergeSlots(from: number, to: number): void {
    if (this.seen.values[from] === 1) this.take(to, this.best.values[from] ?? "");
  }
  output(slots: Int32Array): Column {
    const values = Array.from(slots, (slot) => this.best.values[slot] ?? "");
    return { kind: "string", values, validity: validOf(this.seen, slots) };
  }

  private take(slot: number, text: string): void {
    if (this.seen.values[slot] !== 1 || compareTexts(text, this.best.values[slot] ?? "") * this.sign > 0)
      this.best.values[slot] = text;
    this.seen.values[slot] = 1;
  }
}

/** The order of UTF-8 bytes; UTF-16 units differ from it only beyond U+FFFF. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
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

function take(values: Float64Array, slots: Int32Array): Float64Array {
  const taken = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) taken[i] = values[slots[i] ?? 0] ?? 0;
  return taken;
}

function validOf(seen: FlagColumn, slots: Int32Array): Uint8Array {
  const validity = new Uint8Array(slots.length);
  for (let i = 0; i < slots.length; i++) validity[i] = seen.values[slots[i] ?? 0] ?? 0;
  return validity;
}
