import type { Chart } from "../../core/events.ts";
import { formatNumber } from "../../core/numbers.ts";
import type { Lang } from "../../core/text.ts";
import { chartTexts } from "../texts/chart.ts";
import { oneLine } from "./safe-text.ts";

/** What the chart shows, in words: for those who can't see the picture and for logs. Expects at least one value. */
export function summarise(chart: Chart, lang: Lang): string {
  switch (chart.kind) {
    case "bars":
      return summariseBars(chart, lang);
    case "histogram":
      return summariseHistogram(chart, lang);
    case "line":
      return chart.series.flatMap((series) => summariseLine(series, chart.series.length > 1, lang)).join(" ");
    case "scatter":
      return summariseScatter(chart, lang);
  }
}

function summariseBars(chart: Extract<Chart, { kind: "bars" }>, lang: Lang): string {
  const bars = chart.bars.filter((bar) => Number.isFinite(bar.value)).toSorted((a, b) => b.value - a.value);
  const name = (bar: { label: string; value: number } | undefined) =>
    bar === undefined ? "" : `${oneLine(bar.label)} (${withUnit(bar.value, chart.unit[lang], lang)})`;
  if (bars.length === 1) return chartTexts.oneBar[lang](name(bars[0]));
  return chartTexts.bars[lang]({ count: bars.length, most: name(bars[0]), least: name(bars.at(-1)) });
}

function summariseHistogram(chart: Extract<Chart, { kind: "histogram" }>, lang: Lang): string {
  const total = chart.counts.reduce((sum, count) => sum + count, 0);
  const peak = chart.counts.indexOf(Math.max(...chart.counts));
  let below = 0;
  const middle = chart.counts.findIndex((count) => {
    below += count;
    return below >= total / 2;
  });
  const bin = (index: number) => ({
    from: number(chart.edges[index] ?? 0, lang),
    to: withUnit(chart.edges[index + 1] ?? 0, chart.unit[lang], lang),
  });
  return chartTexts.histogram[lang]({
    total: formatNumber(total, lang),
    peak: bin(peak),
    share: formatNumber((100 * (chart.counts[peak] ?? 0)) / total, lang, { decimals: 0 }),
    middle: bin(middle),
  });
}

interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

function summariseLine(series: Series, isNamed: boolean, lang: Lang): string[] {
  const points = finitePoints(series);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const highest = points.reduce((best, point) => (point.y > best.y ? point : best), first);
  const lowest = points.reduce((best, point) => (point.y < best.y ? point : best), first);
  const at = (point: Point) => ({ x: number(point.x, lang), y: number(point.y, lang) });
  const facts = { first: at(first), last: at(last), highest: at(highest), lowest: at(lowest) };
  const words = chartTexts.line[lang](facts);
  return [isNamed ? `${oneLine(series.name)}: ${words}` : capital(words)];
}

function summariseScatter(chart: Extract<Chart, { kind: "line" | "scatter" }>, lang: Lang): string {
  const points = chart.series.flatMap(finitePoints);
  const range = (values: number[]) =>
    [
      number(
        values.reduce((least, value) => Math.min(least, value)),
        lang,
      ),
      number(
        values.reduce((most, value) => Math.max(most, value)),
        lang,
      ),
    ] as const;
  return chartTexts.scatter[lang]({
    count: formatNumber(points.length, lang),
    x: range(points.map((point) => point.x)),
    y: range(points.map((point) => point.y)),
    xLabel: chart.xLabel[lang],
    yLabel: chart.yLabel[lang],
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function finitePoints(series: Series): Point[] {
  return series.x
    .map((x, index) => ({ x, y: series.y[index] ?? Number.NaN }))
    .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
}

/** Four figures: a summary is read, not computed with. */
function number(value: number, lang: Lang): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(4));
  return formatNumber(rounded, lang, { isGrouped: Math.abs(value) > 9_999 });
}

function withUnit(value: number, unit: string, lang: Lang): string {
  return unit === "" ? number(value, lang) : `${number(value, lang)}\u00a0${unit}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
