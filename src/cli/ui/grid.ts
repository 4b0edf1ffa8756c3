import stringWidth from "string-width";
import { padTo } from "./safe-text.ts";
import type { Look } from "./terminal.ts";

export interface GridColumn {
  readonly align: "left" | "right" | "center";
  readonly width: number;
}

/**
 * A framed grid of ready cells (ANSI codes allowed, each within its column's width): header, rule, rows.
 * Plain mode has no frame: cells stand two spaces apart.
 */
export function drawGrid(input: {
  readonly columns: readonly GridColumn[];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly look: Look;
}): string[] {
  const { columns, header, rows, look } = input;
  const fill = (cells: readonly string[]) =>
    columns.map((column, index) => padTo(cells[index] ?? "", column.width, column.align));
  if (look.isPlain) return [header, ...rows].map((cells) => fill(cells).join("  ").trimEnd());
  const frame = look.isUnicode ? unicodeFrame : asciiFrame;
  const dim = look.colors.dim;
  const rule = ([left, cross, right]: readonly [string, string, string]) =>
    dim(left + columns.map((column) => frame.line.repeat(column.width + 2)).join(cross) + right);
  const line = (cells: readonly string[]) =>
    `${dim(frame.bar)} ${fill(cells).join(` ${dim(frame.bar)} `)} ${dim(frame.bar)}`;
  return [
    rule(frame.top),
    line(header.map((name) => look.colors.bold(name))),
    rule(frame.middle),
    ...rows.map(line),
    rule(frame.bottom),
  ];
}

/** Cells that the frame itself takes for this many columns. */
export function frameWidth(columns: number, look: Look): number {
  return look.isPlain ? 2 * (columns - 1) : 3 * columns + 1;
}

/** The width of the widest of these texts. */
export function widest(texts: Iterable<string>): number {
  let width = 0;
  for (const text of texts) width = Math.max(width, stringWidth(text));
  return width;
}

interface Frame {
  readonly line: string;
  readonly bar: string;
  readonly top: readonly [string, string, string];
  readonly middle: readonly [string, string, string];
  readonly bottom: readonly [string, string, string];
}

const unicodeFrame: Frame = {
  line: "─",
  bar: "│",
  top: ["┌", "┬", "┐"],
  middle: ["├", "┼", "┤"],
  bottom: ["└", "┴", "┘"],
};

const asciiFrame: Frame = {
  line: "-",
  bar: "|",
  top: ["+", "+", "+"],
  middle: ["+", "+", "+"],
  bottom: ["+", "+", "+"],
};
