import { UserError } from "../../core/errors.ts";
import type { Column, DataType } from "../../core/table.ts";
import { isNull, stringAt, type Table } from "../../core/table.ts";
import { columnNamed, numbersOf } from "../evaluate.ts";
import { fromDoubles } from "../micros.ts";
import type { Aggregate } from "../plan.ts";
import { FlagColumn, NumberColumn, type StateColumn, TextColumn } from "../state/slots.ts";
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
  return type.kind === "string" ? new ExtremeText(column, sign) : new ExtremeNumber(column, type, sign);
}

class Count implements Accumulator {
  private readonly total = new NumberColumn();
  readonly columns = [this.total];
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
    this.total.values[slot] = (this.total.values[slot] ?? 0) + (this.counts[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    this.total.values[to] = (this.total.values[to] ?? 0) + (this.total.values[from] ?? 0);
  }
  output(slots: Int32Array): Column {
    return { kind: "int64", values: fromDoubles(take(this.total.values, slots)) };
  }
}

/** Sums of doubles; null where no value was seen. */
class FloatSum implements Accumulator {
  protected readonly total = new NumberColumn();
  private readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.total, this.seen];
  readonly types: readonly string[] = ["float64"];
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
    if ((this.counts[group] ?? 0) === 0) return;
    this.total.values[slot] = (this.total.values[slot] ?? 0) + (this.sums[group] ?? 0);
    this.seen.values[slot] = 1;
  }
  mergeSlots(from: number, to: number): void {
    if (this.seen.values[from] !== 1) return;
    this.total.values[to] = (this.total.values[to] ?? 0) + (this.total.values[from] ?? 0);
    this.seen.values[to] = 1;
  }
  output(slots: Int32Array): Column {
    return { kind: "float64", values: take(this.total.values, slots), validity: validOf(this.seen, slots) };
  }
}

class Average implements Accumulator {
  private readonly total = new NumberColumn();
  private readonly count = new NumberColumn();
  readonly columns = [this.total, this.count];
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
    this.total.values[slot] = (this.total.values[slot] ?? 0) + (this.sums[group] ?? 0);
    this.count.values[slot] = (this.count.values[slot] ?? 0) + (this.counts[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    this.total.values[to] = (this.total.values[to] ?? 0) + (this.total.values[from] ?? 0);
    this.count.values[to] = (this.count.values[to] ?? 0) + (this.count.values[from] ?? 0);
  }
  output(slots: Int32Array): Column {
    const totals = take(this.total.values, slots);
    const counts = take(this.count.values, slots);
    const values = totals.map((total, i) => total / (counts[i] ?? 1));
    return { kind: "float64", values, validity: Uint8Array.from(counts, (count) => (count > 0 ? 1 : 0)) };
  }
}

const TWO_32 = 4_294_967_296;
const LARGEST_HIGH = 2_147_483_647;

/** Exact sums of 64-bit integers as two doubles, high × 2³² + low; carried over before the low part can round. */
class WholeSum implements Accumulator {
  private readonly high = new NumberColumn();
  private readonly low = new NumberColumn();
  private readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.high, this.low, this.seen];
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
    const wide = "values" in column && column.values instanceof BigInt64Array ? column.values : undefined;
    const words =
      wide === undefined ? undefined : new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2);
    const narrow = words === undefined ? numbersOf(column) : undefined;
    const highs = new Float64Array(count);
    const lows = new Float64Array(count);
    const counts = new Float64Array(count);
    for (let entry = 0; entry < groups.length; entry++) {
      const group = groups[entry] ?? -1;
      if (group < 0) continue;
      const row = rows === undefined ? entry : (rows[entry] ?? 0);
      if (validity !== undefined && validity[row] === 0) continue;
      if (words !== undefined) {
        highs[group] = (highs[group] ?? 0) + (words[row * 2 + 1] ?? 0);
        lows[group] = (lows[group] ?? 0) + ((words[row * 2] ?? 0) >>> 0);
      } else {
        const value = narrow?.[row] ?? 0;
        highs[group] = (highs[group] ?? 0) + (value < 0 ? -1 : 0);
        lows[group] = (lows[group] ?? 0) + (value < 0 ? value + TWO_32 : value);
      }
      counts[group] = (counts[group] ?? 0) + 1;
      if ((entry & 0xfffff) === 0xfffff) carryAll(highs, lows);
    }
    this.highs = highs;
    this.lows = lows;
    this.counts = counts;
  }
  merge(group: number, slot: number): void {
    if ((this.counts[group] ?? 0) === 0) return;
    this.add(slot, this.highs[group] ?? 0, this.lows[group] ?? 0);
  }
  mergeSlots(from: number, to: number): void {
    if (this.seen.values[from] !== 1) return;
    this.add(to, this.high.values[from] ?? 0, this.low.values[from] ?? 0);
  }
  output(slots: Int32Array): Column {
    const values = new BigInt64Array(slots.length);
    const words = new Int32Array(values.buffer);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] ?? 0;
      const high = this.high.values[slot] ?? 0;
      if (high > LARGEST_HIGH || high < -LARGEST_HIGH - 1) throw overflow(this.column);
      words[i * 2 + 1] = high;
      words[i * 2] = this.low.values[slot] ?? 0;
    }
    return { kind: this.kind, values, validity: validOf(this.seen, slots) };
  }

  private add(slot: number, high: number, low: number): void {
    const sum = (this.low.values[slot] ?? 0) + low;
    const carry = Math.floor(sum / TWO_32);
    this.low.values[slot] = sum - carry * TWO_32;
    this.high.values[slot] = (this.high.values[slot] ?? 0) + high + carry;
    this.seen.values[slot] = 1;
  }
}

/** The least or greatest number, time or truth; 64-bit integers are compared as doubles (exact below 2⁵³). */
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
      case "int64":
      case "decimal":
      case "timestamp":
        return { kind: this.type.kind, values: fromDoubles(values), validity };
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

function overflow(column: string): UserError {
  return new UserError({
    fault: "data",
    code: "sum-overflow",
    what: {
      es: `La suma de «${column}» no cabe en un entero de 64 bits (en Spark: ARITHMETIC_OVERFLOW).`,
      en: `The sum of "${column}" does not fit a 64-bit integer (in Spark: ARITHMETIC_OVERFLOW).`,
    },
    where: column,
  });
}
