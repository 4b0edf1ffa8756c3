import { arenaBytes, instantiate, type SharedArena, type WasmMemory } from "../threads/arena.ts";
import { BIN_STRIDE, type BinnedMatrix, LANES } from "./binning.ts";
import { BYTES } from "./row-kernel-bytes.ts";

/** Rows that are summed before hessians and counts are taken apart: fewer than the unit in which hessians are counted. */
export const BLOCK_ROWS = 16_384;

/** A thread's working arrays. With `memory`, they, the pairs, the rows and the matrix's words all lie in it. */
export interface RowScratch {
  readonly memory: WasmMemory | undefined;
  /** The pairs of a block's rows, in their order. */
  readonly ordered: Float64Array;
  /** Two sums a bin, for four features. */
  readonly packed: Float64Array;
  readonly isLeft: Uint8Array;
  /** Room for the rows that a division moves to the right. */
  readonly moved: Int32Array;
}

/** The inner loops over rows. Both forms give the same bits: they add whole numbers below 2⁵³. */
export interface RowKernel {
  /** Sums of the last `addFour` (lane after lane) or `addOne`: for each bin two values. */
  readonly packed: Float64Array;
  /** Takes the pairs of `count` rows from `from` on; to be called before the sums. */
  gather(rows: Int32Array, from: number, count: number): void;
  /** Adds the gathered rows' pairs to the bins of the four features of a group. */
  addFour(group: number, rows: Int32Array, from: number, count: number): void;
  /** The same for one feature, in the first lane. */
  addOne(feature: number, rows: Int32Array, from: number, count: number): void;
  /** Moves the rows whose bin is marked to the front; both sides keep their order. Gives where the right ones start. */
  divide(feature: number, isLeft: Uint8Array, rows: Int32Array, start: number, end: number): number;
}

const SIZES = { ordered: 2 * BLOCK_ROWS, packed: 2 * LANES * BIN_STRIDE, isLeft: BIN_STRIDE };

/** `longest`: the most rows of one division. Without an arena the arrays are the thread's own. */
export function rowScratch(longest: number, arena?: SharedArena): RowScratch {
  const ordered = arena?.float64(SIZES.ordered) ?? new Float64Array(SIZES.ordered);
  const packed = arena?.float64(SIZES.packed) ?? new Float64Array(SIZES.packed);
  const isLeft = arena?.uint8(SIZES.isLeft) ?? new Uint8Array(SIZES.isLeft);
  const moved = arena?.int32(longest) ?? new Int32Array(longest);
  return { memory: arena?.memory, ordered, packed, isLeft, moved };
}

/** The bytes of a matrix's words, of `sets` of pairs and rows, and of the scratch of threads that divide so many rows each. */
export function rowArenaBytes(size: {
  readonly rowCount: number;
  readonly features: number;
  readonly sets: number;
  readonly threads: number;
  readonly longest: number;
}): number {
  const { rowCount, sets, threads } = size;
  const words = arenaBytes(4 * rowCount * Math.ceil(size.features / LANES));
  const set = arenaBytes(16 * rowCount) + arenaBytes(4 * rowCount);
  const scratch =
    arenaBytes(8 * SIZES.ordered) +
    arenaBytes(8 * SIZES.packed) +
    arenaBytes(SIZES.isLeft) +
    arenaBytes(4 * size.longest);
  return words + sets * set + threads * scratch;
}

/** The compiled loops where all arrays lie in its memory, else those in JavaScript. */
export function rowKernel(binned: BinnedMatrix, pairs: Float64Array, scratch: RowScratch): RowKernel {
  const compiled =
    scratch.memory === undefined ? undefined : (instantiate(BYTES, scratch.memory) as Compiled | undefined);
  return compiled === undefined
    ? scriptKernel(binned, pairs, scratch)
    : compiledKernel(compiled, binned, pairs, scratch);
}

/** row-kernel.wat: addresses in bytes, counts in rows. */
interface Compiled {
  gather(rows: number, count: number, pairs: number, ordered: number): void;
  addFour(words: number, rows: number, count: number, ordered: number, sums: number): void;
  addOne(words: number, shift: number, rows: number, count: number, ordered: number, sums: number): void;
  divide(words: number, shift: number, isLeft: number, rows: number, count: number, right: number): number;
}

