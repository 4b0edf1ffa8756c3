import type { Random } from "../../core/random.ts";
import type { BinnedMatrix } from "./binning.ts";
import { FEATURE_STRIDE, subtractHistograms } from "./histogram.ts";
import type { Division, Ranges, RowWork } from "./row-work.ts";
import { bestSplit, type NodeSums, type SplitChoice, type SplitRules } from "./split.ts";

/** A grown node. */
export interface GrownNode {
  readonly sums: NodeSums;
  readonly ranges: Ranges;
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
}

/** Grows one tree after another; the histograms' memory is used again. */
export class Grower {
  private readonly binned: BinnedMatrix;
  private readonly work: RowWork;
  private readonly options: GrowOptions;
  private readonly every: Int32Array;
  private readonly free: Float64Array[] = [];
  private nodes: GrownNode[] = [];
  private random: Random | undefined;

  constructor(binned: BinnedMatrix, work: RowWork, options: GrowOptions) {
    this.binned = binned;
    this.work = work;
    this.options = options;
    this.every = Int32Array.from(binned.features.keys());
  }

  /** One tree over these rows, depth first; the rows are divided in place, so that a leaf's lie together. Node 0 is the root. */
  grow(ranges: Ranges, sums: NodeSums, random?: Random): GrownNode[] {
    this.nodes = [];
    this.random = random;
    const root = this.add(ranges, sums);
    if (!this.canSplit(root, 0)) return this.nodes;
    if (random !== undefined && this.options.featuresPerSplit < this.every.length)
      this.expandSampled(root, 0);
    else {
      const histograms = this.borrow();
      this.work.sum(ranges, histograms);
      this.expand(root, 0, histograms);
    }
    return this.nodes;
  }

  /** All features: the smaller child is summed, the larger one is what is left of the parent. Owns `histograms`. */
  private expand(index: number, depth: number, histograms: Float64Array): void {
    const node = this.node(index);
    const split = this.best(node.sums, this.every, histograms);
    if (split === undefined) {
      this.free.push(histograms);
      return;
    }
    const isLeftSmaller = split.left.rows <= split.right.rows;
    const isNeeded = this.isOpen(split.left, depth + 1) || this.isOpen(split.right, depth + 1);
    if (!isNeeded) {
      this.free.push(histograms);
      this.divide(node, split, "none", histograms);
      return;
    }
    const ofSmaller = this.borrow();
    const { left, right } = this.divide(node, split, isLeftSmaller ? "left" : "right", ofSmaller);
    const [smaller, larger] = isLeftSmaller ? [left, right] : [right, left];
    if (this.canSplit(larger, depth + 1)) subtractHistograms(histograms, ofSmaller);
    if (this.canSplit(smaller, depth + 1)) this.expand(smaller, depth + 1, ofSmaller);
    else this.free.push(ofSmaller);
    if (this.canSplit(larger, depth + 1)) this.expand(larger, depth + 1, histograms);
    else this.free.push(histograms);
  }

  /** A few features a node: siblings try others, so nothing is subtracted. */
  private expandSampled(index: number, depth: number): void {
    if (!this.canSplit(index, depth)) return;
    const node = this.node(index);
    const histograms = this.borrow();
    const drawn = shuffled(this.every, this.random);
    const first = drawn.subarray(0, this.options.featuresPerSplit);
    this.work.sumSome(node.ranges, first, histograms);
    let split = this.best(node.sums, first, histograms);
    // As scikit-learn: when none of the drawn ones splits, the others are tried one by one.
    for (let k = first.length; split === undefined && k < drawn.length; k++) {
      const one = drawn.subarray(k, k + 1);
      this.work.sumSome(node.ranges, one, histograms);
      split = this.best(node.sums, one, histograms);
    }
    this.free.push(histograms);
    if (split === undefined) return;
    const { left, right } = this.divide(node, split, "none", histograms);
    this.expandSampled(left, depth + 1);
    this.expandSampled(right, depth + 1);
  }

  private best(sums: NodeSums, features: Int32Array, histograms: Float64Array): SplitChoice | undefined {
    let best: SplitChoice | undefined;
    for (const feature of features) {
      const split = bestSplit(this.binned, histograms, feature, sums, this.options.rules, best?.gain);
      if (split !== undefined) best = split;
    }
    return best;
  }

  private divide(
    node: GrownNode,
    split: SplitChoice,
    wanted: Division["wanted"],
    into: Float64Array,
  ): { left: number; right: number } {
    const { feature, isLeft } = split;
    const middles = this.work.divide(node.ranges, { feature, isLeft, wanted }, into);
    const left = node.ranges.slice();
    const right = node.ranges.slice();
    middles.forEach((middle, part) => {
      left[2 * part + 1] = middle;
      right[2 * part] = middle;
    });
    node.split = split;
    node.left = this.add(left, split.left);
    node.right = this.add(right, split.right);
    return { left: node.left, right: node.right };
  }

  private canSplit(index: number, depth: number): boolean {
    return this.isOpen(this.node(index).sums, depth);
  }

  private isOpen(sums: NodeSums, depth: number): boolean {
    const { minRows, minHessian } = this.options.rules;
    return (
      depth < this.options.maxDepth &&
      sums.rows >= 2 * minRows &&
      sums.hessian >= 2 * minHessian &&
      sums.rows > 1
    );
  }

  private add(ranges: Ranges, sums: NodeSums): number {
    this.nodes.push({ sums, ranges, split: undefined, left: -1, right: -1 });
    return this.nodes.length - 1;
  }

  private node(index: number): GrownNode {
    return this.nodes[index] as GrownNode;
  }

  /** Zeros for every bin. */
  private borrow(): Float64Array {
    const used = this.free.pop();
    if (used === undefined) return new Float64Array(this.every.length * FEATURE_STRIDE);
    return used.fill(0);
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
