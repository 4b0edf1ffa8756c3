/** Rows of numbers for distances. */
export interface Points {
  /** n × p, row-major. */
  readonly values: Float64Array;
  readonly n: number;
  readonly p: number;
}

/** Lloyd's iterations; a row whose upper bound lies below its lower bound keeps its centre without a look at the others. */
export class Lloyd {
  private readonly points: Points;
  private readonly centres: Float64Array;
  private readonly k: number;
  private readonly labels: Int32Array;
  private readonly upper: Float64Array;
  private readonly lower: Float64Array;
  private isFirst = true;

  constructor(points: Points, centres: Float64Array) {
    this.points = points;
    this.centres = centres;
    this.k = centres.length / points.p;
    this.labels = new Int32Array(points.n);
    this.upper = new Float64Array(points.n).fill(Infinity);
    this.lower = new Float64Array(points.n);
  }

  /** One assignment and one move; gives the largest distance that a centre has moved. */
  step(): number {
    const { values, n, p } = this.points;
    const { centres, k, labels, upper, lower } = this;
    const half = this.halfGaps();
    const sums = new Float64Array(k * p);
    const counts = new Float64Array(k);
    for (let i = 0; i < n; i++) {
      let label = labels[i] as number;
      const bound = Math.max(lower[i] as number, half[label] as number);
      if (this.isFirst || (upper[i] as number) > bound) {
        upper[i] = Math.sqrt(squaredDistance(values, i * p, centres, label * p, p));
        if (this.isFirst || (upper[i] as number) > bound) label = this.nearest(i);
      }
      counts[label] = (counts[label] as number) + 1;
      for (let j = 0; j < p; j++)
        sums[label * p + j] = (sums[label * p + j] as number) + (values[i * p + j] as number);
    }
    this.isFirst = false;
    return this.move(sums, counts);
  }

  private nearest(i: number): number {
    const { values, p } = this.points;
    let best = 0;
    let first = Infinity;
    let second = Infinity;
    for (let c = 0; c < this.k; c++) {
      const d = squaredDistance(values, i * p, this.centres, c * p, p);
      if (d < first) {
        second = first;
        first = d;
        best = c;
      } else if (d < second) second = d;
    }
    this.labels[i] = best;
    this.upper[i] = Math.sqrt(first);
    this.lower[i] = Math.sqrt(second);
    return best;
  }

  private move(sums: Float64Array, counts: Float64Array): number {
    const { centres, k, labels, upper, lower } = this;
    const { n, p } = this.points;
    const moved = new Float64Array(k);
    let most = 0;
    let farthest = -1;
    let runnerUp = 0;
    for (let c = 0; c < k; c++) {
      const count = counts[c] as number;
      if (count === 0) continue;
      let squared = 0;
      for (let j = 0; j < p; j++) {
        const next = (sums[c * p + j] as number) / count;
        squared += (next - (centres[c * p + j] as number)) ** 2;
        centres[c * p + j] = next;
      }
      const distance = Math.sqrt(squared);
      moved[c] = distance;
      if (distance > most) {
        runnerUp = most;
        most = distance;
        farthest = c;
      } else if (distance > runnerUp) runnerUp = distance;
    }
    for (let i = 0; i < n; i++) {
      const label = labels[i] as number;
      upper[i] = (upper[i] as number) + (moved[label] as number);
      lower[i] = (lower[i] as number) - (label === farthest ? runnerUp : most);
    }
    return most;
  }

  /** Half of the distance from each centre to the nearest other one. */
  private halfGaps(): Float64Array {
    const { centres, k } = this;
    const { p } = this.points;
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
}

export function squaredDistance(
  a: Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  p: number,
): number {
  let sum = 0;
  for (let j = 0; j < p; j++) {
    const d = (a[atA + j] as number) - (b[atB + j] as number);
    sum += d * d;
  }
  return sum;
}
