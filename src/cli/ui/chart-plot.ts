import type { ChalkInstance } from "chalk";
import type { Chart } from "../../core/events.ts";
import { formatNumber } from "../../core/numbers.ts";
import { brailleCanvas, type Canvas, drawLine, markOf, marksCanvas } from "./chart-canvas.ts";
import { widest } from "./grid.ts";
import { cutTo, oneLine, padTo } from "./safe-text.ts";
import type { Look } from "./terminal.ts";

type Plot = Extract<Chart, { kind: "line" | "scatter" }>;

const rows = 12;

/** Lines or points on axes with their least and greatest values, and a legend when there are several series. */
export function renderPlot(plot: Plot, look: Look): string[] {
  const range = rangesOf(plot);
  const yLabels = [range.y.max, (range.y.min + range.y.max) / 2, range.y.min].map((value) =>
    tick(value, range.y, look),
  );
  const axisWidth = widest(yLabels);
  const columns = Math.max(10, look.columns - axisWidth - 2);
  // Without colour, several series can only be told apart by their marks.
  const isBraille = look.isUnicode && (look.colors.level > 0 || plot.series.length === 1);
  const canvas = isBraille ? brailleCanvas(columns, rows) : marksCanvas(columns, rows);
  paint(plot, canvas, range);
  const bar = look.colors.dim(look.isUnicode ? "│" : "|");
  const body = canvas.cells().map((cells, row) => {
    const label =
      row === 0 ? yLabels[0] : row === rows - 1 ? yLabels[2] : row === Math.floor(rows / 2) ? yLabels[1] : "";
    const drawn = cells
      .map((cell) =>
        cell.series === undefined ? cell.character : paletteOf(look.colors, cell.series)(cell.character),
      )
      .join("");
    return `${padTo(label ?? "", axisWidth, "right")} ${bar}${drawn}`;
  });
  return [
    look.colors.dim(cutTo(oneLine(plot.yLabel[look.lang]), look.columns, look.isUnicode)),
    ...body,
    ...xAxis(plot, range, { axisWidth, columns, look }),
    ...legend(plot, isBraille, look),
  ];
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function rangesOf(plot: Plot): { x: Range; y: Range } {
  const x = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  const y = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  eachPoint(plot, (pointX, pointY) => {
    x.min = Math.min(x.min, pointX);
    x.max = Math.max(x.max, pointX);
    y.min = Math.min(y.min, pointY);
    y.max = Math.max(y.max, pointY);
  });
  return { x: widened(x), y: widened(y) };
}

/** One value alone gets room around it. */
function widened(range: Range): Range {
  if (range.max > range.min) return range;
  const margin = Math.abs(range.min) * 0.1 || 1;
  return { min: range.min - margin, max: range.max + margin };
}

function eachPoint(plot: Plot, visit: (x: number, y: number, series: number, index: number) => void): void {
  plot.series.forEach((series, seriesIndex) => {
    series.x.forEach((x, index) => {
      const y = series.y[index] ?? Number.NaN;
      if (Number.isFinite(x) && Number.isFinite(y)) visit(x, y, seriesIndex, index);
    });
  });
}

function paint(plot: Plot, canvas: Canvas, range: { x: Range; y: Range }): void {
  const place = (value: number, { min, max }: Range, size: number) =>
    Math.round(((value - min) / (max - min)) * (size - 1));
  let last: { x: number; y: number; series: number; index: number } | undefined;
  eachPoint(plot, (x, y, series, index) => {
    const point = {
      x: place(x, range.x, canvas.width),
      y: canvas.height - 1 - place(y, range.y, canvas.height),
      series,
      index,
    };
    // A NaN in between is a gap: the line starts anew.
    const isNext = last !== undefined && last.series === series && last.index === index - 1;
    if (plot.kind === "line" && isNext && last !== undefined) drawLine(canvas, last, point, series);
    else canvas.dot(point.x, point.y, series);
    last = point;
  });
}

function xAxis(
  plot: Plot,
  range: { x: Range },
  size: { axisWidth: number; columns: number; look: Look },
): string[] {
  const { axisWidth, columns, look } = size;
  const first = tick(range.x.min, range.x, look);
  const last = tick(range.x.max, range.x, look);
  const room = columns - first.length - last.length - 2;
  const title = cutTo(oneLine(plot.xLabel[look.lang]), Math.max(1, room), look.isUnicode);
  return [
    look.colors.dim(
      `${" ".repeat(axisWidth + 1)}${look.isUnicode ? "└" : "+"}${(look.isUnicode ? "─" : "-").repeat(columns)}`,
    ),
    `${" ".repeat(axisWidth + 2)}${first} ${look.colors.dim(padTo(title, Math.max(1, room), "center"))} ${last}`,
  ];
}

function legend(plot: Plot, isBraille: boolean, look: Look): string[] {
  if (plot.series.length < 2) return [];
  return plot.series.map((series, index) => {
    const mark = isBraille ? "⠒⠒" : markOf(index);
    return `  ${paletteOf(look.colors, index)(mark)} ${oneLine(series.name)}`;
  });
}

/** As many decimals as tell the two ends of the axis apart, to three figures. */
function tick(value: number, { min, max }: Range, look: Look): string {
  const span = max - min;
  const largest = Math.max(Math.abs(min), Math.abs(max));
  const isWhole = Number.isInteger(min) && Number.isInteger(max) && span >= 2;
  const decimals = isWhole ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(span))));
  return formatNumber(value, look.lang, { decimals, isGrouped: largest > 9_999 });
}

function paletteOf(colors: ChalkInstance, series: number): (text: string) => string {
  const palette = [colors.cyan, colors.yellow, colors.magenta, colors.green, colors.blue, colors.red];
  return palette[series % palette.length] ?? colors.cyan;
}
