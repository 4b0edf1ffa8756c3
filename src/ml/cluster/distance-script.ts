import { squaredDistance } from "./distance.ts";
import { type DistanceArrays, type DistanceKernel, type DistanceScratch, stride } from "./distance-arrays.ts";

/** The loops in JavaScript: for hosts without WebAssembly's vectors or shared memory. */
export function scriptKernel(arrays: DistanceArrays, scratch: DistanceScratch): DistanceKernel {
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
