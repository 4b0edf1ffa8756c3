import type { TreeEnsemble } from "./ensemble.ts";
import { type FlatTrees, flatten, SET_SIZE } from "./flat-trees.ts";

/** Rows that go through a tree together: they and the tree stay in the processor's nearest memory. */
const BLOCK_ROWS = 256;
/** Rows that walk side by side, so that the processor waits for four loads at once. */
const ABREAST = 4;

/**
 * Adds to `out[i]` the sum of the leaves of row i, for the rows start…end of n × p `columns`: the same bits as row by
 * row, in less than half of the time. Tree by tree, four rows abreast, without a branch that depends on the data.
 */
export function addSums(
  trees: TreeEnsemble,
  columns: readonly Float64Array[],
  rows: { readonly start: number; readonly end: number },
  out: Float64Array,
): void {
  const flat = flatten(trees);
  const width = 2 * columns.length;
  const block: Block = {
    width,
    values: new Float64Array(BLOCK_ROWS * width),
    bins: new Int32Array(flat.sets === undefined ? 0 : BLOCK_ROWS * width),
    sums: new Float64Array(BLOCK_ROWS),
  };
  for (let from = rows.start; from < rows.end; from += BLOCK_ROWS) {
    const to = Math.min(rows.end, from + BLOCK_ROWS);
    columns.forEach((column, j) => {
      const binOfCode = trees.binOfCode[j];
      if (binOfCode === undefined) fillNumbers(column.subarray(from, to), block, 2 * j);
      else if (flat.sets !== undefined) fillBins(column.subarray(from, to), binOfCode, block, 2 * j);
    });
    block.sums.fill(0);
    // The rows that fill up the last four are those of an earlier block; nobody reads their sums.
    const count = ABREAST * Math.ceil((to - from) / ABREAST);
    for (let t = 0; t < trees.roots.length; t++) addTree(flat, t, trees.roots[t] as number, block, count);
    for (let i = from; i < to; i++) out[i] = (out[i] as number) + (block.sums[i - from] as number);
  }
}

/** Each feature has two places in a row: a number with NaN as −Infinity, which goes left, and as it is. */
interface Block {
  readonly width: number;
  readonly values: Float64Array;
  /** The bins of categories; empty when no node asks for one. */
  readonly bins: Int32Array;
  readonly sums: Float64Array;
}

function fillNumbers(column: Float64Array, { values, width }: Block, at: number): void {
  for (let i = 0, to = at; i < column.length; i++, to += width) {
    const value = column[i] as number;
    values[to] = Number.isNaN(value) ? -Infinity : value;
    values[to + 1] = value;
  }
}

function fillBins(column: Float64Array, binOfCode: Uint8Array, { bins, width }: Block, at: number): void {
  for (let i = 0, to = at; i < column.length; i++, to += width) {
    const code = column[i] as number;
    // The two last places of a set are those of missing and of unseen values.
    bins[to] = Number.isNaN(code) ? SET_SIZE - 2 : (binOfCode[code] ?? SET_SIZE - 1);
  }
}

function addTree(flat: FlatTrees, t: number, root: number, block: Block, count: number): void {
  const depth = flat.depths[t] as number;
  if (flat.sets === undefined) walkNumbers(flat, root, depth, block, count);
  else walkMixed(flat, flat.sets, root, depth, block, count);
}

function walkNumbers(
  { slot, threshold, children, value }: FlatTrees,
  root: number,
  depth: number,
  { values, width, sums }: Block,
  count: number,
): void {
  for (let i = 0, ra = 0; i < count; i += 4, ra += 4 * width) {
    const rb = ra + width;
    const rc = rb + width;
    const rd = rc + width;
    let a = root;
    let b = root;
    let c = root;
    let d = root;
    for (let level = 0; level < depth; level++) {
      const la = (values[ra + (slot[a] as number)] as number) <= (threshold[a] as number);
      const lb = (values[rb + (slot[b] as number)] as number) <= (threshold[b] as number);
      const lc = (values[rc + (slot[c] as number)] as number) <= (threshold[c] as number);
      const ld = (values[rd + (slot[d] as number)] as number) <= (threshold[d] as number);
      a = children[(a << 1) + Number(la)] as number;
      b = children[(b << 1) + Number(lb)] as number;
      c = children[(c << 1) + Number(lc)] as number;
      d = children[(d << 1) + Number(ld)] as number;
    }
    sums[i] = (sums[i] as number) + (value[a] as number);
    sums[i + 1] = (sums[i + 1] as number) + (value[b] as number);
    sums[i + 2] = (sums[i + 2] as number) + (value[c] as number);
    sums[i + 3] = (sums[i + 3] as number) + (value[d] as number);
  }
}

/** Every node asks both: a number's set is empty, and no value is at most a category's threshold, NaN. */
function walkMixed(
  { slot, threshold, children, value, setOf }: FlatTrees,
  sets: Uint8Array,
  root: number,
  depth: number,
  { values, bins, width, sums }: Block,
  count: number,
): void {
  for (let i = 0, row = 0; i < count; i += 2, row += 2 * width) {
    const next = row + width;
    let a = root;
    let b = root;
    for (let level = 0; level < depth; level++) {
      const pa = row + (slot[a] as number);
      const pb = next + (slot[b] as number);
      const la = Number((values[pa] as number) <= (threshold[a] as number));
      const lb = Number((values[pb] as number) <= (threshold[b] as number));
      const sa = sets[(setOf[a] as number) + (bins[pa] as number)] as number;
      const sb = sets[(setOf[b] as number) + (bins[pb] as number)] as number;
      a = children[(a << 1) + (la | sa)] as number;
      b = children[(b << 1) + (lb | sb)] as number;
    }
    sums[i] = (sums[i] as number) + (value[a] as number);
    sums[i + 1] = (sums[i + 1] as number) + (value[b] as number);
  }
}
