import { describe, expect, test } from "vitest";
import { BATCH_ROWS, generateBatch } from "../../../src/data/leads/batch.ts";
import { bestAuc, columnAuc, PROBABILITIES, SCORE_BINS } from "../../../src/data/leads/model.ts";
import { addTotals, emptyTotals } from "../../../src/data/leads/totals.ts";

describe("the true model", () => {
  test("its table is the logistic curve on a grid of 1/64", () => {
    const largest = Math.max(
      ...Array.from(PROBABILITIES, (p, bin) => Math.abs(p - 1 / (1 + Math.exp(-(bin / 64 - 8))))),
    );
    expect(largest).toBeLessThan(1e-12);
  });

  test("some 12 % of the known outcomes are positive", () => {
    const { labels } = generateBatch({ rows: 32_768, seed: 7, variant: "plain" }, 0).totals;
    const share = (labels[1] ?? 0) / ((labels[0] ?? 0) + (labels[1] ?? 0));
    // Three standard deviations of 28 thousand draws are 0.006.
    expect(share).toBeGreaterThan(0.11);
    expect(share).toBeLessThan(0.13);
  });

  test("the labels reach the AUC that it promises", () => {
    const totals = emptyTotals();
    for (let batch = 0; batch < 4; batch++)
      addTotals(totals, generateBatch({ rows: 4 * BATCH_ROWS, seed: 11, variant: "plain" }, batch).totals);
    const promised = bestAuc(totals.bins) ?? 0;
    const reached =
      columnAuc({
        negative: totals.bins.map((rows, bin) => rows - (totals.positiveBins[bin] ?? 0)),
        positive: totals.positiveBins,
      }) ?? 0;
    expect(promised).toBeGreaterThan(0.75);
    expect(promised).toBeLessThan(0.9);
    // The standard error of an AUC of 13 thousand positives is some 0.002.
    expect(Math.abs(reached - promised)).toBeLessThan(0.006);
  });

  test("nothing beats a coin on noise", () => {
    const { bins } = generateBatch({ rows: 10_000, seed: 7, variant: "noise" }, 0).totals;
    expect(bestAuc(bins)).toBe(0.5);
  });

  test("the leaked column alone gives the label away", () => {
    const { calls } = generateBatch({ rows: 10_000, seed: 7, variant: "leaky" }, 0).totals;
    expect(columnAuc({ negative: calls[0], positive: calls[1] })).toBeGreaterThan(0.95);
  });
});

describe("bestAuc", () => {
  test("is the average over pairs of rows, by its definition", () => {
    const counts = new Float64Array(SCORE_BINS);
    const rows = [100, 300, 300, 512, 700, 701].map((bin) => {
      counts[bin] = (counts[bin] ?? 0) + 1;
      return PROBABILITIES[bin] ?? 0;
    });
    let ordered = 0;
    for (const a of rows) for (const b of rows) ordered += a * (1 - b) * (a > b ? 1 : a === b ? 0.5 : 0);
    const positives = rows.reduce((sum, p) => sum + p, 0);
    expect(bestAuc(counts)).toBeCloseTo(ordered / (positives * (rows.length - positives)), 12);
  });

  test("is null without rows", () => {
    expect(bestAuc(new Float64Array(SCORE_BINS))).toBeNull();
  });
});

describe("columnAuc", () => {
  test("counts ties half", () => {
    expect(columnAuc({ negative: [1, 1], positive: [0, 2] })).toBe(0.75);
    expect(columnAuc({ negative: [3, 0], positive: [3, 0] })).toBe(0.5);
  });

  test("is null when one label is missing", () => {
    expect(columnAuc({ negative: [2], positive: [0] })).toBeNull();
  });
});
