import { seededRandom } from "../../core/random.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting } from "../ml-error.ts";
import { type BinnedMatrix, binMatrix } from "./binning.ts";
import { EnsembleBuilder, type TreeEnsemble } from "./ensemble.ts";
import { type GrownNode, growBuffers, growTree } from "./grow.ts";
import type { buildHistograms } from "./histogram.ts";

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
  /** Weight of the positive rows, default 1. */
  readonly positiveWeight?: number;
  /** Stops when the loss on the held-out share has not fallen by `minDelta` for `rounds` trees, and keeps the best. */
  readonly earlyStopping?: {
    readonly share?: number;
    readonly rounds?: number;
    readonly minDelta?: number;
  };
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
  control: FitControl & { readonly build?: typeof buildHistograms } = {},
): Promise<BoostingModel> {
  const settings = settingsOf(options);
  requireRows(matrix);
  requireLabels(labels, matrix.rowCount);
  const binned = binMatrix(matrix, settings.maxBins, options.seed);
  const { train, held } = holdOut(matrix.rowCount, options);
  const weight = options.positiveWeight ?? 1;
  const base = baseOf(labels, train, weight);
  const scale = fixedPointScale(matrix.rowCount, Math.max(1, weight));
  const raw = new Float64Array(matrix.rowCount).fill(base);
  const pairs = new Int32Array(2 * matrix.rowCount);
  const buffers = growBuffers(matrix.rowCount);
  const builder = new EnsembleBuilder(binned.features, 1 / scale);
  const rows = new Int32Array(train.length);
  const losses: number[] = [];
  let best = { loss: Infinity, trees: 0 };
  for (let tree = 0; tree < settings.trees; tree++) {
    await breathe(control, { done: tree, total: settings.trees, loss: losses.at(-1) });
    setPairs({ pairs, raw, labels, rows: train, weight, scale });
    rows.set(train);
    const grown = growTree(
      binned,
      pairs,
      rows,
      {
        maxDepth: settings.maxDepth,
        featuresPerSplit: matrix.columns.length,
        rules: {
          minRows: settings.minRowsPerLeaf,
          minHessian: 1e-3 * scale,
          l2: settings.l2 * scale,
          minGain: 0,
          categorySmoothing: 10 * scale,
        },
        ...(control.build === undefined ? {} : { build: control.build }),
      },
      buffers,
    );
    const leafValue = (node: GrownNode): number =>
      (-node.sums.gradient / (node.sums.hessian + settings.l2 * scale)) * settings.learningRate || 0;
    builder.add(grown, leafValue);
    addToTrained(grown, rows, raw, leafValue);
    if (held.length === 0) continue;
    addToHeld(grown, binned, held, raw, leafValue);
    const loss = meanLoss(raw, labels, held);
    losses.push(loss);
    if (loss < best.loss - settings.minDelta) best = { loss, trees: tree + 1 };
    else if (tree + 1 - best.trees >= settings.rounds) break;
  }
  control.onProgress?.({ done: settings.trees, total: settings.trees, loss: losses.at(-1) });
  const trees = builder.finish(held.length === 0 ? builder.treeCount : Math.max(1, best.trees));
  return { kind: "boosting", features: matrix.features, base, trees, validationLoss: losses };
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
  checkSetting("positiveWeight", options.positiveWeight ?? 1, { min: 1e-6, max: 1e6 });
  checkSetting("earlyStopping.share", share, { min: 0.001, max: 0.9 });
  checkSetting("earlyStopping.rounds", rounds, { min: 1, integer: true });
  return { trees, maxDepth, learningRate, maxBins, minRowsPerLeaf, l2, rounds, minDelta };
}

/** Whole units in 1, a power of two: no pair exceeds 2³⁰ and no sum 2⁵². */
function fixedPointScale(rowCount: number, largest: number): number {
  let scale = 2 ** 30;
  while (scale * largest > 2 ** 30 || scale * largest * rowCount > 2 ** 52) scale /= 2;
  return scale;
}

function holdOut(rowCount: number, options: BoostingOptions): { train: Int32Array; held: Int32Array } {
  const train: number[] = [];
  const held: number[] = [];
  const random = seededRandom(options.seed, 0x68656c64);
  const share = options.earlyStopping === undefined ? 0 : (options.earlyStopping.share ?? 0.1);
  for (let row = 0; row < rowCount; row++) (random.double() < share ? held : train).push(row);
  if (train.length === 0) return { train: Int32Array.from(held), held: new Int32Array(0) };
  return { train: Int32Array.from(train), held: Int32Array.from(held) };
}

/** The log-odds of the training rows, kept finite when the held-out share took a whole class. */
function baseOf(labels: ArrayLike<number>, rows: Int32Array, weight: number): number {
  let positives = 0;
  for (const row of rows) positives += labels[row] as number;
  const negatives = rows.length - positives;
  return Math.log(Math.max(positives * weight, 0.5) / Math.max(negatives, 0.5));
}

function setPairs(input: {
  readonly pairs: Int32Array;
  readonly raw: Float64Array;
  readonly labels: ArrayLike<number>;
  readonly rows: Int32Array;
  readonly weight: number;
  readonly scale: number;
}): void {
  const { pairs, raw, labels, rows, weight, scale } = input;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const label = labels[row] as number;
    const p = 1 / (1 + Math.exp(-(raw[row] as number)));
    const unit = label === 1 ? weight * scale : scale;
    pairs[2 * row] = Math.round((p - label) * unit);
    pairs[2 * row + 1] = Math.round(p * (1 - p) * unit);
  }
}

function addToTrained(
  grown: readonly GrownNode[],
  rows: Int32Array,
  raw: Float64Array,
  leafValue: (node: GrownNode) => number,
): void {
  for (const node of grown) {
    if (node.split !== undefined) continue;
    const value = leafValue(node);
    for (let i = node.start; i < node.end; i++) {
      const row = rows[i] as number;
      raw[row] = (raw[row] as number) + value;
    }
  }
}

function addToHeld(
  grown: readonly GrownNode[],
  binned: BinnedMatrix,
  held: Int32Array,
  raw: Float64Array,
  leafValue: (node: GrownNode) => number,
): void {
  for (const row of held) {
    let node = grown[0] as GrownNode;
    while (node.split !== undefined) {
      const bin = binned.bins[node.split.feature * binned.rowCount + row] as number;
      node = grown[node.split.isLeft[bin] === 1 ? node.left : node.right] as GrownNode;
    }
    raw[row] = (raw[row] as number) + leafValue(node);
  }
}

/** Mean of ln(1 + e^−z) with z the margin of the right class, without overflow. */
function meanLoss(raw: Float64Array, labels: ArrayLike<number>, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) {
    const z = labels[row] === 1 ? (raw[row] as number) : -(raw[row] as number);
    sum += z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z;
  }
  return sum / rows.length;
}
