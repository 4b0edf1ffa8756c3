import { requireScores } from "./scores.ts";

/** Counts at one threshold; the positive class is 1. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** A row is predicted positive when its score is above the threshold (MLlib's rule). */
export function confusion(labels: ArrayLike<number>, scores: ArrayLike<number>, threshold = 0.5): Confusion {
  requireScores(labels, scores);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const cell = (labels[i] as number) * 2 + Number((scores[i] as number) > threshold);
    counts[cell] = (counts[cell] as number) + 1;
  }
  const [trueNegatives = 0, falsePositives = 0, falseNegatives = 0, truePositives = 0] = counts;
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

/** (TP + TN) ÷ n; undefined without rows. */
export function accuracy(c: Confusion): number | undefined {
  const n = c.truePositives + c.trueNegatives + c.falsePositives + c.falseNegatives;
  return ratio(c.truePositives + c.trueNegatives, n);
}

/** TP ÷ (TP + FP), of the positive class; undefined when nothing is predicted positive. */
export function precision(c: Confusion): number | undefined {
  return ratio(c.truePositives, c.truePositives + c.falsePositives);
}

/** TP ÷ (TP + FN), of the positive class; undefined when no row is positive. */
export function recall(c: Confusion): number | undefined {
  return ratio(c.truePositives, c.truePositives + c.falseNegatives);
}

/** 2TP ÷ (2TP + FP + FN), of the positive class; undefined when no row is or is predicted positive. */
export function f1(c: Confusion): number | undefined {
  return ratio(2 * c.truePositives, 2 * c.truePositives + c.falsePositives + c.falseNegatives);
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
