import type { Random } from "../../core/random.ts";
import type { BinnedMatrix } from "./binning.ts";
import { buildHistograms, FEATURE_STRIDE, type GradientPairs, subtractHistograms } from "./histogram.ts";
import { bestSplit, type NodeSums, type SplitChoice, type SplitRules } from "./split.ts";

/** A grown node. A leaf holds the rows `rows[start…end)`. */
export interface GrownNode {
  readonly sums: NodeSums;
  readonly start: number;
  readonly end: number;
  split: SplitChoice | undefined;
  left: number;
  right: number;
}

export interface GrowOptions {
  readonly maxDepth: number;
  readonly rules: SplitRules;
  /** Features tried at a node; all of them when it is p. */
  readonly featuresPerSplit: number;
  /** Draws the features of a node; needed when `featuresPerSplit` is below p. */
  readonly random?: Random | undefined;
  /** Who sums the histograms; the one of this thread by default. */
  readonly build?: typeof buildHistograms;
}

/** Buffers that one tree after another uses. */
export interface GrowBuffers {
  readonly scratch: Int32Array;
  readonly ordered: Int32Array;
  readonly histograms: Float64Array[];
}

export function growBuffers(rowCount: number): GrowBuffers {
  return { scratch: new Int32Array(rowCount), ordered: new Int32Array(2 * rowCount), histograms: [] };
}

/**
 * Grows one tree over `rows[0…rowTotal)`, depth first; the rows are partitioned in place, so that each leaf's lie together.
 * Node 0 is the root.
 */
export function growTree(
  binned: BinnedMatrix,
  pairs: GradientPairs,
  rows: Int32Array,
  options: GrowOptions,
  buffers: GrowBuffers,
): GrownNode[] {
  return new Grower(binned, pairs, rows, options, buffers).grow();
}

class Grower {
  private readonly nodes: GrownNode[] = [];
  private readonly every: Int32Array;
  private readonly samples: boolean;
  private readonly binned: BinnedMatrix;
  private readonly pairs: GradientPairs;
  private readonly rows: Int32Array;
  private readonly options: GrowOptions;
  private readonly buffers: GrowBuffers;
  private readonly build: typeof buildHistograms;

  constructor(
    binned: BinnedMatrix,
    pairs: GradientPairs,
    rows: Int32Array,
    options: GrowOptions,
    buffers: GrowBuffers,
  ) {
    this.binned = binned;
    this.pairs = pairs;
    this.rows = rows;
    this.options = options;
    this.buffers = buffers;
    this.build = options.build ?? buildHistograms;
    this.every = Int32Array.from(binned.features.keys());
    this.samples = options.random !== undefined && options.featuresPerSplit < this.every.length;
  }

  grow(): GrownNode[] {
    const root = this.add(0, this.rows.length, this.sumRows(0, this.rows.length));
    if (this.samples || this.options.maxDepth === 0) this.expandSampled(root, 0);
    else {
      const histograms = this.borrow();
      if (this.canSplit(root, 0)) {
        this.histogramsOf(root, this.every, histograms);
        this.expand(root, 0, histograms);
      } else this.giveBack(histograms);
    }
    return this.nodes;
  }

  /** All features: the smaller child is summed, the larger one is what is left of the parent. Owns `histograms`. */
  private expand(index: number, depth: number, histograms: Float64Array): void {
    const node = this.node(index);
    const split = this.best(node.sums, this.every, histograms);
    if (split === undefined) {
      this.giveBack(histograms);
      return;
    }
    const { left, right } = this.divide(node, split);
    const isLeftSmaller = split.left.rows <= split.right.rows;
    const smaller = isLeftSmaller ? left : right;
    const larger = isLeftSmaller ? right : left;
    const needed = this.canSplit(smaller, depth + 1) || this.canSplit(larger, depth + 1);
    if (!needed) {
      this.giveBack(histograms);
      return;
    }
    const ofSmaller = this.borrow();
    this.histogramsOf(smaller, this.every, ofSmaller);
    subtractHistograms(histograms, ofSmaller);
    if (this.canSplit(smaller, depth + 1)) this.expand(smaller, depth + 1, ofSmaller);
    else this.giveBack(ofSmaller);
    if (this.canSplit(larger, depth + 1)) this.expand(larger, depth + 1, histograms);
    else this.giveBack(histograms);
  }