function compiledKernel(
  compiled: Compiled,
  binned: BinnedMatrix,
  pairs: Float64Array,
  scratch: RowScratch,
): RowKernel {
  const at = {
    pairs: pairs.byteOffset,
    ordered: scratch.ordered.byteOffset,
    packed: scratch.packed.byteOffset,
    isLeft: scratch.isLeft.byteOffset,
    moved: scratch.moved.byteOffset,
  };
  const wordsOf = (group: number): number => binned.words.byteOffset + 4 * group * binned.rowCount;
  const rowAt = (rows: Int32Array, index: number): number => rows.byteOffset + 4 * index;
  return {
    packed: scratch.packed,
    gather: (rows, from, count) => compiled.gather(rowAt(rows, from), count, at.pairs, at.ordered),
    addFour: (group, rows, from, count) =>
      compiled.addFour(wordsOf(group), rowAt(rows, from), count, at.ordered, at.packed),
    addOne: (feature, rows, from, count) => {
      const words = wordsOf(Math.floor(feature / LANES));
      compiled.addOne(words, 8 * (feature % LANES), rowAt(rows, from), count, at.ordered, at.packed);
    },
    divide: (feature, isLeft, rows, start, end) => {
      scratch.isLeft.set(isLeft);
      const words = wordsOf(Math.floor(feature / LANES));
      const shift = 8 * (feature % LANES);
      return start + compiled.divide(words, shift, at.isLeft, rowAt(rows, start), end - start, at.moved);
    },
  };
}

function scriptKernel(binned: BinnedMatrix, pairs: Float64Array, scratch: RowScratch): RowKernel {
  const { ordered, packed, moved } = scratch;
  const wordsOf = (group: number): Int32Array =>
    binned.words.subarray(group * binned.rowCount, (group + 1) * binned.rowCount);
  return {
    packed,
    gather: (rows, from, count) => gather(rows.subarray(from, from + count), pairs, ordered),
    addFour: (group, rows, from, count) =>
      addFour(wordsOf(group), rows.subarray(from, from + count), ordered, packed),
    addOne: (feature, rows, from, count) => {
      const words = wordsOf(Math.floor(feature / LANES));
      addOne(words, 8 * (feature % LANES), rows.subarray(from, from + count), ordered, packed);
    },
    divide: (feature, isLeft, rows, start, end) => {
      const column = wordsOf(Math.floor(feature / LANES));
      return divideRows({ column, shift: 8 * (feature % LANES), isLeft, rows, moved }, start, end);
    },
  };
}

function gather(rows: Int32Array, pairs: Float64Array, ordered: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) << 1;
    ordered[i << 1] = pairs[at] as number;
    ordered[(i << 1) + 1] = pairs[at + 1] as number;
  }
}

/** One word of four bins, one pair, eight sums: half the time of a loop for each feature. */
function addFour(words: Int32Array, rows: Int32Array, ordered: Float64Array, sums: Float64Array): void {
  for (let i = 0; i < rows.length; i++) {
    const word = words[rows[i] as number] as number;
    const gradient = ordered[i << 1] as number;
    const both = ordered[(i << 1) + 1] as number;
    const a = (word & 255) << 1;
    const b = 512 | ((word >>> 7) & 510);
    const c = 1024 | ((word >>> 15) & 510);
    const d = 1536 | ((word >>> 23) & 510);
    sums[a] = (sums[a] as number) + gradient;
    sums[a + 1] = (sums[a + 1] as number) + both;
    sums[b] = (sums[b] as number) + gradient;
    sums[b + 1] = (sums[b + 1] as number) + both;
    sums[c] = (sums[c] as number) + gradient;
    sums[c + 1] = (sums[c + 1] as number) + both;
    sums[d] = (sums[d] as number) + gradient;
    sums[d + 1] = (sums[d + 1] as number) + both;
  }
}

function addOne(
  words: Int32Array,
  shift: number,
  rows: Int32Array,
  ordered: Float64Array,
  sums: Float64Array,
): void {
  for (let i = 0; i < rows.length; i++) {
    const at = (((words[rows[i] as number] as number) >>> shift) & 255) << 1;
    sums[at] = (sums[at] as number) + (ordered[i << 1] as number);
    sums[at + 1] = (sums[at + 1] as number) + (ordered[(i << 1) + 1] as number);
  }
}

function divideRows(
  on: {
    readonly column: Int32Array;
    readonly shift: number;
    readonly isLeft: Uint8Array;
    readonly rows: Int32Array;
    readonly moved: Int32Array;
  },
  start: number,
  end: number,
): number {
  const { column, shift, isLeft, rows, moved } = on;
  let left = start;
  let right = 0;
  for (let i = start; i < end; i++) {
    const row = rows[i] as number;
    const goes = isLeft[((column[row] as number) >>> shift) & 255] as number;
    // Both are written and one counter moves: no branch to predict.
    rows[left] = row;
    moved[right] = row;
    left += goes;
    right += 1 - goes;
  }
  rows.set(moved.subarray(0, right), left);
  return left;
}
