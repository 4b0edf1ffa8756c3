import { invalid } from "../mlflow-error.ts";
import { type Field, parseField, type SearchLanguage } from "./language.ts";
import { isWord, tokenize } from "./tokens.ts";

export interface Order {
  readonly field: Field;
  readonly isAscending: boolean;
}

/** A value to sort by; what has none comes last, whatever the direction, NaN right before it. */
export type SortValue = string | number | undefined;

/** Reads `metrics.auc DESC`, one text an order. Throws INVALID_PARAMETER_VALUE. */
export function parseOrder(language: SearchLanguage, texts: readonly string[]): readonly Order[] {
  const orders = texts.map((text): Order => {
    const [name, direction, more] = tokenize(text, "order_by");
    if (name?.kind !== "name" || more !== undefined) {
      throw invalid(`Invalid order_by clause '${text}'. Could not be parsed.`);
    }
    if (direction !== undefined && !isWord(direction, "ASC") && !isWord(direction, "DESC")) {
      throw invalid(`Invalid ordering key in order_by clause '${text}'.`);
    }
    return { field: parseField(language, name.text, "order"), isAscending: !isWord(direction, "DESC") };
  });
  const names = orders.map(({ field }) => `${field.entity}.${field.key}`);
  if (new Set(names).size < names.length)
    throw invalid(`order_by contains duplicate fields: ${texts.join(", ")}`);
  return orders;
}

/** Compares two lists of sort values, one for each order. */
export function compareBy(
  orders: readonly { readonly isAscending: boolean }[],
  a: readonly SortValue[],
  b: readonly SortValue[],
): number {
  for (const [index, { isAscending }] of orders.entries()) {
    const left = a[index];
    const right = b[index];
    const rank = rankOf(left) - rankOf(right);
    if (rank !== 0) return rank;
    if (left === undefined || right === undefined || left === right) continue;
    if (left < right) return isAscending ? -1 : 1;
    if (left > right) return isAscending ? 1 : -1;
  }
  return 0;
}

function rankOf(value: SortValue): number {
  if (value === undefined) return 2;
  return typeof value === "number" && Number.isNaN(value) ? 1 : 0;
}