  /** A few features a node: siblings try others, so nothing is subtracted. */
  private expandSampled(index: number, depth: number): void {
    if (!this.canSplit(index, depth)) return;
    const node = this.node(index);
    const histograms = this.borrow();
    const drawn = shuffled(this.every, this.options.random);
    const first = drawn.subarray(0, this.options.featuresPerSplit);
    this.histogramsOf(index, first, histograms);
    let split = this.best(node.sums, first, histograms);
    // As scikit-learn: when none of the drawn ones splits, the others are tried one by one.
    for (let k = first.length; split === undefined && k < drawn.length; k++) {
      const one = drawn.subarray(k, k + 1);
      this.histogramsOf(index, one, histograms);
      split = this.best(node.sums, one, histograms);
    }
    this.giveBack(histograms);
    if (split === undefined) return;
    const { left, right } = this.divide(node, split);
    this.expandSampled(left, depth + 1);
    this.expandSampled(right, depth + 1);
  }

  private best(sums: NodeSums, features: Int32Array, histograms: Float64Array): SplitChoice | undefined {
    let best: SplitChoice | undefined;
    for (const feature of features) {
      const split = bestSplit(this.binned, histograms, feature, sums, this.options.rules);
      if (split !== undefined && (best === undefined || split.gain > best.gain)) best = split;
    }
    return best;
  }

  private divide(node: GrownNode, split: SplitChoice): { left: number; right: number } {
    const { rows, binned } = this;
    const { scratch } = this.buffers;
    const column = binned.bins.subarray(
      split.feature * binned.rowCount,
      (split.feature + 1) * binned.rowCount,
    );
    const { isLeft } = split;
    let left = node.start;
    let right = 0;
    for (let i = node.start; i < node.end; i++) {
      const row = rows[i] as number;
      const goes = isLeft[column[row] as number] as number;
      // Both are written and one counter moves: no branch to predict.
      rows[left] = row;
      scratch[right] = row;
      left += goes;
      right += 1 - goes;
    }
    rows.set(scratch.subarray(0, right), left);
    node.split = split;
    node.left = this.add(node.start, left, split.left);
    node.right = this.add(left, node.end, split.right);
    return { left: node.left, right: node.right };
  }

  private canSplit(index: number, depth: number): boolean {
    const { sums } = this.node(index);
    const { minRows, minHessian } = this.options.rules;
    return (
      depth < this.options.maxDepth &&
      sums.rows >= 2 * minRows &&
      sums.hessian >= 2 * minHessian &&
      sums.rows > 1
    );
  }

  private histogramsOf(index: number, features: Int32Array, into: Float64Array): void {
    const { start, end } = this.node(index);
    const { binned, pairs, rows } = this;
    this.build({ binned, pairs, rows, start, end, features, into, ordered: this.buffers.ordered });
  }

  private sumRows(start: number, end: number): NodeSums {
    let gradient = 0;
    let hessian = 0;
    for (let i = start; i < end; i++) {
      const row = this.rows[i] as number;
      gradient += this.pairs[2 * row] as number;
      hessian += this.pairs[2 * row + 1] as number;
    }
    return { gradient, hessian, rows: end - start };
  }

  private add(start: number, end: number, sums: NodeSums): number {
    this.nodes.push({ sums, start, end, split: undefined, left: -1, right: -1 });
    return this.nodes.length - 1;
  }

  private node(index: number): GrownNode {
    return this.nodes[index] as GrownNode;
  }

  private borrow(): Float64Array {
    return this.buffers.histograms.pop() ?? new Float64Array(this.every.length * FEATURE_STRIDE);
  }

  private giveBack(histograms: Float64Array): void {
    this.buffers.histograms.push(histograms);
  }
}

function shuffled(items: Int32Array, random: Random | undefined): Int32Array {
  const out = items.slice();
  if (random === undefined) return out;
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = out[i] as number;
    out[i] = out[j] as number;
    out[j] = held;
  }
  return out;
}
