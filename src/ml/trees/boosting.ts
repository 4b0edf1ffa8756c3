import { throwIfCancelled } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";
import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { checkSetting } from "../ml-error.ts";
import { openTeam, type Team, threadsFor } from "../threads/team.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import { type BinnedMatrix, binAt, binMatrix } from "./binning.ts";
import {
  type BoostingMemory,
  boostingKernel,
  boostingMemory,
  DIVIDE,
  NEXT_TREE,
  SUM,
} from "./boosting-kernel.ts";
import { EnsembleBuilder, type TreeEnsemble } from "./ensemble.ts";
import { Grower, type GrownNode } from "./grow.ts";
import { divideOnBoard, type Ranges, type RowHands, sumOnBoard, TeamWork } from "./row-work.ts";
import type { NodeSums } from "./split.ts";

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
  const binned = binMatrix(matrix, settings.maxBins, options.seed);
  const { train, held } = holdOut(matrix.rowCount, options);
  const weight = options.positiveWeight ?? 1;
  const base = baseOf(labels, train, weight);
  const threads = threadsFor(options.threads, 6 * train.length * matrix.columns.length * settings.trees);
  const memory = boostingMemory({
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

type Settings = ReturnType<typeof settingsOf>;

/** The growing ensemble, seen from the first thread. */
class BoostingFit {
  readonly losses: number[] = [];
  private readonly memory: BoostingMemory;
  private readonly settings: Settings;
  private readonly held: Int32Array;
  private readonly builder: EnsembleBuilder;
  private best = { loss: Infinity, trees: 0 };
  private hands: RowHands | undefined;
  private work: TeamWork | undefined;
  private grower: Grower | undefined;

  constructor(memory: BoostingMemory, settings: Settings, held: Int32Array) {
    this.memory = memory;
    this.settings = settings;
    this.held = held;
    const { gradient, hessian } = memory.grid;
    this.builder = new EnsembleBuilder(memory.binned.features, hessian / gradient / gradient);
  }

  /** The first thread's own kernel; its part of a sum goes where the grower wants it. */
  readonly createKernel = (memory: BoostingMemory, place: Place): Kernel => {
    const kernel = boostingKernel(memory, place);
    if (place.thread > 0) return kernel;
    const { hands } = kernel;
    this.hands = hands;
    const step = (operation: number): void => {
      const into = this.work?.target ?? new Float64Array(0);
      if (operation === SUM) sumOnBoard(hands, memory.board, 0, into);
      else if (operation === DIVIDE) divideOnBoard(hands, memory.board, 0, into);
      else kernel.step(operation);
    };
    return { step };
  };

  get isOver(): boolean {
    const { held, builder, best, settings } = this;
    return held.length > 0 && builder.treeCount - best.trees >= settings.rounds;
  }

  addTree(team: Team): void {
    const { memory } = this;
    team.run(NEXT_TREE);
    const grown = this.growerOf(team).grow(wholeRanges(memory), rootSums(memory));
    this.builder.add(grown, this.leafValue);
    this.noteLeaves(grown);
    if (this.held.length > 0) this.judge(grown);
  }

  finish(): TreeEnsemble {
    return this.builder.finish(
      this.held.length === 0 ? this.builder.treeCount : Math.max(1, this.best.trees),
    );
  }

  private growerOf(team: Team): Grower {
    if (this.grower !== undefined) return this.grower;
    const { memory, hands, settings } = this;
    if (hands === undefined) throw new Error("the first thread has no kernel");
    const run = (what: "sum" | "divide"): void => team.run(what === "sum" ? SUM : DIVIDE);
    if (team.threads > 1) this.work = new TeamWork(hands, memory.board, run);
    const { hessian } = memory.grid;
    this.grower = new Grower(memory.binned, this.work ?? hands, {
      maxDepth: settings.maxDepth,
      featuresPerSplit: memory.binned.features.length,
      rules: {
        minRows: settings.minRowsPerLeaf,
        minHessian: 1e-3 * hessian,
        l2: settings.l2 * hessian,
        minGain: 0,
        categorySmoothing: 10 * hessian,
        categorySupport: 10,
      },
    });
    return this.grower;
  }

  private readonly leafValue = ({ sums }: GrownNode): number => {
    const { grid } = this.memory;
    const { l2, learningRate } = this.settings;
    const newton = -sums.gradient / grid.gradient / (sums.hessian / grid.hessian + l2);
    return Number.isFinite(newton) ? newton * learningRate || 0 : 0;
  };

  /** Writes the leaves where every thread finds them at the start of the next tree. */
  private noteLeaves(grown: readonly GrownNode[]): void {
    const { leafCount, leafRanges, leafValues, bounds } = this.memory;
    const stride = 2 * (bounds.length - 1);
    let leaf = 0;
    for (const node of grown) {
      if (node.split !== undefined) continue;
      leafRanges.set(node.ranges, leaf * stride);
      leafValues[leaf] = this.leafValue(node);
      leaf++;
    }
    leafCount[0] = leaf;
  }

  private judge(grown: readonly GrownNode[]): void {
    const { held, memory, settings, losses, best, builder } = this;
    addToHeld(grown, memory.binned, held, memory.raw, this.leafValue);
    const loss = meanLoss(memory.raw, memory.labels, held);
    losses.push(loss);
    if (loss < best.loss - settings.minDelta) this.best = { loss, trees: builder.treeCount };
  }
}

function wholeRanges({ bounds }: BoostingMemory): Ranges {
  const ranges = new Int32Array(2 * (bounds.length - 1));
  for (let part = 0; part < bounds.length - 1; part++) {
    ranges[2 * part] = bounds[part] as number;
    ranges[2 * part + 1] = bounds[part + 1] as number;
  }
  return ranges;
}

function rootSums({ sums, train }: BoostingMemory): NodeSums {
  let gradient = 0;
  let hessian = 0;
  for (let part = 0; part < sums.length; part += 2) {
    gradient += sums[part] as number;
    hessian += sums[part + 1] as number;
  }
  return { gradient, hessian, rows: train.length };
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
      const bin = binAt(binned, node.split.feature, row);
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
