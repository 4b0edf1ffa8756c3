import { squaredDistance } from "./distance.ts";
import type { KMeansMemory } from "./kmeans-kernel.ts";

/** Shares of the squares below which the short form of a distance has lost too many digits. */
const DIGITS = 1e-9;
/** Bounds from the short form are loosened by more than it can be wrong. */
const LOOSER = 1 + 1e-6;

/**
 * Gives row i the centre that its scores ‖c‖² − 2·x·c chose (the smallest of them and the next to it), and its bounds.
 * Where the difference of large numbers has used up its digits, the differences themselves choose.
 */
export function settle(
  memory: KMeansMemory,
  i: number,
  chosen: { readonly best: number; readonly first: number; readonly second: number },
): number {
  const { best, first, second } = chosen;
  const own = memory.rowSquares[i] as number;
  const least = DIGITS * (own + (memory.largestSquare[0] as number));
  if (!(first + own > least && second - first > least)) return nearestByDifferences(memory, i);
  memory.labels[i] = best;
  memory.upper[i] = Math.sqrt(first + own) * LOOSER;
  memory.lower[i] = Math.sqrt(second + own) / LOOSER;
  return best;
}

function nearestByDifferences(memory: KMeansMemory, i: number): number {
  const { values, p, k, centres } = memory;
  let best = 0;
  let first = Infinity;
  let second = Infinity;
  for (let c = 0; c < k; c++) {
    const d = squaredDistance(values, i * p, centres, c * p, p);
    if (d < first) {
      second = first;
      first = d;
      best = c;
    } else if (d < second) second = d;
  }
  memory.labels[i] = best;
  memory.upper[i] = Math.sqrt(first);
  memory.lower[i] = Math.sqrt(second);
  return best;
}

/** Lays the centres out for {@link settle}; to be called whenever they have moved. */
export function layCentres(memory: KMeansMemory): void {
  const { centres, quads, centreSquares, largestSquare, k, p } = memory;
  for (let c = 0; c < k; c++) {
    centreSquares[c] = sumOfSquares(centres, c * p, p);
    const at = (c >> 2) * 4 * p + (c & 3);
    for (let j = 0; j < p; j++) quads[at + 4 * j] = centres[c * p + j] as number;
  }
  largestSquare[0] = centreSquares.reduce((most, square) => Math.max(most, square), 0);
}

export function sumOfSquares(values: Float64Array, start: number, p: number): number {
  let sum = 0;
  for (let j = 0; j < p; j++) sum += (values[start + j] as number) ** 2;
  return sum;
}
