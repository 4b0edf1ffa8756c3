import { throwIfCancelled } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting } from "../ml-error.ts";
import { SharedArena } from "../threads/arena.ts";
import { openTeam, threadsFor } from "../threads/team.ts";
import { binMatrix } from "./binning.ts";
import { BoostingFit } from "./boosting-fit.ts";
import { boostingMemory } from "./boosting-kernel.ts";
import type { TreeEnsemble } from "./ensemble.ts";
import { rowArenaBytes } from "./row-kernel.ts";

export interface BoostingOptions {
  readonly seed: number;
  /** Trees at most; default 100 (MLlib: 20). */
  readonly trees?: number;
  /** Default 5. */
  readonly maxDepth?: number;
  /** 0–1, default 0.1. */
  readonly learningRate?: number;
  /** Bins a feature, 2–255, default 255. */
  readonly maxBins?: number;
  /** Rows in each leaf, default 20 (MLlib: 1). */
  readonly minRowsPerLeaf?: number;
  /** L2 on the leaves' values, default 0. */
  readonly l2?: number;
  /** Weight of the positive rows, 1e-4–1e4, default 1. */
  readonly positiveWeight?: number;
  /** Stops when the loss on the held-out share has not fallen by `minDelta` for `rounds` trees, and keeps the best. */
  readonly earlyStopping?: {
    readonly share?: number;
    readonly rounds?: number;
    readonly minDelta?: number;
  };
  /** Threads at most; fewer where more would not pay. The model is the same for any. Default: the cores, up to 4. */
  readonly threads?: number;
}

export interface BoostingModel {
  readonly kind: "boosting";
  readonly features: readonly Feature[];
  /** Log-odds before the first tree. */
  readonly base: number;
  readonly trees: TreeEnsemble;
  /** Mean log loss on the held-out rows after each tree; empty without early stopping. */
  readonly validationLoss: readonly number[];
}

/**
 * Histogram gradient boosting on the logistic loss (Friedman 2001; the histogram method is LightGBM's). Missing values
 * and categories need no preparation. Gradients are whole numbers, so the model is the same for any order of summing.
 * Labels: 0 or 1, both classes present (`one-class` otherwise). Infinities are ordered as numbers are.
 */
export async function fitBoosting(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: BoostingOptions,
  control: FitControl = {},
): Promise<BoostingModel> {
  const settings = settingsOf(options);
  requireRows(matrix);
  requireLabels(labels, matrix.rowCount);
  throwIfCancelled(control.signal);
  const { train, held } = holdOut(matrix.rowCount, options);
  const weight = options.positiveWeight ?? 1;
  const base = baseOf(labels, train, weight);
  const threads = threadsFor(options.threads, 6 * train.length * matrix.columns.length * settings.trees);
  const arena = new SharedArena(
    rowArenaBytes({
      rowCount: matrix.rowCount,
      features: matrix.columns.length,
      sets: 1,
      threads,
      longest: Math.ceil(train.length / threads),
    }),
  );
  const binned = binMatrix(matrix, settings.maxBins, options.seed, arena);
  const memory = boostingMemory({
    arena,
    binned,
    labels,
    train,
    base,
    weight,
    maxDepth: settings.maxDepth,
    threads,
  });
  const fit = new BoostingFit(memory, settings, held);
  const team = await openTeam({ kernel: "boosting", input: memory, create: fit.createKernel }, threads);
  try {
    for (let tree = 0; tree < settings.trees && !fit.isOver; tree++) {
      await breathe(control, { done: tree, total: settings.trees, loss: fit.losses.at(-1) });
      fit.addTree(team);
    }
  } finally {
    await team.close();
  }
  control.onProgress?.({ done: settings.trees, total: settings.trees, loss: fit.losses.at(-1) });
  return {
    kind: "boosting",
    features: matrix.features,
    base,
    trees: fit.finish(),
    validationLoss: fit.losses,
  };
}

function settingsOf(options: BoostingOptions) {
  const {
    trees = 100,
    maxDepth = 5,
    learningRate = 0.1,
    maxBins = 255,
    minRowsPerLeaf = 20,
    l2 = 0,
  } = options;
  const { share = 0.1, rounds = 10, minDelta = 1e-7 } = options.earlyStopping ?? {};
  checkSetting("trees", trees, { min: 1, max: 100_000, integer: true });
  checkSetting("maxDepth", maxDepth, { min: 1, max: 30, integer: true });
  checkSetting("learningRate", learningRate, { min: 0, max: 1 });
  checkSetting("maxBins", maxBins, { min: 2, max: 255, integer: true });
  checkSetting("minRowsPerLeaf", minRowsPerLeaf, { min: 1, integer: true });
  checkSetting("l2", l2, { min: 0 });
  checkSetting("positiveWeight", options.positiveWeight ?? 1, { min: 1e-4, max: 1e4 });
  checkSetting("earlyStopping.share", share, { min: 0.001, max: 0.9 });
  checkSetting("earlyStopping.rounds", rounds, { min: 1, integer: true });
  return { trees, maxDepth, learningRate, maxBins, minRowsPerLeaf, l2, rounds, minDelta };
}

function holdOut(rowCount: number, options: BoostingOptions): { train: Int32Array; held: Int32Array } {
  const share = options.earlyStopping === undefined ? 0 : (options.earlyStopping.share ?? 0.1);
  const random = seededRandom(options.seed, 0x68656c64);
  const train = new Int32Array(rowCount);
  const held = new Int32Array(rowCount);
  let heldCount = 0;
  for (let row = 0; row < rowCount; row++) {
    if (share > 0 && random.double() < share) {
      held[heldCount] = row;
      heldCount++;
    } else train[row - heldCount] = row;
  }
  const none = new Int32Array(0);
  if (heldCount === rowCount) return { train: held, held: none };
  return { train: train.subarray(0, rowCount - heldCount), held: held.subarray(0, heldCount) };
}

/** The log-odds of the training rows, kept finite when the held-out share took a whole class. */
function baseOf(labels: ArrayLike<number>, rows: Int32Array, weight: number): number {
  let positives = 0;
  for (const row of rows) positives += labels[row] as number;
  const negatives = rows.length - positives;
  return Math.log(Math.max(positives * weight, 0.5) / Math.max(negatives, 0.5));
}
