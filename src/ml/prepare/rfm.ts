import { columnOf, type Field, isNull, stringAt, type Table } from "../../core/table.ts";
import { numbersOf } from "../data/schema.ts";
import { mlError } from "../ml-error.ts";

export interface RfmColumns {
  readonly customer: string;
  /** A date or a timestamp. */
  readonly date: string;
  readonly amount: string;
}

/** The day that recency counts to; part of the state, because tomorrow's rows must count to the same one. */
export interface RfmState {
  readonly kind: "rfm";
  readonly columns: RfmColumns;
  /** Days since 1970. */
  readonly referenceDay: number;
}

/** The reference is the day after the last purchase, unless one is given. Throws without a purchase. */
export function fitRfm(purchases: Table, columns: RfmColumns, referenceDay?: number): RfmState {
  if (referenceDay !== undefined) return { kind: "rfm", columns, referenceDay };
  let last = -Infinity;
  for (const day of daysOf(purchases, columns.date)) if (day > last) last = day;
  if (last === -Infinity) {
    throw mlError("no-rows", {
      es: "No hay ninguna compra con fecha.",
      en: "There is no purchase with a date.",
    });
  }
  return { kind: "rfm", columns, referenceDay: last + 1 };
}

/**
 * A row a customer, in order of first appearance: recency (days from the last purchase to the reference), frequency
 * (purchases) and monetary (sum of amounts). Rows without customer, date or amount, or after the reference, are left
 * out and counted in `skipped`.
 */
export function transformRfm(
  state: RfmState,
  purchases: Table,
): { readonly table: Table; readonly skipped: number } {
  const { column: ids } = columnOf(purchases, state.columns.customer);
  const { field: amountField, column: amountColumn } = columnOf(purchases, state.columns.amount);
  const amounts = numbersOf(amountField, amountColumn, purchases.rowCount);
  const days = daysOf(purchases, state.columns.date);
  const places = new Map<string, number>();
  const lastDay: number[] = [];
  const frequency: number[] = [];
  const monetary: number[] = [];
  let skipped = 0;
  for (let row = 0; row < purchases.rowCount; row++) {
    const day = days[row] as number;
    const amount = amounts[row] as number;
    const isUsable = !isNull(ids, row) && day <= state.referenceDay && Number.isFinite(amount);
    if (!isUsable) {
      skipped++;
      continue;
    }
    const id = stringAt(ids, row) ?? String(ids.kind === "dictionary" ? "" : ids.values[row]);
    let place = places.get(id);
    if (place === undefined) {
      place = places.size;
      places.set(id, place);
      lastDay.push(day);
      frequency.push(0);
      monetary.push(0);
    }
    lastDay[place] = Math.max(lastDay[place] as number, day);
    frequency[place] = (frequency[place] as number) + 1;
    monetary[place] = (monetary[place] as number) + amount;
  }
  const fields: Field[] = [
    { name: state.columns.customer, type: { kind: "string" }, nullable: false },
    { name: "recency", type: { kind: "int32" }, nullable: false, unit: "days" },
    { name: "frequency", type: { kind: "int32" }, nullable: false, unit: "purchases" },
    { name: "monetary", type: { kind: "float64" }, nullable: false, unit: amountField.unit },
  ];
  const table: Table = {
    fields,
    columns: [
      { kind: "string", values: [...places.keys()] },
      { kind: "int32", values: Int32Array.from(lastDay, (day) => state.referenceDay - day) },
      { kind: "int32", values: Int32Array.from(frequency) },
      { kind: "float64", values: Float64Array.from(monetary) },
    ],
    rowCount: places.size,
  };
  return { table, skipped };
}

/** Whole days since 1970; NaN where there is none. */
function daysOf(table: Table, name: string): Float64Array {
  const { field, column } = columnOf(table, name);
  if (column.kind !== "date" && column.kind !== "timestamp") {
    throw mlError("not-a-date", {
      es: `La columna ${name} es ${field.type.kind}; hace falta una fecha.`,
      en: `Column ${name} is ${field.type.kind}; a date is needed.`,
    });
  }
  const values = numbersOf(field, column, table.rowCount);
  return column.kind === "date" ? values : values.map((seconds) => Math.floor(seconds / 86_400));
}
