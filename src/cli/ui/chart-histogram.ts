import type { Chart } from "../../core/events.ts";
import { formatNumber } from "../../core/numbers.ts";
import { padTo } from "./safe-text.ts";
import type { Look } from "./terminal.ts";

const rows = 8;
const levels = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Standing bars, one a bin; neighbours are added together where there are more bins than columns. */
export function renderHistogram(chart: Extract<Chart, { kind: "histogram" }>, look: Look): string[] {
  const { dim, cyan } = look.colors;
  // The axis takes at most 14 cells; merged bins are higher than single ones, so they come first.
  const counts = mergeBins(chart.counts, Math.max(8, look.columns - 16));
  const tallest = Math.max(...counts);
  const topCount = formatNumber(tallest, look.lang);
  const axisWidth = topCount.length;
  const room = Math.max(counts.length, look.columns - axisWidth - 2);
  const barWidth = Math.max(1, Math.min(6, Math.floor(room / counts.length)));
  const bar = look.isUnicode ? "│" : "|";
  const lines = Array.from({ length: rows }, (_, line) => {
    const floor = rows - 1 - line;
    const label = line === 0 ? topCount : line === rows - 1 ? "0" : "";
    const columns = counts.map((count) =>
      columnPart((count / tallest) * rows - floor, look.isUnicode).repeat(barWidth),
    );
    return `${padTo(label, axisWidth, "right")} ${dim(bar)}${cyan(columns.join("").trimEnd())}`;
  });
  const width = barWidth * counts.length;
  const first = formatNumber(chart.edges[0] ?? 0, look.lang);
  const last = formatNumber(chart.edges.at(-1) ?? 0, look.lang);
  const gap = Math.max(1, width - first.length - last.length);
  // The summary below names the unit where it has no room here.
  const unit = chart.unit[look.lang];
  const hasRoom = axisWidth + width + 4 + unit.length <= look.columns;
  return [
    ...lines,
    dim(
      `${" ".repeat(axisWidth + 1)}${look.isUnicode ? "└" : "+"}${(look.isUnicode ? "─" : "-").repeat(width)}`,
    ),
    `${" ".repeat(axisWidth + 2)}${first}${" ".repeat(gap)}${last}${unit === "" || !hasRoom ? "" : `  ${dim(unit)}`}`,
  ];
}

/** One cell of a bar of which `height` rows remain above this cell's floor. */
function columnPart(height: number, isUnicode: boolean): string {
  if (height <= 0) return " ";
  if (!isUnicode) return height >= 0.5 ? "#" : ".";
  return levels[Math.min(8, Math.max(1, Math.round(height * 8)))] ?? "█";
}

function mergeBins(counts: readonly number[], most: number): number[] {
  const together = Math.ceil(counts.length / most);
  const merged: number[] = [];
  for (let start = 0; start < counts.length; start += together) {
    merged.push(counts.slice(start, start + together).reduce((sum, count) => sum + count, 0));
  }
  return merged;
}
