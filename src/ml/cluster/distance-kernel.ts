import { arenaBytes, instantiate, type SharedArena, type WasmMemory } from "../threads/arena.ts";
import { squaredDistance } from "./distance.ts";
import { BYTES } from "./distance-kernel-bytes.ts";

/** The arrays of a fit that rows and centres are read from and summed into. */
export interface DistanceArrays {
  readonly p: number;
  readonly k: number;
  /** n × p, row-major. */
  readonly values: Float64Array;
  /** k × p, row-major. */
  readonly centres: Float64Array;
  /** The same by fours: four centres side by side, p × 4 values; filled up with zeros. */
  readonly quads: Float64Array;
  /** ‖c‖² of each centre, filled up with zeros to a multiple of four. */
  readonly centreSquares: Float64Array;
  readonly labels: Int32Array;
  /**
   * Hamerly's bounds: the distance to the own centre is at most `upper`, to every other one at least `lower`. While
   * centres are spread, `upper` is the squared distance to the nearest so far.
   */
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  /** Of each centre: half of the distance to the nearest other one, how far it has moved, how far the others have at most. */
  readonly halfGaps: Float64Array;
  readonly moved: Float64Array;
  readonly othersMoved: Float64Array;
}

/** A thread's working arrays. With `memory`, they and all of {@link DistanceArrays} lie in it, as do the sums. */
export interface DistanceScratch {
  readonly memory: WasmMemory | undefined;
  /** The rows that are looked at: a block of them at most. */
  readonly list: Int32Array;
  readonly distances: Float64Array;
  readonly scores: Float64Array;
  /** Of each listed row: the centre with the smallest score, that score and the next to it. */
  readonly best: Int32Array;
  readonly firsts: Float64Array;
  readonly seconds: Float64Array;
}

/** The inner loops over rows and centres. Both forms make the same operations in the same order: the same bits. */
export interface DistanceKernel {
  /** Moves the bounds of rows[from…to) by what the centres have moved; lists the rows that they leave open, gives how many. */
  loosen(from: number, to: number): number;
  /** `upper` of each listed row = the root of its distance; keeps those in the list that are still open, gives how many. */
  tighten(count: number): number;
  /** Writes `best`, `firsts` and `seconds` from the scores of so many rows. */
  choose(count: number): void;
  /** `distances[i]` = the squared distance of row `list[i]` to the centre of its label. */
  toOwn(count: number): void;
  /** `scores[i × (length of centreSquares) + c]` = ‖c‖² − 2·x·c for row x = `list[i]` and each centre. */
  toAll(count: number): void;
  /** Adds rows[start…end) to the sums of their labels (k × p) and to their counts (k more). */
  add(start: number, end: number, sums: Float64Array): void;
  /** `upper` = the smaller of itself and the distance to this centre, or that distance; gives its sum. */
  spread(start: number, end: number, centre: number, isFirst: boolean): number;
  /** Σ of the squared distances to the nearest centre. */
  cost(start: number, end: number): number;
}

const MOST_SCORES = 65_536;

/** Rows that are looked at together. */
export function blockRows(k: number): number {
  return Math.max(16, Math.min(1024, Math.floor(MOST_SCORES / stride(k))));
}

function stride(k: number): number {
  return 4 * Math.ceil(k / 4);
}

export function distanceScratch(k: number, arena: SharedArena): DistanceScratch {
  const rows = blockRows(k);
  const list = arena.int32(rows);
  const distances = arena.float64(rows);
  const scores = arena.float64(rows * stride(k));
  const best = arena.int32(rows);
  const firsts = arena.float64(rows);
  const seconds = arena.float64(rows);
  return { memory: arena.memory, list, distances, scores, best, firsts, seconds };
}

/** The bytes of one thread's {@link distanceScratch}. */
export function distanceScratchBytes(k: number): number {
  const rows = blockRows(k);
  return 2 * arenaBytes(4 * rows) + 3 * arenaBytes(8 * rows) + arenaBytes(8 * rows * stride(k));
}

