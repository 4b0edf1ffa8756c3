import { type Column, type DataType, isNull, stringAt, type Table } from "../../core/table.ts";
import { columnNamed, numbersOf } from "../evaluate.ts";
import { fromDoubles } from "../micros.ts";
import { FlagColumn, NumberColumn, type StateColumn, TextColumn } from "../state/slots.ts";
import { type Accumulator, take, validOf, WholeState, wordsOf } from "./accumulator-state.ts";
import type { Grouped } from "./windows.ts";

/** The least or greatest 64-bit integer or decimal, exact. */
export class ExtremeWhole implements Accumulator {
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
export class ExtremeNumber implements Accumulator {
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
export class ExtremeText implements Accumulator {
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
