import type { Feature, Matrix } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";

export interface OneHotState {
  readonly kind: "one-hot";
  readonly fittedRows: number;
  /** The values that get a column each; `hasMissing`: a missing value was seen, and has a column of its own. */
  readonly columns: readonly {
    readonly name: string;
    readonly dictionary: readonly string[];
    readonly hasMissing: boolean;
  }[];
}

/** Columns that one category may become; above it a tree with native categories is the way. */
export const MAX_ONE_HOT = 1000;

/** Every category becomes a 0/1 column for each value of its dictionary. Throws `too-many-values` above 1,000. */
export function fitOneHot(matrix: Matrix): OneHotState {
  const columns: { name: string; dictionary: readonly string[]; hasMissing: boolean }[] = [];
  matrix.features.forEach((feature, j) => {
    if (feature.kind !== "category") return;
    const dictionary = feature.dictionary ?? [];
    if (dictionary.length > MAX_ONE_HOT) {
      throw mlError("too-many-values", {
        es: `${feature.name} tiene ${dictionary.length} valores; one-hot admite hasta ${MAX_ONE_HOT}. Usa boosting o un bosque, que tratan categorías.`,
        en: `${feature.name} has ${dictionary.length} values; one-hot takes up to ${MAX_ONE_HOT}. Use boosting or a forest, which take categories.`,
      });
    }
    const hasMissing = matrix.columns[j]?.some(Number.isNaN) ?? false;
    columns.push({ name: feature.name, dictionary, hasMissing });
  });
  return { kind: "one-hot", fittedRows: matrix.rowCount, columns };
}

/**
 * `city` becomes `city=Lima`, …; an unseen value is 0 in all of them, a missing one 1 in `city is missing` where the
 * fit saw one (else 0 in all).
 */
export function transformOneHot(state: OneHotState, matrix: Matrix): Matrix {
  const features: Feature[] = [];
  const columns: Float64Array[] = [];
  matrix.features.forEach((feature, j) => {
    const column = matrix.columns[j] as Float64Array;
    const plan = state.columns.find((one) => one.name === feature.name);
    if (plan === undefined) {
      features.push(feature);
      columns.push(column);
      return;
    }
    plan.dictionary.forEach((value, code) => {
      features.push({ name: `${plan.name}=${value}`, kind: "number" });
      columns.push(column.map((x) => Number(x === code)));
    });
    if (!plan.hasMissing) return;
    features.push({ name: `${plan.name} is missing`, kind: "number" });
    columns.push(column.map((x) => Number(Number.isNaN(x))));
  });
  return { features, columns, rowCount: matrix.rowCount };
}
