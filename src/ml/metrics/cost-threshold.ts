import { thresholdCounts } from "./curves.ts";

/** What a row of each kind of error costs, in one currency; right answers cost nothing. */
export interface Costs {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/**
 * The threshold with the lowest total cost, for the rule "positive when score > threshold". It lies halfway between two
 * neighbouring scores (−Infinity: call all positive; the highest score: none); the highest threshold wins a tie.
 */
export function bestThreshold(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  costs: Costs,
): { readonly threshold: number; readonly cost: number } {
  if (!(costs.falsePositive >= 0 && costs.falseNegative >= 0))
    throw new RangeError("a cost must be at least 0");
  const points = thresholdCounts(labels, scores);
  const positives = points.at(-1)?.truePositives ?? 0;
  const first = points[0];
  if (first === undefined) throw new RangeError("a threshold needs at least one row");
  let best = { threshold: first.threshold, cost: positives * costs.falseNegative };
  points.forEach((point, i) => {
    const cost =
      point.falsePositives * costs.falsePositive + (positives - point.truePositives) * costs.falseNegative;
    const next = points[i + 1];
    if (cost < best.cost) best = { threshold: next === undefined ? -Infinity : between(point, next), cost };
  });
  return best;
}

/** Halfway, but never at the upper score: that one must stay above the threshold. */
function between(upper: { threshold: number }, lower: { threshold: number }): number {
  const middle = upper.threshold / 2 + lower.threshold / 2;
  return middle < upper.threshold && middle >= lower.threshold ? middle : lower.threshold;
}
