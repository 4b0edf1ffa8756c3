import { type BinnedMatrix, MISSING_BIN } from "./binning.ts";
import { FEATURE_STRIDE, SLOTS } from "./histogram.ts";

/** Sums over the rows of a node, in the units of the gradient pairs. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

export interface SplitRules {
  /** Rows that each child must have. */
  readonly minRows: number;
  /** Hessian (in the pairs' units) that each child must have. */
  readonly minHessian: number;
  /** L2 on the leaf's value, in the pairs' units of hessian. */
  readonly l2: number;
  /** Gain below which no split is made, in the pairs' units. */
  readonly minGain: number;
  /** Added to the hessian when categories are put in order, so that rare ones do not lead. */
  readonly categorySmoothing: number;
  /** Rows, by their share of the node's hessian, below which a category stays on the right; 0: none does. */
  readonly categorySupport: number;
}

export interface SplitChoice {
  readonly feature: number;
  /** For each bin, 1 = left. */
  readonly isLeft: Uint8Array;
  /** Numbers: the last bin of the left side. Categories: −1. */
  readonly bin: number;
  /** GL²/(HL+λ) + GR²/(HR+λ) − G²/(H+λ): for 0/1 labels with H = rows, half of the Gini decrease times the rows. */
  readonly gain: number;
  readonly left: NodeSums;
  readonly right: NodeSums;
}

/** The best split of one feature that gains more than `floor`; undefined when none does and keeps the rules. */
export function bestSplit(
  binned: BinnedMatrix,
  histograms: Float64Array,
  feature: number,
  node: NodeSums,
  rules: SplitRules,
  floor = rules.minGain,
): SplitChoice | undefined {
  const bins = binned.binCounts[feature] as number;
  const base = feature * FEATURE_STRIDE;
  const search = new Search(histograms, base, node, rules, floor);
  if (binned.features[feature]?.kind === "category") {
    const order = categoryOrder(histograms, base, bins, node, rules);
    if (rules.categorySupport === 0) search.scan(order, order.length - 1, undefined);
    else if (order.length > 1) {
      // Some categories stay on the right, so a part from the end is not what is left of one from the start.
      const half = (order.length + 1) >> 1;
      search.scan(order, half, undefined);
      search.scan(order.slice().reverse(), half, undefined);
    }
  } else {
    const order = ASCENDING.subarray(0, bins - 1);
    const hasMissing = (histograms[base + MISSING_BIN * SLOTS + 2] as number) > 0;
    // With missing values "present or not" is a split too: all values left, the missing ones right.
    search.scan(order, hasMissing ? order.length : order.length - 1, undefined);
    if (hasMissing) search.scan(order, order.length - 1, MISSING_BIN);
  }
  return search.choice(feature, binned.features[feature]?.kind === "category");
}

/** The bins of values, 1–255. */
const ASCENDING = Int32Array.from({ length: 255 }, (_, i) => i + 1);

class Search {
  private readonly histograms: Float64Array;
  private readonly base: number;
  private readonly node: NodeSums;
  private readonly rules: SplitRules;
  private gain: number;
  private best: { order: Int32Array; count: number; first: number | undefined; left: NodeSums } | undefined;

  constructor(histograms: Float64Array, base: number, node: NodeSums, rules: SplitRules, floor: number) {
    this.histograms = histograms;
    this.base = base;
    this.node = node;
    this.rules = rules;
    this.gain = floor;
  }

  /** Moves the bins to the left one by one, in this order, after `first`. */
  scan(order: Int32Array, count: number, first: number | undefined): void {
    const { histograms, base, node, rules } = this;
    const { l2, minRows, minHessian } = rules;
    const whole = (node.gradient * node.gradient) / (node.hessian + l2);
    const { gradient: allG, hessian: allH, rows: allRows } = node;
    let bestGain = this.gain;
    let bestCount = -1;
    let bestLeft = { gradient: 0, hessian: 0, rows: 0 };
    let g = 0;
    let h = 0;
    let rows = 0;
    if (first !== undefined) {
      g = histograms[base + first * SLOTS] as number;
      h = histograms[base + first * SLOTS + 1] as number;
      rows = histograms[base + first * SLOTS + 2] as number;
    }
    for (let k = 0; k < count; k++) {
      const at = base + (order[k] as number) * SLOTS;
      const inBin = histograms[at + 2] as number;
      if (inBin === 0) continue;
      g += histograms[at] as number;
      h += histograms[at + 1] as number;
      rows += inBin;
      if (rows < minRows || h < minHessian || h <= 0) continue;
      const restH = allH - h;
      if (allRows - rows < minRows || restH < minHessian || restH <= 0) break;
      const restG = allG - g;
      const gain = (g * g) / (h + l2) + (restG * restG) / (restH + l2) - whole;
      if (gain <= bestGain) continue;
      bestGain = gain;
      bestCount = k + 1;
      bestLeft = { gradient: g, hessian: h, rows };
    }
    if (bestCount < 0) return;
    this.gain = bestGain;
    this.best = { order, count: bestCount, first, left: bestLeft };
  }

  choice(feature: number, isCategory: boolean): SplitChoice | undefined {
    const { best, node } = this;
    if (best === undefined) return undefined;
    const { left } = best;
    const right = {
      gradient: node.gradient - left.gradient,
      hessian: node.hessian - left.hessian,
      rows: node.rows - left.rows,
    };
    const isLeft = new Uint8Array(256);
    // A category that this node has not seen goes with the larger child, as one that nobody has seen does.
    if (isCategory && left.rows >= right.rows) isLeft.fill(1);
    for (let bin = 0; isCategory && bin < 256; bin++)
      if ((this.histograms[this.base + bin * SLOTS + 2] as number) > 0) isLeft[bin] = 0;
    for (let k = 0; k < best.count; k++) isLeft[best.order[k] as number] = 1;
    if (best.first !== undefined) isLeft[best.first] = 1;
    // Without missing values here, they too go with the larger child.
    const hasMissing = (this.histograms[this.base + MISSING_BIN * SLOTS + 2] as number) > 0;
    if (!hasMissing) isLeft[MISSING_BIN] = left.rows >= right.rows ? 1 : 0;
    const bin = isCategory ? -1 : (best.order[best.count - 1] as number);
    return { feature, isLeft, bin, gain: this.gain, left, right };
  }
}

/** The bins that have rows, by falling mean gradient: the best partition is a prefix of it (Fisher 1958). */
function categoryOrder(
  histograms: Float64Array,
  base: number,
  bins: number,
  node: NodeSums,
  rules: SplitRules,
): Int32Array {
  const least = (rules.categorySupport * node.hessian) / node.rows;
  const present: { bin: number; mean: number }[] = [];
  for (let bin = 0; bin < bins; bin++) {
    const at = base + bin * SLOTS;
    const hessian = histograms[at + 1] as number;
    if ((histograms[at + 2] as number) === 0 || hessian < least) continue;
    present.push({ bin, mean: (histograms[at] as number) / (hessian + rules.categorySmoothing) });
  }
  present.sort((a, b) => a.mean - b.mean || a.bin - b.bin);
  return Int32Array.from(present, (one) => one.bin);
}
