import type { TreeEnsemble } from "./ensemble.ts";

/** Bytes of a category's set: 256 bins, then missing and unseen values. */
export const SET_SIZE = 258;

/** Trees in which every row takes the same steps: a leaf leads to itself, and missing values need no question. */
export interface FlatTrees {
  /** Which of a row's 2p places a node asks: 2f where a missing value goes left, 2f + 1 where it goes right. */
  readonly slot: Int32Array;
  /** NaN for a category. */
  readonly threshold: Float64Array;
  /** The right child, then the left one. */
  readonly children: Int32Array;
  readonly value: Float64Array;
  readonly depths: Int32Array;
  /** Where a node's set starts; a number has the first one, which is empty. */
  readonly setOf: Int32Array;
  /** Undefined when no node asks for a category. */
  readonly sets: Uint8Array | undefined;
}

const KNOWN = new WeakMap<TreeEnsemble, FlatTrees>();

/** Made once for an ensemble. */
export function flatten(trees: TreeEnsemble): FlatTrees {
  const known = KNOWN.get(trees);
  if (known !== undefined) return known;
  const flat = flattened(trees);
  KNOWN.set(trees, flat);
  return flat;
}

function flattened(trees: TreeEnsemble): FlatTrees {
  const { feature, roots, value } = trees;
  const n = feature.length;
  const children = new Int32Array(2 * n);
  const slot = new Int32Array(n);
  const threshold = new Float64Array(n);
  const setOf = new Int32Array(n);
  const depth = new Int32Array(n);
  const sets: Uint8Array[] = [new Uint8Array(SET_SIZE)];
  // Children come after their parents, so a walk backwards knows their depths.
  for (let node = n - 1; node >= 0; node--) {
    const f = feature[node] as number;
    const left = f < 0 ? node : (trees.left[node] as number);
    const right = f < 0 ? node : (trees.right[node] as number);
    children[2 * node] = right;
    children[2 * node + 1] = left;
    if (f < 0) continue;
    depth[node] = 1 + Math.max(depth[left] as number, depth[right] as number);
    if (trees.binOfCode[f] === undefined) {
      slot[node] = 2 * f + (trees.missingLeft[node] === 1 ? 0 : 1);
      threshold[node] = trees.threshold[node] as number;
      continue;
    }
    slot[node] = 2 * f;
    threshold[node] = Number.NaN;
    setOf[node] = SET_SIZE * sets.length;
    sets.push(setOfNode(trees, node));
  }
  const depths = Int32Array.from(roots, (root) => depth[root] as number);
  const joined = sets.length === 1 ? undefined : joinSets(sets);
  return { slot, threshold, children, value, depths, setOf, sets: joined };
}

function setOfNode(trees: TreeEnsemble, node: number): Uint8Array {
  const set = new Uint8Array(SET_SIZE);
  const start = (trees.threshold[node] as number) * 256;
  set.set(trees.sets.subarray(start, start + 256));
  set[SET_SIZE - 2] = trees.missingLeft[node] as number;
  set[SET_SIZE - 1] = trees.unseenLeft[node] as number;
  return set;
}

function joinSets(sets: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(SET_SIZE * sets.length);
  sets.forEach((set, i) => {
    joined.set(set, SET_SIZE * i);
  });
  return joined;
}
