import { type FeatureBins, MISSING_BIN } from "./binning.ts";
import type { GrownNode } from "./grow.ts";

/** Trees in flat arrays, one entry a node; scoring walks them without an object. */
export interface TreeEnsemble {
  /** The first node of each tree. */
  readonly roots: Int32Array;
  /** The feature that a node asks, −1 in a leaf. */
  readonly feature: Int32Array;
  /** Numbers: left when value ≤ threshold (Infinity: every value). Categories: the index of the node's set. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Where a missing value, and a category that nobody has seen, goes: 1 = left. */
  readonly missingLeft: Uint8Array;
  readonly unseenLeft: Uint8Array;
  /** What a leaf adds. */
  readonly value: Float64Array;
  readonly gain: Float64Array;
  readonly rows: Float64Array;
  /** Sets of 256 bytes each: for the bin of a category, 1 = left. */
  readonly sets: Uint8Array;
  /** For each feature the bins of its codes; undefined for a number. */
  readonly binOfCode: readonly (Uint8Array | undefined)[];
}

/** A node of another library's tree: left when value ≤ threshold. */
export type ForeignNode =
  | { readonly kind: "leaf"; readonly value: number; readonly rows: number }
  | {
      readonly kind: "split";
      readonly feature: number;
      readonly threshold: number;
      readonly left: number;
      readonly right: number;
      readonly gain: number;
      readonly rows: number;
    };

/** Puts grown trees into the flat form. `leafValue` gives a leaf's value, `gainScale` turns gains back into the model's units. */
export class EnsembleBuilder {
  private readonly bins: readonly FeatureBins[];
  private readonly gainScale: number;
  private readonly roots: number[] = [];
  private readonly nodes: number[][] = [];
  private readonly sets: Uint8Array[] = [];

  constructor(bins: readonly FeatureBins[], gainScale: number) {
    this.bins = bins;
    this.gainScale = gainScale;
  }

  get treeCount(): number {
    return this.roots.length;
  }

  add(tree: readonly GrownNode[], leafValue: (node: GrownNode) => number): void {
    const base = this.nodes.length;
    this.roots.push(base);
    for (const node of tree) {
      const { split } = node;
      if (split === undefined) {
        this.nodes.push([-1, 0, -1, -1, 0, 0, leafValue(node), 0, node.sums.rows]);
        continue;
      }
      const unseenLeft = Number(split.left.rows >= split.right.rows);
      const missingLeft = split.isLeft[MISSING_BIN] as number;
      this.nodes.push([
        split.feature,
        this.thresholdOf(split),
        base + node.left,
        base + node.right,
        missingLeft,
        unseenLeft,
        0,
        split.gain * this.gainScale,
        node.sums.rows,
      ]);
    }
  }

  /** A tree of numbers that another library has grown; children come after their parents, missing values go right. */
  addNodes(tree: readonly ForeignNode[]): void {
    const base = this.nodes.length;
    this.roots.push(base);
    for (const node of tree) {
      if (node.kind === "leaf") {
        this.nodes.push([-1, 0, -1, -1, 0, 0, node.value, 0, node.rows]);
        continue;
      }
      const { feature, threshold, left, right, gain, rows } = node;
      this.nodes.push([feature, threshold, base + left, base + right, 0, 0, 0, gain, rows]);
    }
  }

  /** The first `trees` of them. */
  finish(trees = this.roots.length): TreeEnsemble {
    const nodes = this.nodes.slice(0, this.roots[trees] ?? this.nodes.length);
    const at = (k: number): number[] => nodes.map((node) => node[k] as number);
    const sets = new Uint8Array(this.sets.length * 256);
    this.sets.forEach((set, i) => {
      sets.set(set, i * 256);
    });
    return {
      roots: Int32Array.from(this.roots.slice(0, trees)),
      feature: Int32Array.from(at(0)),
      threshold: Float64Array.from(at(1)),
      left: Int32Array.from(at(2)),
      right: Int32Array.from(at(3)),
      missingLeft: Uint8Array.from(at(4)),
      unseenLeft: Uint8Array.from(at(5)),
      value: Float64Array.from(at(6)),
      gain: Float64Array.from(at(7)),
      rows: Float64Array.from(at(8)),
      sets,
      binOfCode: this.bins.map((bins) => (bins.kind === "category" ? bins.binOfCode : undefined)),
    };
  }

  private thresholdOf(split: { feature: number; bin: number; isLeft: Uint8Array }): number {
    const bins = this.bins[split.feature];
    if (bins?.kind === "number") return bins.thresholds[split.bin - 1] ?? Infinity;
    this.sets.push(split.isLeft);
    return this.sets.length - 1;
  }
}

/** Σ of the leaves' values over the trees, for one row of p values. Allocates nothing: a call would box its numbers. */
export function sumOfRow(trees: TreeEnsemble, row: Float64Array): number {
  const { roots, feature, threshold, left, right, value, missingLeft, unseenLeft, sets, binOfCode } = trees;
  let sum = 0;
  for (let t = 0; t < roots.length; t++) {
    let node = roots[t] as number;
    for (let f = feature[node] as number; f >= 0; f = feature[node] as number) {
      const x = row[f] as number;
      const bins = binOfCode[f];
      let isLeft: boolean;
      if (Number.isNaN(x)) isLeft = missingLeft[node] === 1;
      else if (bins === undefined) isLeft = x <= (threshold[node] as number);
      else if (x < 0 || x >= bins.length) isLeft = unseenLeft[node] === 1;
      else isLeft = sets[((threshold[node] as number) << 8) + (bins[x | 0] as number)] === 1;
      node = (isLeft ? left[node] : right[node]) as number;
    }
    sum += value[node] as number;
  }
  return sum;
}
