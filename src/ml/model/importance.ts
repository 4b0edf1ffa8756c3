import { seededRandom } from "../../core/random.ts";
import { type Matrix, takeMatrixRows } from "../data/matrix.ts";
import { checkSetting } from "../ml-error.ts";
import type { BoostingModel } from "../trees/boosting.ts";
import type { ForestModel } from "../trees/forest.ts";
import { type Classifier, scoreMatrix } from "./model.ts";

/** A feature under its real name; the importances of a model sum to 1, or are all 0 when no tree splits. */
export interface Importance {
  readonly name: string;
  readonly importance: number;
}

/**
 * Split gain: Σ over the nodes of gain × rows. A forest's trees are normalised one by one, summed and normalised;
 * boosting's are summed and normalised. Source: MLlib's treeModels.scala (computeFeatureImportances).
 */
export function gainImportance(model: BoostingModel | ForestModel): Importance[] {
  const { roots, feature, gain } = model.trees;
  const total = new Float64Array(model.features.length);
  for (let t = 0; t < roots.length; t++) {
    const ofTree = new Float64Array(total.length);
    const end = roots[t + 1] ?? feature.length;
    for (let node = roots[t] as number; node < end; node++) {
      const f = feature[node] as number;
      // `gain` holds the decrease over all rows of the node: it is already times their number.
      if (f >= 0) ofTree[f] = (ofTree[f] as number) + (gain[node] as number);
    }
    const parts = model.kind === "boosting" ? ofTree : shares(ofTree);
    for (let f = 0; f < total.length; f++) total[f] = (total[f] as number) + (parts[f] as number);
  }
  const normal = shares(total);
  return model.features.map(({ name }, f) => ({ name, importance: normal[f] as number }));
}

export interface PermutationImportance {
  readonly name: string;
  /** Mean fall of the metric when the column is shuffled; about 0, or below, for a column that does not matter. */
  readonly drop: number;
  /** Standard deviation (n−1) over the repeats; 0 with one. */
  readonly deviation: number;
}

/**
 * How far a metric (higher is better) falls on held-out rows when one column is shuffled (Breiman 2001).
 * `metric` gets the scores of all rows; a metric that does not exist is a RangeError.
 */
export function permutationImportance(
  model: Classifier,
  heldOut: Matrix,
  metric: (scores: Float64Array) => number | undefined,
  options: { readonly seed: number; readonly repeats?: number },
): PermutationImportance[] {
  const repeats = options.repeats ?? 5;
  checkSetting("repeats", repeats, { min: 1, integer: true });
  const measured = (matrix: Matrix): number => {
    const value = metric(scoreMatrix(model, matrix));
    if (value === undefined || Number.isNaN(value))
      throw new RangeError("the metric does not exist on these rows");
    return value;
  };
  const whole = measured(heldOut);
  return heldOut.features.map(({ name }, j) => {
    const drops = Array.from({ length: repeats }, (_, repeat) => {
      const order = shuffledRows(heldOut.rowCount, seededRandom(options.seed, j, repeat));
      const shuffled = takeMatrixRows({ ...heldOut, columns: [heldOut.columns[j] as Float64Array] }, order);
      const columns = heldOut.columns.map((column, c) =>
        c === j ? (shuffled.columns[0] as Float64Array) : column,
      );
      return whole - measured({ ...heldOut, columns });
    });
    const drop = drops.reduce((sum, value) => sum + value, 0) / repeats;
    const squares = drops.reduce((sum, value) => sum + (value - drop) ** 2, 0);
    return { name, drop, deviation: repeats === 1 ? 0 : Math.sqrt(squares / (repeats - 1)) };
  });
}

function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum === 0 ? values : values.map((value) => value / sum);
}

function shuffledRows(n: number, random: { below(n: number): number }): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}
