import { describe, expect, test } from "vitest";
import { renderChart } from "../../src/cli/ui/chart.ts";
import type { Chart } from "../../src/core/events.ts";
import { verbatim } from "../../src/core/text.ts";
import { lookOf, typed, widestLine } from "./looks.ts";

const sizes: Chart = {
  kind: "bars",
  title: { es: "Tamaño", en: "Size" },
  unit: verbatim("MB"),
  bars: [
    { label: "CSV", value: 800 },
    { label: "Parquet", value: 200 },
    { label: "empty", value: 0 },
  ],
};

const curve: Chart = {
  kind: "line",
  title: verbatim("AUC"),
  xLabel: verbatim("trees"),
  yLabel: verbatim("AUC"),
  series: [
    { name: "train", x: [0, 10, 20], y: [0.5, 0.7, 0.9] },
    { name: "test", x: [0, 10, 20], y: [0.5, Number.NaN, 0.6] },
  ],
};

const counts: Chart = {
  kind: "histogram",
  title: verbatim("delay"),
  unit: verbatim("min"),
  edges: [0, 10, 20, 30],
  counts: [1, 8, 1],
};

describe("a chart", () => {
  test("draws bars in proportion, and says the ends in words", () => {
    const lines = typed(renderChart(sizes, lookOf({ columns: 41 }))).split("\n");
    const lengths = lines.slice(1, 4).map((line) => line.split("█").length - 1);
    expect(lengths[0]).toBe(4 * (lengths[1] ?? 0));
    expect(lengths[2]).toBe(0);
    expect(lines[4]).toBe("3 valores: el mayor, CSV (800 MB); el");
    expect(lines[5]).toBe("menor, empty (0 MB).");
  });

  test("draws negative bars to the left of zero", () => {
    const chart: Chart = {
      ...sizes,
      bars: [
        { label: "up", value: 10 },
        { label: "dn", value: -10 },
      ],
    };
    const [, up = "", down = ""] = renderChart(chart, lookOf({ isUnicode: false, columns: 40 })).split("\n");
    expect(up.indexOf("#")).toBeGreaterThanOrEqual(down.lastIndexOf("#"));
  });

  test("marks each series where colour can't tell them apart", () => {
    const text = renderChart(curve, lookOf({ lang: "en" }));
    expect(text).toContain("* train");
    expect(text).toContain("o test");
    expect(text).not.toMatch(/[\u2801-\u28ff]/);
    expect(renderChart(curve, lookOf({ level: 1 }))).toMatch(/[\u2801-\u28ff]/);
  });

  test("says in words where each line starts, ends and peaks", () => {
    const text = renderChart(curve, lookOf({ lang: "en", columns: 100 })).replaceAll("\n", " ");
    expect(text).toContain("train: from 0.5 (at 0) to 0.9 (at 20); highest 0.9 at 20, lowest 0.5 at 0.");
    expect(text).toContain("test: from 0.5 (at 0) to 0.6 (at 20)");
  });

  test("leaves a gap where a value is missing", () => {
    const gap: Chart = { ...curve, series: [{ name: "a", x: [0, 1, 2], y: [1, Number.NaN, 1] }] };
    const dots = renderChart(gap, lookOf()).match(/[\u2801-\u28ff]/g);
    expect(dots).toHaveLength(2);
  });

  test("puts a point at each corner of the range", () => {
    const corners: Chart = {
      ...curve,
      kind: "scatter",
      series: [{ name: "a", x: [0, 1], y: [0, 1] }],
    };
    const rows = renderChart(corners, lookOf({ isUnicode: false, columns: 40 }))
      .split("\n")
      .filter((line) => line.includes("|"));
    expect(rows[0]?.trimEnd().endsWith("*")).toBe(true);
    expect(rows.at(-1)?.split("|")[1]?.startsWith("*")).toBe(true);
  });

  test("names the fullest bin and the one with the median", () => {
    const text = typed(renderChart(counts, lookOf({ lang: "en" }))).replaceAll("\n", " ");
    expect(text).toContain(
      "10 values: the fullest bin is 10 to 20 min (80%); the median lies between 10 and 20 min.",
    );
  });

  test("adds neighbouring bins together where there are more than columns", () => {
    const many: Chart = {
      ...counts,
      edges: Array.from({ length: 1001 }, (_, i) => i),
      counts: new Array(1000).fill(1),
    };
    expect(widestLine(renderChart(many, lookOf({ columns: 60 })))).toBeLessThanOrEqual(60);
  });

  test("has only ASCII where UTF-8 is not spoken", () => {
    for (const chart of [sizes, curve, counts]) {
      const text = renderChart(chart, lookOf({ isUnicode: false, lang: "en" }));
      expect(typed(text)).toMatch(/^[\x20-\x7e\n]+$/);
    }
  });

  test("is only words in plain mode", () => {
    expect(renderChart(curve, lookOf({ isPlain: true, lang: "en", columns: 100 })).split("\n")).toHaveLength(
      3,
    );
    expect(renderChart(sizes, lookOf({ isPlain: true, lang: "en" }))).toContain(
      "CSV      800\nParquet  200\n",
    );
  });

  test("says that there is nothing to draw", () => {
    expect(renderChart({ ...sizes, bars: [] }, lookOf())).toContain("Sin datos que dibujar.");
    expect(renderChart({ ...curve, series: [] }, lookOf({ lang: "en" }))).toContain("No data to draw.");
    expect(renderChart({ ...counts, counts: [0, 0, 0] }, lookOf())).toContain("Sin datos");
  });
});
