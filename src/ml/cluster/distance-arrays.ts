import { arenaBytes, type SharedArena, type WasmMemory } from "../threads/arena.ts";

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

/** Scores of a row: the centres, filled up to fours. */
export function stride(k: number): number {
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
