import { instantiate } from "../threads/arena.ts";
import { type DistanceArrays, type DistanceKernel, type DistanceScratch, stride } from "./distance-arrays.ts";
import { BYTES } from "./distance-kernel-bytes.ts";
import { scriptKernel } from "./distance-script.ts";

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
