import { requireLabels } from "../data/labels.ts";
import type { Matrix } from "../data/matrix.ts";
import { breathe, type FitControl } from "../fit-control.ts";
import { EnsembleBuilder } from "../trees/ensemble.ts";
import type { ForestModel, ForestOptions } from "../trees/forest.ts";
import { refuseSettings, requireMljs, rowsOf } from "./limits.ts";

/**
 * ml-random-forest 2.1, made as right as it can be: it draws the features once a tree, not once a split; its own
 * probability loses the first tree's vote and its importances can be negative. So its trees are read out: the score is
 * the share of all trees that vote for the positive class, importances come from the gains. It can't be stopped midway.
 */
export async function fitMljsForest(
  matrix: Matrix,
  labels: ArrayLike<number>,
  options: ForestOptions,
  control: FitControl = {},
): Promise<ForestModel> {
  requireMljs(matrix, "forest");
  requireLabels(labels, matrix.rowCount);
  refuseSettings(options, ["maxBins", "minRowsPerLeaf", "positiveWeight", "featuresPerSplit"]);
  const { trees: count = 20, maxDepth = 5, seed } = options;
  await breathe(control, { done: 0, total: count });
  const library = (await import("ml-random-forest")) as unknown as Library;
  const p = matrix.columns.length;
  const forest = new library.RandomForestClassifier({
    seed: seed | 0,
    nEstimators: count,
    maxFeatures: Math.min(p, Math.ceil(Math.sqrt(p)) + 1),
    replacement: false,
    useSampleBagging: true,
    noOOB: true,
    // Its root has depth 1.
    treeOptions: { maxDepth, minNumSamples: 1 },
  });
  forest.train(rowsOf(matrix), Array.from(labels));
  const builder = new EnsembleBuilder([], 1);
  forest.estimators.forEach(({ root }, tree) => {
    builder.addNodes(flatten(root, forest.indexes[tree] ?? []));
  });
  await breathe(control, { done: count, total: count });
  const trees = { ...builder.finish(), binOfCode: matrix.features.map(() => undefined) };
  return { kind: "forest", features: matrix.features, trees };
}

interface Library {
  readonly RandomForestClassifier: new (
    options: Readonly<Record<string, unknown>>,
  ) => {
    readonly estimators: readonly { readonly root: Node }[];
    /** The columns that each tree has seen. */
    readonly indexes: readonly (readonly number[])[];
    train(rows: number[][], labels: number[]): void;
  };
}

interface Node {
  readonly left?: Node;
  readonly right?: Node;
  readonly splitColumn?: number;
  readonly splitValue?: number;
  readonly gain?: number;
  readonly numberSamples?: number;
  /** A leaf's shares of the classes 0, 1; one entry when it has seen class 0 only. */
  readonly distribution?: { get(row: number, column: number): number; readonly columns: number };
}

/** The nodes in our form, a child behind its parent: left where value < split, that is where it is ≤ the double below. */
function flatten(root: Node, columns: readonly number[]): Parameters<EnsembleBuilder["addNodes"]>[0] {
  const nodes: Parameters<EnsembleBuilder["addNodes"]>[0][number][] = [];
  const add = (node: Node): number => {
    const at = nodes.length;
    const { left, right, splitColumn, splitValue, gain = 0, numberSamples = 0 } = node;
    if (left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined) {
      nodes.push({ kind: "leaf", value: voteOf(node), rows: numberSamples });
      return at;
    }
    const split = {
      kind: "split" as const,
      feature: columns[splitColumn] ?? splitColumn,
      threshold: doubleBelow(splitValue),
      gain: gain * numberSamples,
      rows: numberSamples,
      left: -1,
      right: -1,
    };
    nodes.push(split);
    split.left = add(left);
    split.right = add(right);
    return at;
  };
  add(root);
  return nodes;
}

/** The first of the classes with the largest share. */
function voteOf({ distribution }: Node): number {
  if (distribution === undefined || distribution.columns < 2) return 0;
  return Number(distribution.get(0, 1) > distribution.get(0, 0));
}

function doubleBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n);
  return new Float64Array(bits.buffer)[0] ?? value;
}
