import { requireLabels } from "../data/labels.ts";
import { type Feature, type Matrix, requireRows } from "../data/matrix.ts";

/** The baseline that a model has to beat: every row gets the share of positives. */
export interface DummyModel {
  readonly kind: "dummy";
  readonly features: readonly Feature[];
  readonly probability: number;
}

/** One class is enough: it gives 0 or 1. */
export function fitDummy(matrix: Matrix, labels: ArrayLike<number>): DummyModel {
  requireRows(matrix);
  requireLabels(labels, matrix.rowCount, false);
  let positives = 0;
  for (let i = 0; i < matrix.rowCount; i++) positives += labels[i] as number;
  return { kind: "dummy", features: matrix.features, probability: positives / matrix.rowCount };
}