/** The compiled loops where all arrays lie in its memory, else those in JavaScript. */
export function distanceKernel(arrays: DistanceArrays, scratch: DistanceScratch): DistanceKernel {
  const compiled =
    scratch.memory === undefined ? undefined : (instantiate(BYTES, scratch.memory) as Compiled | undefined);
  return compiled === undefined ? scriptKernel(arrays, scratch) : compiledKernel(compiled, arrays, scratch);
}

/** distance-kernel.wat: addresses in bytes. */
interface Compiled {
  loosen(
    from: number,
    to: number,
    list: number,
    labels: number,
    upper: number,
    lower: number,
    halfGaps: number,
    moved: number,
    othersMoved: number,
  ): number;
  tighten(
    list: number,
    count: number,
    distances: number,
    labels: number,
    upper: number,
    lower: number,
    halfGaps: number,
  ): number;
  choose(
    scores: number,
    stride: number,
    count: number,
    k: number,
    best: number,
    firsts: number,
    seconds: number,
  ): void;
  toOwn(
    list: number,
    count: number,
    values: number,
    p: number,
    labels: number,
    centres: number,
    out: number,
  ): void;
  toAll(
    list: number,
    count: number,
    values: number,
    p: number,
    quads: number,
    squares: number,
    centres: number,
    out: number,
  ): void;
  add(row: number, count: number, p: number, labels: number, sums: number, counts: number): void;
  spread(row: number, count: number, p: number, centre: number, nearest: number, isFirst: number): number;
  cost(row: number, count: number, p: number, centres: number, k: number): number;
}

function compiledKernel(
  compiled: Compiled,
  arrays: DistanceArrays,
  scratch: DistanceScratch,
): DistanceKernel {
  const { p, k } = arrays;
  const at = {
    values: arrays.values.byteOffset,
    centres: arrays.centres.byteOffset,
    quads: arrays.quads.byteOffset,
    squares: arrays.centreSquares.byteOffset,
    labels: arrays.labels.byteOffset,
    upper: arrays.upper.byteOffset,
    lower: arrays.lower.byteOffset,
    halfGaps: arrays.halfGaps.byteOffset,
    moved: arrays.moved.byteOffset,
    othersMoved: arrays.othersMoved.byteOffset,
    best: scratch.best.byteOffset,
    firsts: scratch.firsts.byteOffset,
    seconds: scratch.seconds.byteOffset,
    list: scratch.list.byteOffset,
    distances: scratch.distances.byteOffset,
    scores: scratch.scores.byteOffset,
  };
  const rowAt = (row: number): number => at.values + 8 * row * p;
  return {
    loosen: (from, to) =>
      compiled.loosen(
        from,
        to,
        at.list,
        at.labels,
        at.upper,
        at.lower,
        at.halfGaps,
        at.moved,
        at.othersMoved,
      ),
    tighten: (count) =>
      compiled.tighten(at.list, count, at.distances, at.labels, at.upper, at.lower, at.halfGaps),
    choose: (count) => compiled.choose(at.scores, stride(k), count, k, at.best, at.firsts, at.seconds),
    toOwn: (count) => compiled.toOwn(at.list, count, at.values, p, at.labels, at.centres, at.distances),
    toAll: (count) =>
      compiled.toAll(at.list, count, at.values, p, at.quads, at.squares, stride(k), at.scores),
    add: (start, end, sums) => {
      const into = sums.byteOffset;
      compiled.add(rowAt(start), end - start, p, at.labels + 4 * start, into, into + 8 * k * p);
    },
    spread: (start, end, centre, isFirst) => {
      const from = at.centres + 8 * centre * p;
      return compiled.spread(rowAt(start), end - start, p, from, at.upper + 8 * start, isFirst ? 1 : 0);
    },
    cost: (start, end) => compiled.cost(rowAt(start), end - start, p, at.centres, k),
  };
}

