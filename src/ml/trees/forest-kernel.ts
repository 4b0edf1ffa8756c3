import { seededRandom } from "../../core/random.ts";
import type { SharedArena } from "../threads/arena.ts";
import type { Kernel, Place } from "../threads/team-control.ts";
import type { BinnedMatrix } from "./binning.ts";
import { Grower, type GrownNode } from "./grow.ts";
import { COUNT_UNIT } from "./histogram.ts";
import { type RowScratch, rowScratch } from "./row-kernel.ts";
import { RowHands } from "./row-work.ts";

/** Settings of one tree. */
export interface TreePlan {
  readonly seed: number;
  readonly maxDepth: number;
  readonly minRowsPerLeaf: number;
  readonly positiveWeight: number;
  readonly featuresPerSplit: number;
  readonly isBootstrapped: boolean;
}

/** What the threads of one fit share. */
export interface ForestMemory {
  readonly binned: BinnedMatrix;
  readonly labels: Uint8Array;
  readonly plan: TreePlan;
  readonly count: number;
  /** Each thread's. */
  readonly own: readonly ForestArrays[];
}

/** A thread grows whole trees, on arrays of its own. */
export interface ForestArrays {
  readonly pairs: Float64Array;
  readonly rows: Int32Array;
  readonly scratch: RowScratch;
}

export function forestArrays(rowCount: number, arena: SharedArena): ForestArrays {
  const pairs = arena.float64(2 * rowCount);
  const rows = arena.int32(rowCount);
  return { pairs, rows, scratch: rowScratch(rowCount, arena) };
}

/** Step k grows tree k + thread, where there is one; the result is the thread's trees in their order. */
export function forestKernel(memory: ForestMemory, place: Place): Kernel {
  const { binned, plan } = memory;
  const n = binned.rowCount;
  const { pairs, rows, scratch } = memory.own[place.thread] as ForestArrays;
  const draws = new Uint8Array(n);
  const grower = new Grower(binned, new RowHands(binned, pairs, rows, scratch), {
    maxDepth: plan.maxDepth,
    featuresPerSplit: plan.featuresPerSplit,
    rules: {
      minRows: plan.minRowsPerLeaf,
      minHessian: 0,
      l2: 0,
      minGain: 1e-9,
      categorySmoothing: 0,
      categorySupport: 0,
    },
  });
  const grown: GrownNode[][] = [];
  return {
    result: () => grown,
    step: (first) => {
      const tree = first + place.thread;
      if (tree >= memory.count) return;
      const random = seededRandom(plan.seed, tree);
      if (plan.isBootstrapped) drawRows(draws.fill(0), random);
      else draws.fill(1);
      const sums = setPairs(memory, draws, pairs, rows);
      const ranges = Int32Array.of(0, sums.rows);
      grown.push(grower.grow(ranges, sums, plan.isBootstrapped ? random : undefined));
    },
  };
}

/** n draws with replacement; a row is drawn at most 255 times (more has no chance worth a bit). */
function drawRows(draws: Uint8Array, random: { below(n: number): number }): void {
  const n = draws.length;
  for (let i = 0; i < n; i++) {
    const row = random.below(n);
    draws[row] = Math.min(255, (draws[row] as number) + 1);
  }
}

/** Pairs of a drawn row: its weight if it is positive, its weight; so the gain is half of Gini's × rows. */
function setPairs(
  memory: ForestMemory,
  draws: Uint8Array,
  pairs: Float64Array,
  rows: Int32Array,
): { gradient: number; hessian: number; rows: number } {
  const { labels, plan } = memory;
  let gradient = 0;
  let hessian = 0;
  let used = 0;
  for (let row = 0; row < draws.length; row++) {
    const isPositive = labels[row] as number;
    const weight = (draws[row] as number) * (isPositive === 1 ? plan.positiveWeight : 1);
    pairs[2 * row] = weight * isPositive;
    pairs[2 * row + 1] = weight * COUNT_UNIT + 1;
    gradient += weight * isPositive;
    hessian += weight;
    rows[used] = row;
    used += weight > 0 ? 1 : 0;
  }
  return { gradient, hessian, rows: used };
}
