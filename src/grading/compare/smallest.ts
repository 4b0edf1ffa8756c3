import { isNull, stringAt } from "../../core/table.ts";
import type { PairedColumn, PairedSide } from "./paired-column.ts";

/** A row of one of the two tables. */
export interface PlacedRow {
  readonly side: "expected" | "actual";
  readonly row: number;
}

/** The `count` rows with the smallest values in these columns, in that order; nulls come last. */
export function smallest<T extends PlacedRow>(
  rows: readonly T[],
  by: readonly PairedColumn[],
  count: number,
): T[] {
  const kept: T[] = [];
  for (const row of rows) {
    const last = kept[kept.length - 1];
    if (kept.length >= count && (last === undefined || order(row, last, by) >= 0)) continue;
    let at = kept.length;
    while (at > 0) {
      const before = kept[at - 1];
      if (before === undefined || order(row, before, by) >= 0) break;
      at--;
    }
    kept.splice(at, 0, row);
    if (kept.length > count) kept.pop();
  }
  return kept;
}

function order(a: PlacedRow, b: PlacedRow, by: readonly PairedColumn[]): number {
  for (const column of by) {
    const sign = cellOrder(column[a.side], a.row, column[b.side], b.row);
    if (sign !== 0) return sign;
  }
  return 0;
}

function cellOrder(a: PairedSide, aRow: number, b: PairedSide, bRow: number): number {
  const isANull = isNull(a.column, aRow);
  const isBNull = isNull(b.column, bRow);
  if (isANull || isBNull) return Number(isANull) - Number(isBNull);
  const aText = stringAt(a.column, aRow);
  const bText = stringAt(b.column, bRow);
  // Texts, and integers past 2^53, are held as codes that follow no order.
  if (aText !== undefined && bText !== undefined) return aText < bText ? -1 : aText > bText ? 1 : 0;
  const aWhole = a.column.kind === "int64" ? (a.column.values[aRow] ?? 0n) : undefined;
  const bWhole = b.column.kind === "int64" ? (b.column.values[bRow] ?? 0n) : undefined;
  if (aWhole !== undefined && bWhole !== undefined) return aWhole < bWhole ? -1 : aWhole > bWhole ? 1 : 0;
  return (a.values[aRow] ?? 0) - (b.values[bRow] ?? 0);
}
