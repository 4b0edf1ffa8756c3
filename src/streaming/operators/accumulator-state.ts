import { UserError } from "../../core/errors.ts";
import { FlagColumn, NumberColumn, type StateColumn } from "../state/slots.ts";

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
