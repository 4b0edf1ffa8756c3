import type { Team } from "../threads/team.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import { type BinnedMatrix, binAt } from "./binning.ts";
import { type BoostingMemory, boostingKernel, DIVIDE, NEXT_TREE, SUM } from "./boosting-kernel.ts";
import { EnsembleBuilder, type TreeEnsemble } from "./ensemble.ts";
import { Grower, type GrownNode } from "./grow.ts";
import { divideOnBoard, type Ranges, type RowHands, sumOnBoard, TeamWork } from "./row-work.ts";
import type { NodeSums } from "./split.ts";

/** The settings that a fit needs, checked. */
export interface BoostingSettings {
  readonly maxDepth: number;
  readonly learningRate: number;
  readonly minRowsPerLeaf: number;
  readonly l2: number;
  readonly rounds: number;
  readonly minDelta: number;
}

/** The growing ensemble, seen from the first thread. */
export class BoostingFit {
  readonly losses: number[] = [];
  private readonly memory: BoostingMemory;
  private readonly settings: BoostingSettings;
  private readonly held: Int32Array;
  private readonly builder: EnsembleBuilder;
  private best = { loss: Infinity, trees: 0 };
  private hands: RowHands | undefined;
  private work: TeamWork | undefined;
  private grower: Grower | undefined;

  constructor(memory: BoostingMemory, settings: BoostingSettings, held: Int32Array) {
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