function scriptKernel(arrays: DistanceArrays, scratch: DistanceScratch): DistanceKernel {
  const { p, k, values, centres, labels, upper } = arrays;
  const { list, distances } = scratch;
  return {
    loosen: (from, to) => loosen(arrays, list, from, to),
    tighten: (count) => tighten(arrays, scratch, count),
    choose: (count) => choose(scratch, stride(k), k, count),
    toOwn: (count) => {
      for (let i = 0; i < count; i++) {
        const row = list[i] as number;
        distances[i] = squaredDistance(values, row * p, centres, (labels[row] as number) * p, p);
      }
    },
    toAll: (count) => toAll(arrays, scratch, count),
    add: (start, end, sums) => {
      for (let i = start; i < end; i++) {
        const label = labels[i] as number;
        const at = label * p;
        for (let j = 0; j < p; j++) sums[at + j] = (sums[at + j] as number) + (values[i * p + j] as number);
        sums[k * p + label] = (sums[k * p + label] as number) + 1;
      }
    },
    spread: (start, end, centre, isFirst) => {
      let total = 0;
      for (let i = start; i < end; i++) {
        const d = squaredDistance(values, i * p, centres, centre * p, p);
        if (isFirst || d < (upper[i] as number)) upper[i] = d;
        total += upper[i] as number;
      }
      return total;
    },
    cost: (start, end) => {
      let cost = 0;
      for (let i = start; i < end; i++) {
        let first = Infinity;
        for (let c = 0; c < k; c++)
          first = Math.min(first, squaredDistance(values, i * p, centres, c * p, p));
        cost += first;
      }
      return cost;
    },
  };
}

function toAll(arrays: DistanceArrays, scratch: DistanceScratch, count: number): void {
  const { p, values, quads, centreSquares } = arrays;
  const { list, scores } = scratch;
  let out = 0;
  for (let i = 0; i < count; i++) {
    const row = (list[i] as number) * p;
    for (let q = 0, at = 0; q < centreSquares.length; q += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let j = 0; j < p; j++, at += 4) {
        const x = values[row + j] as number;
        a += x * (quads[at] as number);
        b += x * (quads[at + 1] as number);
        c += x * (quads[at + 2] as number);
        d += x * (quads[at + 3] as number);
      }
      scores[out++] = (centreSquares[q] as number) - 2 * a;
      scores[out++] = (centreSquares[q + 1] as number) - 2 * b;
      scores[out++] = (centreSquares[q + 2] as number) - 2 * c;
      scores[out++] = (centreSquares[q + 3] as number) - 2 * d;
    }
  }
}

function loosen(arrays: DistanceArrays, list: Int32Array, from: number, to: number): number {
  const { labels, upper, lower, halfGaps, moved, othersMoved } = arrays;
  let open = 0;
  for (let row = from; row < to; row++) {
    const label = labels[row] as number;
    const floor = (lower[row] as number) - (othersMoved[label] as number);
    const ceiling = (upper[row] as number) + (moved[label] as number);
    lower[row] = floor;
    upper[row] = ceiling;
    list[open] = row;
    open += ceiling <= Math.max(floor, halfGaps[label] as number) ? 0 : 1;
  }
  return open;
}

function tighten(arrays: DistanceArrays, scratch: DistanceScratch, count: number): number {
  const { labels, upper, lower, halfGaps } = arrays;
  const { list, distances } = scratch;
  let open = 0;
  for (let i = 0; i < count; i++) {
    const row = list[i] as number;
    const distance = Math.sqrt(distances[i] as number);
    upper[row] = distance;
    list[open] = row;
    open += distance <= Math.max(lower[row] as number, halfGaps[labels[row] as number] as number) ? 0 : 1;
  }
  return open;
}

function choose(scratch: DistanceScratch, width: number, k: number, count: number): void {
  const { scores, best, firsts, seconds } = scratch;
  for (let i = 0; i < count; i++) {
    let found = 0;
    let first = Infinity;
    let second = Infinity;
    for (let c = 0; c < k; c++) {
      const score = scores[i * width + c] as number;
      if (score < first) {
        second = first;
        first = score;
        found = c;
      } else if (score < second) second = score;
    }
    best[i] = found;
    firsts[i] = first;
    seconds[i] = second;
  }
}
