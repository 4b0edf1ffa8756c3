import { byFallingScore, requireScores } from "./scores.ts";

/** The state after all rows with a score ≥ `threshold` are called positive. */
export interface CurvePoint {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

export interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly auc: number;
}

/** One point for each distinct score, falling: rows that tie move together. */
export function thresholdCounts(labels: ArrayLike<number>, scores: ArrayLike<number>): CurvePoint[] {
  requireScores(labels, scores);
  const order = byFallingScore(scores);
  const points: CurvePoint[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (labels[row] === 1) truePositives++;
    else falsePositives++;
    const threshold = scores[row] as number;
    const next = order[i + 1];
    if (next === undefined || scores[next] !== threshold)
      points.push({ threshold, truePositives, falsePositives });
  }
  return points;
}

/**
 * False positive rate against recall, from (0,0) to (1,1); the area by trapezoids, so that ties count half.
 * Undefined unless both classes occur. Source: MLlib's BinaryClassificationMetrics.
 */
export function rocCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): Curve | undefined {
  const points = thresholdCounts(labels, scores);
  const last = points.at(-1);
  if (last === undefined || last.truePositives === 0 || last.falsePositives === 0) return undefined;
  const x = Float64Array.from([0, ...points.map((point) => point.falsePositives / last.falsePositives)]);
  const y = Float64Array.from([0, ...points.map((point) => point.truePositives / last.truePositives)]);
  // Twice the area in whole units of positives × negatives: exact below 2⁵³.
  let twice = 0;
  let before = { truePositives: 0, falsePositives: 0 };
  for (const point of points) {
    twice += (point.falsePositives - before.falsePositives) * (point.truePositives + before.truePositives);
    before = point;
  }
  return { x, y, auc: twice / 2 / (last.truePositives * last.falsePositives) };
}

/** The area under the ROC curve; undefined unless both classes occur. */
export function rocAuc(labels: ArrayLike<number>, scores: ArrayLike<number>): number | undefined {
  return rocCurve(labels, scores)?.auc;
}

/**
 * Recall against precision, starting at (0, the first point's precision); the area by trapezoids (MLlib's areaUnderPR).
 * `averagePrecision` is the step sum Σ (Rᵢ − Rᵢ₋₁)·Pᵢ of scikit-learn. Undefined unless a row is positive.
 */
export function prCurve(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
): (Curve & { readonly averagePrecision: number }) | undefined {
  const points = thresholdCounts(labels, scores);
  const positives = points.at(-1)?.truePositives ?? 0;
  if (positives === 0) return undefined;
  const recalls = points.map((point) => point.truePositives / positives);
  const precisions = points.map(
    (point) => point.truePositives / (point.truePositives + point.falsePositives),
  );
  const x = Float64Array.from([0, ...recalls]);
  const y = Float64Array.from([precisions[0] ?? 0, ...precisions]);
  let auc = 0;
  let averagePrecision = 0;
  for (let i = 1; i < x.length; i++) {
    const step = (x[i] as number) - (x[i - 1] as number);
    auc += (step * ((y[i] as number) + (y[i - 1] as number))) / 2;
    averagePrecision += step * (y[i] as number);
  }
  return { x, y, auc, averagePrecision };
}
