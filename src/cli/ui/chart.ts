import type { Chart } from "../../core/events.ts";
import { chartTexts } from "../texts/chart.ts";
import { renderBars } from "./chart-bars.ts";
import { renderHistogram } from "./chart-histogram.ts";
import { renderPlot } from "./chart-plot.ts";
import { summarise } from "./chart-summary.ts";
import { oneLine } from "./safe-text.ts";
import type { Look } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/**
 * A chart as text: title, picture, and one line that says in words what it shows. Plain mode has no picture:
 * bars become lines of label and value. Ends without a line end.
 */
export function renderChart(chart: Chart, look: Look, options: { indent?: number } = {}): string {
  const margin = " ".repeat(options.indent ?? 0);
  const inner = { ...look, columns: Math.max(24, Math.min(look.columns - margin.length, 100)) };
  const lines = [
    look.colors.bold(oneLine(chart.title[look.lang])),
    ...(isEmpty(chart) ? [] : picture(chart, inner)),
    ...wrap(isEmpty(chart) ? chartTexts.noData[look.lang] : summarise(chart, look.lang), inner.columns),
  ];
  return lines.map((line) => (margin + line).trimEnd()).join("\n");
}

function picture(chart: Chart, look: Look): string[] {
  switch (chart.kind) {
    case "bars":
      return renderBars(chart, look);
    case "histogram":
      return look.isPlain ? [] : renderHistogram(chart, look);
    case "line":
    case "scatter":
      return look.isPlain ? [] : renderPlot(chart, look);
  }
}

function isEmpty(chart: Chart): boolean {
  switch (chart.kind) {
    case "bars":
      return chart.bars.every((bar) => !Number.isFinite(bar.value));
    case "histogram":
      return chart.counts.every((count) => !(count > 0));
    case "line":
    case "scatter":
      return !chart.series.some((series) =>
        series.x.some((x, index) => Number.isFinite(x) && Number.isFinite(series.y[index])),
      );
  }
}
