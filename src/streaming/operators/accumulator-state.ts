import { UserError } from "../../core/errors.ts";
import type { Column, Table } from "../../core/table.ts";
import { numbersOf } from "../evaluate.ts";
import { FlagColumn, NumberColumn, type StateColumn } from "../state/slots.ts";
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

export const TWO_32 = 4_294_967_296;
const LARGEST_HIGH = 2_147_483_647;

/**
 * A 64-bit integer a slot, exact, as high × 2³² + low; a slot that nothing was added to is null. Every aggregate
 * whose state is an integer lays it out so, because a restart may take one for another, as in Spark.
 */
export class WholeState {
  readonly high = new NumberColumn();
  readonly low = new NumberColumn();
  readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.high, this.low, this.seen];

  add(slot: number, high: number, low: number): void {
    const sum = (this.low.values[slot] ?? 0) + low;
    const carry = Math.floor(sum / TWO_32);
    this.low.values[slot] = sum - carry * TWO_32;
    this.high.values[slot] = (this.high.values[slot] ?? 0) + high + carry;
    this.seen.values[slot] = 1;
  }

  addSlot(from: number, to: number): void {
    if (this.seen.values[from] === 1) this.add(to, this.high.values[from] ?? 0, this.low.values[from] ?? 0);
  }

  /** Keeps the value if it is beyond the slot's: above with sign 1, below with −1. */
  keepExtreme(slot: number, high: number, low: number, sign: number): void {
    const difference =
      high - (this.high.values[slot] ?? 0) !== 0
        ? high - (this.high.values[slot] ?? 0)
        : low - (this.low.values[slot] ?? 0);
    if (this.seen.values[slot] === 1 && difference * sign <= 0) return;
    this.high.values[slot] = high;
    this.low.values[slot] = low;
    this.seen.values[slot] = 1;
  }

  number(slot: number): number {
    return (this.high.values[slot] ?? 0) * TWO_32 + (this.low.values[slot] ?? 0);
  }

  /** Throws a UserError when a value needs more than 64 bits. */
  values(slots: Int32Array, column: string): BigInt64Array {
    const values = new BigInt64Array(slots.length);
    const words = new Int32Array(values.buffer);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] ?? 0;
      const high = this.high.values[slot] ?? 0;
      if (high > LARGEST_HIGH || high < -LARGEST_HIGH - 1) throw overflow(column);
      words[i * 2 + 1] = high;
      words[i * 2] = this.low.values[slot] ?? 0;
    }
    return values;
  }
}

/** A double a slot; a slot that nothing was added to is null. */
export class FloatState {
  readonly value = new NumberColumn();
  readonly seen = new FlagColumn();
  readonly columns: readonly StateColumn[] = [this.value, this.seen];

  add(slot: number, value: number): void {
    this.value.values[slot] = (this.value.values[slot] ?? 0) + value;
    this.seen.values[slot] = 1;
  }

  addSlot(from: number, to: number): void {
    if (this.seen.values[from] === 1) this.add(to, this.value.values[from] ?? 0);
  }

  number(slot: number): number {
    return this.value.values[slot] ?? 0;
  }
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

/** The words of a column of integers: 64-bit ones as they are, others extended. */
export function wordsOf(column: Column): Int32Array {
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

/** The values of some slots. */
export function take(values: Float64Array, slots: Int32Array): Float64Array {
  const taken = new Float64Array(slots.length);
  for (let i = 0; i < slots.length; i++) taken[i] = values[slots[i] ?? 0] ?? 0;
  return taken;
}

/** Which of some slots have a value. */
export function validOf(seen: FlagColumn, slots: Int32Array): Uint8Array {
  const validity = new Uint8Array(slots.length);
  for (let i = 0; i < slots.length; i++) validity[i] = seen.values[slots[i] ?? 0] ?? 0;
  return validity;
}
