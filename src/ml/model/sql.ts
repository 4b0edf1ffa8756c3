import type { Feature } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";
import type { Preparation } from "../prepare/pipeline.ts";
import type { TreeEnsemble } from "../trees/ensemble.ts";
import type { Classifier } from "./model.ts";
import { literal, preparedColumns, type SqlColumn, type SqlDialect, sumOf, text } from "./sql-columns.ts";

/** Leaves above which an expression is slower than scoring in process: 100 trees of depth 5 took 11.5 s for 1 M rows. */
export const MAX_SQL_LEAVES = 1000;
/** Characters above which engines' planners suffer: long lists of categories. */
export const MAX_SQL_LENGTH = 1_000_000;

/**
 * One SQL expression, of type DOUBLE, over the raw columns: the model's probability with its preparation, the same to
 * 1e-12 relative. NULL and NaN are missing, a category outside of the dictionary is unseen; a logistic model gives NULL
 * where a value that it needs is missing. Columns must be numbers, booleans or text (cast dates and timestamps first,
 * to days or seconds since 1970). Throws `sql-too-large` above {@link MAX_SQL_LEAVES} leaves.
 */
export function modelToSql(
  pipeline: { readonly preparation: Preparation; readonly model: Classifier },
  dialect: SqlDialect,
): string {
  const { model, preparation } = pipeline;
  const columns = preparedColumns(preparation, dialect);
  const sql = expressionOf(model, columns, dialect);
  if (sql.length > MAX_SQL_LENGTH) throw tooLarge(`${sql.length} characters`, `${sql.length} caracteres`);
  return sql;
}

function expressionOf(model: Classifier, columns: readonly SqlColumn[], dialect: SqlDialect): string {
  switch (model.kind) {
    case "dummy":
      return literal(model.probability);
    case "logistic": {
      const terms = Array.from(
        model.coefficients,
        (weight, j) => `${literal(weight)} * ${numberOf(columns[j])}`,
      );
      return sigmoid(sumOf([literal(model.intercept), ...terms]));
    }
    case "boosting":
      return sigmoid(sumOf([literal(model.base), ...treesOf(model.trees, model.features, columns, dialect)]));
    case "forest":
    case "tree": {
      const trees = treesOf(model.trees, model.features, columns, dialect);
      return `(${sumOf(trees)} / ${literal(trees.length)})`;
    }
  }
}

function treesOf(
  trees: TreeEnsemble,
  features: readonly Feature[],
  columns: readonly SqlColumn[],
  dialect: SqlDialect,
): string[] {
  const leaves = trees.feature.reduce((count, f) => count + Number(f < 0), 0);
  if (leaves > MAX_SQL_LEAVES) throw tooLarge(`${leaves} leaves`, `${leaves} hojas`);
  const nodeSql = (node: number): string => {
    const f = trees.feature[node] as number;
    if (f < 0) return literal(trees.value[node] as number);
    const goesLeft = conditionOf(trees, node, features[f], columns[f], dialect);
    const left = nodeSql(trees.left[node] as number);
    const right = nodeSql(trees.right[node] as number);
    return `CASE WHEN ${goesLeft} THEN ${left} ELSE ${right} END`;
  };
  return Array.from(trees.roots, (root) => `(${nodeSql(root)})`);
}

/** True for the rows that go left; false or NULL (CASE takes both for "else") for the others. */
function conditionOf(
  trees: TreeEnsemble,
  node: number,
  feature: Feature | undefined,
  column: SqlColumn | undefined,
  dialect: SqlDialect,
): string {
  if (feature === undefined || column === undefined)
    throw new RangeError("a node asks a feature that the model lacks");
  const missingLeft = trees.missingLeft[node] === 1;
  const threshold = trees.threshold[node] as number;
  if (column.kind === "number") {
    // NaN is above every number in DuckDB and in Spark, and a comparison with NULL is NULL: both go right by themselves.
    const present = `(${column.sql} IS NOT NULL AND NOT isnan(${column.sql}))`;
    const isBelow = threshold === Infinity ? present : `${column.sql} <= ${literal(threshold)}`;
    return missingLeft ? `(${column.sql} IS NULL OR isnan(${column.sql}) OR ${isBelow})` : isBelow;
  }
  const binOfCode = trees.binOfCode[trees.feature[node] as number];
  const unseenLeft = trees.unseenLeft[node] === 1;
  // The side that unseen values do not take is listed; all others, known or not, take the other one.
  const listed = (feature.dictionary ?? []).filter((_, code) => {
    const isLeft = trees.sets[threshold * 256 + (binOfCode?.[code] ?? 0)] === 1;
    return isLeft !== unseenLeft;
  });
  const list = listed.map((value) => text(value, dialect)).join(", ");
  const isListed = listed.length === 0 ? "FALSE" : `${column.sql} IN (${list})`;
  const known = unseenLeft ? `NOT (${isListed})` : isListed;
  return missingLeft ? `(${column.sql} IS NULL OR ${known})` : `(${column.sql} IS NOT NULL AND ${known})`;
}

function numberOf(column: SqlColumn | undefined): string {
  if (column?.kind !== "number") throw new RangeError("a linear model takes numbers only");
  return column.mayMiss ? `CASE WHEN isnan(${column.sql}) THEN NULL ELSE ${column.sql} END` : column.sql;
}

function sigmoid(z: string): string {
  return `(1e0 / (1e0 + exp(-${z})))`;
}

function tooLarge(en: string, es: string): Error {
  return mlError(
    "sql-too-large",
    {
      es: `El modelo es demasiado grande para una expresión SQL: ${es}.`,
      en: `The model is too large for one SQL expression: ${en}.`,
    },
    [
      {
        es: "Puntúa por lotes en el proceso (scoreTable), o entrena menos árboles o menos hondos.",
        en: "Score chunk by chunk in process (scoreTable), or fit fewer or shallower trees.",
      },
    ],
  );
}
