import { checkSetting } from "../ml-error.ts";
import { requireProbabilities } from "./scores.ts";

/**
 * −mean of y·ln p + (1−y)·ln(1−p), in nats; p is kept in [ε, 1−ε] with ε = 2⁻⁵² as scikit-learn does, so that a sure
 * and wrong row costs 36, not infinity. Undefined without rows.
 */
export function logLoss(labels: ArrayLike<number>, scores: ArrayLike<number>): number | undefined {
  requireProbabilities(labels, scores);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, scores[i] as number));
    sum -= labels[i] === 1 ? Math.log(p) : Math.log(1 - p);
  }
  return labels.length === 0 ? undefined : sum / labels.length;
}

/** Mean squared distance of probability and label (Brier 1950), 0–1. Undefined without rows. */
export function brierScore(labels: ArrayLike<number>, scores: ArrayLike<number>): number | undefined {
  requireProbabilities(labels, scores);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += ((scores[i] as number) - (labels[i] as number)) ** 2;
  return labels.length === 0 ? undefined : sum / labels.length;
}

export interface CalibrationBin {
  /** The bin holds the probabilities in [from, to); the last one holds 1 too. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability and share of positives; undefined in an empty bin. */
  readonly predicted: number | undefined;
  readonly observed: number | undefined;
}

/** `bins` equal intervals of [0, 1]: what was predicted beside what came. */
export function calibrationBins(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  bins = 10,
): CalibrationBin[] {
  checkSetting("bins", bins, { min: 1, integer: true });
  requireProbabilities(labels, scores);
  const count = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const observed = new Float64Array(bins);
  for (let i = 0; i < labels.length; i++) {
    const bin = Math.min(bins - 1, Math.floor((scores[i] as number) * bins));
    count[bin] = (count[bin] as number) + 1;
    predicted[bin] = (predicted[bin] as number) + (scores[i] as number);
    observed[bin] = (observed[bin] as number) + (labels[i] as number);
  }
  return Array.from(count, (n, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count: n,
    predicted: n === 0 ? undefined : (predicted[bin] as number) / n,
    observed: n === 0 ? undefined : (observed[bin] as number) / n,
  }));
}
