import type { DrawnColumn } from "./cells.ts";
import { frameWidth, widest } from "./grid.ts";
import type { Look } from "./terminal.ts";

/** Which columns are drawn, and how wide; the rest is named in a note. */
export interface Fit {
  /** Positions in the table; `gap` stands where columns were left out. */
  readonly kept: readonly (number | "gap")[];
  readonly widths: ReadonlyMap<number, number>;
  readonly left: readonly number[];
}

const narrowestText = 8;
const widestText = 60;

/**
 * Fits columns into `columns` cells: first long texts are narrowed (numbers never: a cut number lies), then
 * columns in the middle are left out. The first column always stays, then the last, then from the front.
 */
export function fitColumns(columns: readonly DrawnColumn[], look: Look): Fit {
  const wanted = columns.map((column) => wantedWidths(column));
  const everything = columns.map((_, index) => index);
  const isRoomFor = (kept: readonly (number | "gap")[]) =>
    sumOf(kept.map((index) => (index === "gap" ? 1 : (wanted[index]?.least ?? 0)))) +
      frameWidth(kept.length, look) <=
    look.columns;
  const kept = isRoomFor(everything) ? everything : withGap(columns.length, isRoomFor);
  const widths = widen(kept, wanted, look);
  const shown = new Set(kept);
  return { kept, widths, left: everything.filter((index) => !shown.has(index)) };
}

interface Wanted {
  readonly least: number;
  readonly most: number;
}

function wantedWidths(column: DrawnColumn): Wanted {
  const body = widest(column.cells.map((cell) => cell ?? "NULL"));
  const most = Math.max(body, widest([column.name]), 1);
  // A number's header may be cut, its digits may not.
  if (column.isNumber) return { least: Math.min(most, Math.max(body, 4)), most };
  return { least: Math.min(most, narrowestText), most: Math.min(most, widestText) };
}

/** The most columns that fit: front, gap, back; at worst the first column alone. */
function withGap(
  count: number,
  isRoomFor: (kept: readonly (number | "gap")[]) => boolean,
): (number | "gap")[] {
  let front = 1;
  let back = 0;
  const layout = (first: number, last: number): (number | "gap")[] => [
    ...Array.from({ length: first }, (_, index) => index),
    "gap",
    ...Array.from({ length: last }, (_, index) => count - last + index),
  ];
  if (count > 2 && isRoomFor(layout(1, 1))) back = 1;
  while (front + back + 1 < count && isRoomFor(layout(front + 1, back))) front++;
  return layout(front, back);
}

/** Gives what is left of the line to the columns that want more, a cell at a time, the neediest first. */
function widen(
  kept: readonly (number | "gap")[],
  wanted: readonly Wanted[],
  look: Look,
): Map<number, number> {
  const widths = new Map<number, number>();
  for (const index of kept) if (index !== "gap") widths.set(index, wanted[index]?.least ?? 1);
  let free =
    look.columns -
    frameWidth(kept.length, look) -
    sumOf([...widths.values()]) -
    (kept.includes("gap") ? 1 : 0);
  while (free > 0) {
    let neediest: number | undefined;
    let leastShare = Number.POSITIVE_INFINITY;
    for (const [index, width] of widths) {
      const most = wanted[index]?.most ?? width;
      if (width < most && width < leastShare) {
        neediest = index;
        leastShare = width;
      }
    }
    if (neediest === undefined) break;
    widths.set(neediest, leastShare + 1);
    free--;
  }
  // One column alone may still be wider than the terminal.
  for (const [index, width] of widths) widths.set(index, Math.max(1, Math.min(width, look.columns - 4)));
  return widths;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}
