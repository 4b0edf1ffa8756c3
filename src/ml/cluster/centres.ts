import { squaredDistance } from "./distance.ts";
import type { KMeansMemory } from "./kmeans-kernel.ts";
import { layCentres } from "./nearest.ts";

/** Moves each centre to the mean of its rows, an empty cluster's stays; notes how far. Gives the largest move. */
export function moveCentres(memory: KMeansMemory): number {
  const { centres, k, p, moved, othersMoved, halfGaps } = memory;
  const sums = sumChunks(memory);
  const next = new Float64Array(p);
  for (let c = 0; c < k; c++) {
    const count = sums[k * p + c] as number;
    const own = centres.subarray(c * p, (c + 1) * p);
    for (let j = 0; j < p; j++)
      next[j] = count === 0 ? (own[j] as number) : (sums[c * p + j] as number) / count;
    moved[c] = Math.sqrt(squaredDistance(next, 0, own, 0, p));
    own.set(next);
  }
  for (let c = 0; c < k; c++) {
    let most = 0;
    for (let other = 0; other < k; other++) if (other !== c) most = Math.max(most, moved[other] as number);
    othersMoved[c] = most;
  }
  halfGaps.set(halfGapsOf(centres, k, p));
  layCentres(memory);
  return moved.reduce((most, distance) => Math.max(most, distance), 0);
}

/** In the order of the chunks, so that the bits do not depend on who has summed which. */
function sumChunks({ sums, k, p }: KMeansMemory): Float64Array {
  const total = new Float64Array(k * (p + 1));
  for (let at = 0; at < sums.length; at += total.length) {
    for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (sums[at + i] as number);
  }
  return total;
}

/** Half of the distance from each centre to the nearest other one; Infinity for a single one. */
function halfGapsOf(centres: Float64Array, k: number, p: number): Float64Array {
  const gaps = new Float64Array(k).fill(Infinity);
  for (let a = 0; a < k; a++) {
    for (let b = a + 1; b < k; b++) {
      const gap = Math.sqrt(squaredDistance(centres, a * p, centres, b * p, p)) / 2;
      gaps[a] = Math.min(gaps[a] as number, gap);
      gaps[b] = Math.min(gaps[b] as number, gap);
    }
  }
  return gaps;
}
