import type { BinnedMatrix } from "./binning.ts";
import { addHistograms, type GradientPairs, HistogramSummer } from "./histogram.ts";
import { type RowKernel, type RowScratch, rowKernel } from "./row-kernel.ts";

/**
 * Where the rows of a node lie: part p holds `rows[ranges[2p]…ranges[2p + 1])`. A part belongs to one thread, so a node's
 * rows are divided without a word between threads.
 */
export type Ranges = Int32Array;

/** A division to carry out, and the side whose histograms are wanted after it. */
export interface Division {
  readonly feature: number;
  /** For each bin, 1 = left. */
  readonly isLeft: Uint8Array;
  readonly wanted: "left" | "right" | "none";
}

/** Who divides rows and sums histograms: one thread, or a team. */
export interface RowWork {
  /** Adds all features of the node's rows to `into`. */
  sum(ranges: Ranges, into: Float64Array): void;
  /** As {@link sum}, for a few features. */
  sumSome(ranges: Ranges, features: ArrayLike<number>, into: Float64Array): void;
  /** Moves the left rows to the front of each part; gives where the right ones start. Adds the wanted side to `into`. */
  divide(ranges: Ranges, division: Division, into: Float64Array): Int32Array;
}

/** One thread's hands on the rows. */
export class RowHands implements RowWork {
  private readonly rows: Int32Array;
  private readonly kernel: RowKernel;
  private readonly summer: HistogramSummer;

  /** With a memory in `scratch`, all arrays lie in it. */
  constructor(binned: BinnedMatrix, pairs: GradientPairs, rows: Int32Array, scratch: RowScratch) {
    this.rows = rows;
    this.kernel = rowKernel(binned, pairs, scratch);
    this.summer = new HistogramSummer(binned, this.kernel);
  }

  sum(ranges: Ranges, into: Float64Array): void {
    for (let p = 0; p < ranges.length; p += 2)
      this.sumPart(ranges[p] as number, ranges[p + 1] as number, into);
  }

  sumSome(ranges: Ranges, features: ArrayLike<number>, into: Float64Array): void {
    for (let p = 0; p < ranges.length; p += 2)
      this.summer.addSome(this.rows, ranges[p] as number, ranges[p + 1] as number, features, into);
  }

  divide(ranges: Ranges, division: Division, into: Float64Array): Int32Array {
    const middles = new Int32Array(ranges.length / 2);
    for (let p = 0; p < middles.length; p++) {
      const start = ranges[2 * p] as number;
      const end = ranges[2 * p + 1] as number;
      const middle = this.dividePart(division.feature, division.isLeft, start, end);
      middles[p] = middle;
      if (division.wanted === "left") this.sumPart(start, middle, into);
      else if (division.wanted === "right") this.sumPart(middle, end, into);
    }
    return middles;
  }

  sumPart(start: number, end: number, into: Float64Array): void {
    this.summer.addAll(this.rows, start, end, into);
  }

  /** The rows keep their order on both sides. */
  dividePart(feature: number, isLeft: Uint8Array, start: number, end: number): number {
    return this.kernel.divide(feature, isLeft, this.rows, start, end);
  }
}

/** The board on which a team's first thread writes a division; the lists have an entry for each part. */
export interface DivisionBoard {
  /** Feature, then which side is wanted: 0 none, 1 left, 2 right. */
  readonly task: Int32Array;
  readonly ranges: Int32Array;
  readonly middles: Int32Array;
  readonly isLeft: Uint8Array;
  /** The other threads' histograms; those of the first go where they are wanted. */
  readonly partials: readonly Float64Array[];
}

/** Rows of a node below which one thread does all parts: waking the others takes as long as a few thousand rows. */
const WORTH_A_CALL = 8_192;
const WANTED = ["none", "left", "right"] as const;

/** A team's work, seen from its first thread. `run` makes every thread call {@link divideOnBoard} or {@link sumOnBoard}. */
export class TeamWork implements RowWork {
  private readonly own: RowHands;
  private readonly board: DivisionBoard;
  private readonly run: (what: "sum" | "divide") => void;
  /** Where the first thread's own part goes while `run` runs. */
  target: Float64Array = new Float64Array(0);

  constructor(own: RowHands, board: DivisionBoard, run: (what: "sum" | "divide") => void) {
    this.own = own;
    this.board = board;
    this.run = run;
  }

  sum(ranges: Ranges, into: Float64Array): void {
    if (rowsIn(ranges) < WORTH_A_CALL) this.own.sum(ranges, into);
    else {
      this.board.ranges.set(ranges);
      this.together("sum", into, true);
    }
  }

  sumSome(ranges: Ranges, features: ArrayLike<number>, into: Float64Array): void {
    this.own.sumSome(ranges, features, into);
  }

  divide(ranges: Ranges, division: Division, into: Float64Array): Int32Array {
    if (rowsIn(ranges) < WORTH_A_CALL) return this.own.divide(ranges, division, into);
    const { task, isLeft, middles } = this.board;
    this.board.ranges.set(ranges);
    task[0] = division.feature;
    task[1] = WANTED.indexOf(division.wanted);
    isLeft.set(division.isLeft);
    this.together("divide", into, division.wanted !== "none");
    return middles.slice();
  }

  private together(what: "sum" | "divide", into: Float64Array, isSummed: boolean): void {
    this.target = into;
    this.run(what);
    if (isSummed) for (const partial of this.board.partials) addHistograms(into, partial);
  }
}

/** One thread's part of a sum. */
export function sumOnBoard(hands: RowHands, board: DivisionBoard, part: number, into: Float64Array): void {
  hands.sumPart(board.ranges[2 * part] as number, board.ranges[2 * part + 1] as number, into);
}

/** One thread's part of a division. */
export function divideOnBoard(hands: RowHands, board: DivisionBoard, part: number, into: Float64Array): void {
  const start = board.ranges[2 * part] as number;
  const end = board.ranges[2 * part + 1] as number;
  const middle = hands.dividePart(board.task[0] as number, board.isLeft, start, end);
  board.middles[part] = middle;
  const wanted = WANTED[board.task[1] as number];
  if (wanted === "left") hands.sumPart(start, middle, into);
  if (wanted === "right") hands.sumPart(middle, end, into);
}

export function rowsIn(ranges: Ranges): number {
  let rows = 0;
  for (let p = 0; p < ranges.length; p += 2) rows += (ranges[p + 1] as number) - (ranges[p] as number);
  return rows;
}
