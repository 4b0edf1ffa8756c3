import { seededRandom } from "../../core/random.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting } from "../ml-error.ts";
import { type BinnedMatrix, binMatrix } from "./binning.ts";
import { EnsembleBuilder, type TreeEnsemble } from "./ensemble.ts";
import { type GrowBuffers, type GrownNode, growBuffers, growTree } from "./grow.ts";

export interface TreeOptions {
  readonly seed: number;
  /** Default 5. */
  readonly maxDepth?: number;
  /** Bins a feature, 2–255, default 255 (MLlib: 32). */
  readonly maxBins?: number;
  /** Rows in each leaf, default 1. */
  readonly minRowsPerLeaf?: number;
  /** Whole weight of the positive rows, 1–1,000, default 1. */
  readonly positiveWeight?: number;
}

export interface ForestOptions extends TreeOptions {
  /** Default 20. */
  readonly trees?: number;
  /** Features tried at a split; default √p, rounded up (MLlib). */
  readonly featuresPerSplit?: number;
}

/** The mean of the trees' shares of positives; a single tree is a forest of one, without bootstrap. */
export interface ForestModel {
  readonly kind: "forest" | "tree";
  readonly features: readonly Feature[];
  readonly trees: TreeEnsemble;
}

/** Settings of one tree, as plain data: what a worker thread needs beside the shared memory. */
export interface TreePlan {
  readonly seed: number;
  readonly maxDepth: number;
  readonly minRowsPerLeaf: number;
  readonly positiveWeight: number;
  readonly featuresPerSplit: number;
  readonly isBootstrapped: boolean;
}

/**
 * Random forest (Breiman 2001) with Gini impurity: each tree on a bootstrap of the rows, a draw of the features at each
 * split. Tree t depends on the seed and t alone, so threads do not change it. Labels: 0 or 1, both classes present.
 */
export async function fitForest(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: ForestOptions,
  control: FitControl = {},
): Promise<ForestModel> {
  const { trees: count = 20 } = options;
  checkSetting("trees", count, { min: 1, max: 100_000, integer: true });
  const p = matrix.columns.length;
  const featuresPerSplit = options.featuresPerSplit ?? Math.ceil(Math.sqrt(p));
  checkSetting("featuresPerSplit", featuresPerSplit, { min: 1, max: Math.max(1, p), integer: true });
  const trees = await grow(
    matrix,
    labels,
    options,
    { count, featuresPerSplit, isBootstrapped: true },
    control,
  );
  return { kind: "forest", features: matrix.features, trees };
}

/** One tree with Gini impurity on all rows and all features (CART, Breiman 1984). */
export async function fitTree(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: TreeOptions,
  control: FitControl = {},
): Promise<ForestModel> {
  const featuresPerSplit = matrix.columns.length;
  const trees = await grow(
    matrix,
    labels,
    options,
    { count: 1, featuresPerSplit, isBootstrapped: false },
    control,
  );
  return { kind: "tree", features: matrix.features, trees };
}

async function grow(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: TreeOptions,
  shape: { count: number; featuresPerSplit: number; isBootstrapped: boolean },
  control: FitControl,
): Promise<TreeEnsemble> {
  const { maxDepth = 5, maxBins = 255, minRowsPerLeaf = 1, positiveWeight = 1 } = options;
  checkSetting("maxDepth", maxDepth, { min: 0, max: 30, integer: true });
  checkSetting("maxBins", maxBins, { min: 2, max: 255, integer: true });
  checkSetting("minRowsPerLeaf", minRowsPerLeaf, { min: 1, integer: true });
  checkSetting("positiveWeight", positiveWeight, { min: 1, max: 1000, integer: true });
  requireRows(matrix);
  requireLabels(labels, matrix.rowCount);
  const binned = binMatrix(matrix, maxBins, options.seed);
  const plan: TreePlan = { seed: options.seed, maxDepth, minRowsPerLeaf, positiveWeight, ...shape };
  const builder = new EnsembleBuilder(binned.features, 1);
  const buffers = growBuffers(matrix.rowCount);
  const known = Uint8Array.from(labels);
  for (let tree = 0; tree < shape.count; tree++) {
    await breathe(control, { done: tree, total: shape.count });
    builder.add(growForestTree(binned, known, plan, tree, buffers), shareOfPositives);
  }
  control.onProgress?.({ done: shape.count, total: shape.count });
  return builder.finish();
}

/** Tree number `tree` of the forest. Pairs: Σ weights of positives, Σ weights; so the gain is half of Gini's × rows. */
export function growForestTree(
  binned: BinnedMatrix,
  labels: Uint8Array,
  plan: TreePlan,
  tree: number,
  buffers: GrowBuffers,
): GrownNode[] {
  const n = binned.rowCount;
  const random = seededRandom(plan.seed, tree);
  const pairs = new Int32Array(2 * n);
  const draws = plan.isBootstrapped ? new Int32Array(n) : new Int32Array(n).fill(1);
  if (plan.isBootstrapped) {
    for (let i = 0; i < n; i++) {
      const row = random.below(n);
      draws[row] = (draws[row] as number) + 1;
    }
  }
  const rows = new Int32Array(n);
  let used = 0;
  for (let row = 0; row < n; row++) {
    const isPositive = labels[row] as number;
    const weight = (draws[row] as number) * (isPositive === 1 ? plan.positiveWeight : 1);
    pairs[2 * row] = weight * isPositive;
    pairs[2 * row + 1] = weight;
    rows[used] = row;
    used += weight > 0 ? 1 : 0;
  }
  return growTree(
    binned,
    pairs,
    rows.subarray(0, used),
    {
      maxDepth: plan.maxDepth,
      featuresPerSplit: plan.featuresPerSplit,
      random: plan.isBootstrapped ? random : undefined,
      rules: { minRows: plan.minRowsPerLeaf, minHessian: 0, l2: 0, minGain: 1e-9, categorySmoothing: 0 },
    },
    buffers,
  );
}

export function shareOfPositives(node: { readonly sums: { gradient: number; hessian: number } }): number {
  return node.sums.hessian === 0 ? 0 : node.sums.gradient / node.sums.hessian;
}
