import type { Matrix } from "../data/matrix.ts";
import { requireSameFeatures } from "../data/same-features.ts";
import type { DummyModel } from "../linear/dummy.ts";
import type { LogisticModel } from "../linear/logistic.ts";
import { mlError } from "../ml-error.ts";
import { addSums } from "../trees/block-scorer.ts";
import type { BoostingModel } from "../trees/boosting.ts";
import { sumOfRow } from "../trees/ensemble.ts";
import type { ForestModel } from "../trees/forest.ts";

/** A fitted model that gives the probability of the positive class. */
export type Classifier = BoostingModel | ForestModel | LogisticModel | DummyModel;

/** The probability of one row of p values in the order of `model.features`. Allocates nothing. */
export type RowScorer = (row: Float64Array) => number;

/**
 * A scorer of single rows: NaN is missing, a category is its code, −1 an unseen one. A logistic model gives NaN for a
 * row with NaN: check `Number.isNaN`, or use {@link scoreMatrix}, which names the row.
 */
export function rowScorer(model: Classifier): RowScorer {
  switch (model.kind) {
    case "boosting": {
      const { trees, base } = model;
      return (row) => 1 / (1 + Math.exp(-(base + sumOfRow(trees, row))));
    }
    case "forest":
    case "tree": {
      const { trees } = model;
      const count = trees.roots.length;
      return (row) => sumOfRow(trees, row) / count;
    }
    case "logistic": {
      const { coefficients, intercept } = model;
      return (row) => {
        let z = intercept;
        for (let j = 0; j < coefficients.length; j++) z += (coefficients[j] as number) * (row[j] as number);
        return 1 / (1 + Math.exp(-z));
      };
    }
    case "dummy": {
      const { probability } = model;
      return () => probability;
    }
  }
}

/** The probability of each row, the same bits as row by row. Throws `score-nan`, naming the row, where there is none. */
export function scoreMatrix(model: Classifier, matrix: Matrix): Float64Array {
  requireSameFeatures(model, matrix);
  const out = new Float64Array(matrix.rowCount);
  scoreRange(model, matrix.columns, { start: 0, end: matrix.rowCount }, out);
  requireScores(out);
  return out;
}

/** As {@link scoreMatrix} for the rows start…end, without a check. */
export function scoreRange(
  model: Classifier,
  columns: readonly Float64Array[],
  rows: { readonly start: number; readonly end: number },
  out: Float64Array,
): void {
  out.fill(0, rows.start, rows.end);
  switch (model.kind) {
    case "boosting": {
      addSums(model.trees, columns, rows, out);
      for (let i = rows.start; i < rows.end; i++)
        out[i] = 1 / (1 + Math.exp(-(model.base + (out[i] as number))));
      return;
    }
    case "forest":
    case "tree": {
      addSums(model.trees, columns, rows, out);
      const count = model.trees.roots.length;
      for (let i = rows.start; i < rows.end; i++) out[i] = (out[i] as number) / count;
      return;
    }
    case "logistic":
    case "dummy": {
      const score = rowScorer(model);
      const row = new Float64Array(columns.length);
      for (let i = rows.start; i < rows.end; i++) {
        for (let j = 0; j < row.length; j++) row[j] = (columns[j] as Float64Array)[i] as number;
        out[i] = score(row);
      }
    }
  }
}

/** Throws `score-nan` for the first row without a score. */
export function requireScores(scores: Float64Array): void {
  const row = scores.findIndex(Number.isNaN);
  if (row >= 0) throw noScore(row);
}

function noScore(row: number): Error {
  return mlError("score-nan", {
    es: `La fila ${row} no tiene puntuación: le falta un valor, o trae un infinito.`,
    en: `Row ${row} has no score: a value is missing, or infinite.`,
  });
}
