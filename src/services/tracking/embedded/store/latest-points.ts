import type { MetricPoint } from "./metric-block.ts";

/** What is asked of a run's metrics: the last point of each key. */
export interface RunMetrics {
  get(key: string): MetricPoint | undefined;
  /** In order of first use. */
  points(): Iterable<MetricPoint>;
}

export const NO_METRICS: RunMetrics = { get: () => undefined, points: () => [] };

/**
 * The last point of each key, about 100 bytes a key: names in one map, numbers side by side. The last is the one with
 * the highest step, then timestamp, then value; a NaN counts as 0 there, as in MLflow.
 */
export class LatestPoints implements RunMetrics {
  /** Numbers by key, in order of first use: the same as in the run's file. */
  readonly ids = new Map<string, number>();
  /** Value, timestamp, step of each key; a timestamp of -1 stands for none. */
  #cells = new Float64Array(0);

  get size(): number {
    return this.ids.size;
  }

  get(key: string): MetricPoint | undefined {
    const id = this.ids.get(key);
    return id === undefined ? undefined : this.#point(key, id);
  }

  *points(): Generator<MetricPoint> {
    for (const [key, id] of this.ids) {
      const point = this.#point(key, id);
      if (point !== undefined) yield point;
    }
  }

  /** Keeps the point if it is later than the one that is known; its key has to have a number. */
  keep(id: number, value: number, timestamp: number, step: number): void {
    const at = 3 * id;
    this.#grow(at + 3);
    const cells = this.#cells;
    const isNew = cells[at + 1] === -1;
    const knownStep = cells[at + 2] ?? 0;
    const knownTime = cells[at + 1] ?? 0;
    const isLater =
      step - knownStep || timestamp - knownTime || comparable(value) - comparable(cells[at] ?? 0);
    if (!isNew && isLater <= 0) return;
    cells[at] = value;
    cells[at + 1] = timestamp;
    cells[at + 2] = step;
  }

  #point(key: string, id: number): MetricPoint | undefined {
    const [value = 0, timestamp = -1, step = 0] = this.#cells.subarray(3 * id, 3 * id + 3);
    return timestamp === -1 ? undefined : { key, value, timestamp, step };
  }

  #grow(length: number): void {
    if (this.#cells.length >= length) return;
    const grown = new Float64Array(Math.max(length, 2 * this.#cells.length, 24)).fill(-1);
    grown.set(this.#cells);
    this.#cells = grown;
  }
}

/** A value as MLflow's database sorts it: it keeps 0 in the place of a NaN. */
export function comparable(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
