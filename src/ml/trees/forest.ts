import { throwIfCancelled } from "../../core/errors.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting } from "../ml-error.ts";
import { SharedArena } from "../threads/arena.ts";
import { sharedUint8 } from "../threads/shared.ts";
import { openTeam, threadsFor } from "../threads/team.ts";
import { binMatrix } from "./binning.ts";
import { EnsembleBuilder, type TreeEnsemble } from "./ensemble.ts";
import { type ForestMemory, forestArrays, forestKernel, type TreePlan } from "./forest-kernel.ts";
import type { GrownNode } from "./grow.ts";
import { rowArenaBytes } from "./row-kernel.ts";

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
  /** Threads at most; fewer where more would not pay. The model is the same for any. Default: the cores, up to 4. */
  readonly threads?: number;
}

export interface ForestOptions extends TreeOptions {
  /** Default 20. */
  readonly trees?: number;
  /** Features tried at a split; default √p, rounded up (MLlib). */
  readonly featuresPerSplit?: number;
  /** "mljs": the library ml-random-forest, as right as it can be made, for few rows (MLJS_LIMITS). Default "taller". */
  readonly engine?: "taller" | "mljs";
}

/** The mean of the trees' shares of positives; a single tree is a forest of one, without bootstrap. */
export interface ForestModel {
  readonly kind: "forest" | "tree";
  readonly features: readonly Feature[];
  readonly trees: TreeEnsemble;
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
  if (options.engine === "mljs") {
    const { fitMljsForest } = await import("../mljs/forest.ts");
    return fitMljsForest(matrix, labels, options, control);
  }
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
  throwIfCancelled(control.signal);
  const plan: TreePlan = { seed: options.seed, maxDepth, minRowsPerLeaf, positiveWeight, ...shape };
  const n = matrix.rowCount;
  const p = matrix.columns.length;
  const threads = Math.min(
    threadsFor(options.threads, 8 * n * plan.maxDepth * shape.featuresPerSplit * shape.count),
    shape.count,
  );
  const arena = new SharedArena(
    rowArenaBytes({ rowCount: n, features: p, sets: threads, threads, longest: n }),
  );
  const binned = binMatrix(matrix, maxBins, options.seed, arena);
  const builder = new EnsembleBuilder(binned.features, 1);
  const known = sharedUint8(matrix.rowCount);
  known.set(labels);
  const own = Array.from({ length: threads }, () => forestArrays(n, arena));
  const memory: ForestMemory = { binned, labels: known, plan, count: shape.count, own };
  const team = await openTeam({ kernel: "forest", input: memory, create: forestKernel }, threads);
  try {
    for (let done = 0; done < shape.count; done += team.threads) {
      await breathe(control, { done, total: shape.count });
      team.run(done);
    }
    const grown = (await team.collect()) as readonly (readonly (readonly GrownNode[])[])[];
    // Thread t has grown the trees t, t + threads, …
    for (let tree = 0; tree < shape.count; tree++) {
      const nodes = grown[tree % team.threads]?.[Math.floor(tree / team.threads)];
      if (nodes !== undefined) builder.add(nodes, shareOfPositives);
    }
  } finally {
    await team.close();
  }
  control.onProgress?.({ done: shape.count, total: shape.count });
  return builder.finish();
}

function shareOfPositives(node: GrownNode): number {
  return node.sums.hessian === 0 ? 0 : node.sums.gradient / node.sums.hessian;
}
