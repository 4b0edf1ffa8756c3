import type { Chart } from "../../core/events.ts";
import { decimalsNeeded, formatNumber } from "../../core/numbers.ts";
import { widest } from "./grid.ts";
import { cutTo, oneLine, padTo } from "./safe-text.ts";
import type { Look } from "./terminal.ts";

/** Horizontal bars from a common zero; negative values go to the left of it. */
export function renderBars(chart: Extract<Chart, { kind: "bars" }>, look: Look): string[] {
  const labels = chart.bars.map((bar) =>
    cutTo(oneLine(bar.label), Math.floor(look.columns / 3), look.isUnicode),
  );
  const decimals = Math.max(...chart.bars.map((bar) => Math.min(4, decimalsNeeded(bar.value))));
  const values = chart.bars.map((bar) => formatNumber(bar.value, look.lang, { decimals }));
  const labelWidth = widest(labels);
  const valueWidth = widest(values);
  const finite = chart.bars.map((bar) => (Number.isFinite(bar.value) ? bar.value : 0));
  const room = Math.max(8, look.columns - labelWidth - valueWidth - 3);
  const least = Math.min(0, ...finite);
  const span = Math.max(0, ...finite) - least || 1;
  const leftRoom = Math.round((room * -least) / span);
  return chart.bars.map((_, index) => {
    const label = padTo(labels[index] ?? "", labelWidth);
    const value = padTo(values[index] ?? "", valueWidth, "right");
    if (look.isPlain) return `${label}  ${value}`;
    const bar = drawBar(((finite[index] ?? 0) / span) * room, look.isUnicode);
    const drawn = (finite[index] ?? 0) < 0 ? padTo(bar, leftRoom, "right") : " ".repeat(leftRoom) + bar;
    return `${label} ${value} ${look.colors.cyan(drawn)}`;
  });
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** `length` in cells, to an eighth of one; a value that is not zero shows at least a trace. */
function drawBar(length: number, isUnicode: boolean): string {
  const size = Math.abs(length);
  if (!isUnicode) return "#".repeat(size > 0 ? Math.max(1, Math.round(size)) : 0);
  // Eighths grow from the left, so a bar to the left of zero is drawn in whole cells.
  if (length < 0) return "█".repeat(Math.max(1, Math.round(size)));
  const parts = size > 0 ? Math.max(1, Math.round(size * 8)) : 0;
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "");
}
