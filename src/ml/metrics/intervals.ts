import { seededRandom } from "../../core/random.ts";
import { checkSetting } from "../ml-error.ts";

export interface Interval {
  /** The metric on the data as it is, or the mean over the splits. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** How many resamples gave a value; one without both classes gives none. */
  readonly samples: number;
}

/** A metric of the rows at these positions; undefined where it does not exist. */
export type RowMetric = (rows: Int32Array) => number | undefined;

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1,000. */
  readonly samples?: number;
  /** Share of the resamples inside the interval, 0–1; default 0.95. */
  readonly level?: number;
}

/**
 * The percentile interval of a metric over resamples of `rowCount` rows with replacement (Efron 1979). Undefined when
 * the metric does not exist on the data, or on fewer than half of the resamples.
 */
export function bootstrapInterval(
  rowCount: number,
  metric: RowMetric,
  options: BootstrapOptions,
): Interval | undefined {
  const samples = options.samples ?? 1000;
  checkSetting("samples", samples, { min: 1, integer: true });
  const estimate = metric(Int32Array.from({ length: rowCount }, (_, row) => row));
  if (estimate === undefined || rowCount === 0) return undefined;
  const values: number[] = [];
  const rows = new Int32Array(rowCount);
  for (let sample = 0; sample < samples; sample++) {
    const random = seededRandom(options.seed, sample);
    for (let i = 0; i < rowCount; i++) rows[i] = random.below(rowCount);
    const value = metric(rows);
    if (value !== undefined) values.push(value);
  }
  if (values.length * 2 < samples) return undefined;
  return { estimate, ...percentiles(values, options.level ?? 0.95), samples: values.length };
}

/**
 * How two models compare on the same rows: the interval of metric(a) − metric(b) over shared resamples. A difference
 * is told apart from noise when the interval does not hold 0.
 */
export function pairedComparison(
  rowCount: number,
  metrics: { readonly a: RowMetric; readonly b: RowMetric },
  options: BootstrapOptions,
): (Interval & { readonly isDifferent: boolean }) | undefined {
  const difference = (rows: Int32Array): number | undefined => {
    const a = metrics.a(rows);
    const b = metrics.b(rows);
    return a === undefined || b === undefined ? undefined : a - b;
  };
  const interval = bootstrapInterval(rowCount, difference, options);
  return interval && { ...interval, isDifferent: interval.low > 0 || interval.high < 0 };
}

/**
 * The interval over repeated splits: fit and score once for each value given. The percentiles of few splits are wide;
 * they show the spread that a single split hides. Throws a RangeError without values.
 */
export function repeatedSplitInterval(values: readonly number[], level = 0.95): Interval {
  if (values.length === 0) throw new RangeError("an interval needs at least one value");
  const estimate = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { estimate, ...percentiles(values, level), samples: values.length };
}

/** Linear between order statistics (R type 7, numpy's default). */
function percentiles(values: readonly number[], level: number): { low: number; high: number } {
  checkSetting("level", level, { min: 0, max: 1 });
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number => {
    const place = q * (sorted.length - 1);
    const below = sorted[Math.floor(place)] as number;
    const above = sorted[Math.ceil(place)] as number;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
