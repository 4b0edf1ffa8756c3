import type { DataType } from "../core/table.ts";
import { parseTimestamp } from "../core/table-build.ts";
import { type Attribute, attributeNamed, BOOLEAN, FLOAT64, INT64, STRING, TIMESTAMP } from "./attribute.ts";

export type CompareOperator = "=" | "!=" | "<" | "<=" | ">" | ">=";

/** A column's formula as plain data, so that the plan can be rewritten and the batch computed by columns. */
export type Expression =
  | { readonly kind: "column"; readonly name: string }
  /** Times are microseconds with `type` timestamp. */
  | { readonly kind: "literal"; readonly value: null | boolean | number | string; readonly type: DataType }
  | {
      readonly kind: "compare";
      readonly operator: CompareOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly input: Expression }
  | { readonly kind: "is-null"; readonly input: Expression }
  /** A condition that is there only in batches for which each of these sources has something new. */
  | { readonly kind: "with-data"; readonly sources: readonly number[]; readonly input: Expression }
  | {
      readonly kind: "arithmetic";
      readonly operator: "+" | "-" | "*" | "/";
      readonly left: Expression;
      readonly right: Expression;
    }
  /** The start or end of the tumbling window of a time: what a filter on a window's edge becomes below it. */
  | {
      readonly kind: "tumble";
      readonly part: "start" | "end";
      readonly input: Expression;
      readonly sizeUs: number;
      readonly startUs: number;
    };

export type Scalar = boolean | number | string | null;

/** A formula with the methods to write the next one: `col("amount").gt(10).and(col("key").eq("a"))`. */
export interface ColumnExpression {
  readonly expression: Expression;
  eq(other: ColumnExpression | Scalar): ColumnExpression;
  neq(other: ColumnExpression | Scalar): ColumnExpression;
  lt(other: ColumnExpression | Scalar): ColumnExpression;
  leq(other: ColumnExpression | Scalar): ColumnExpression;
  gt(other: ColumnExpression | Scalar): ColumnExpression;
  geq(other: ColumnExpression | Scalar): ColumnExpression;
  and(other: ColumnExpression): ColumnExpression;
  or(other: ColumnExpression): ColumnExpression;
  not(): ColumnExpression;
  isNull(): ColumnExpression;
  isNotNull(): ColumnExpression;
  plus(other: ColumnExpression | Scalar): ColumnExpression;
  minus(other: ColumnExpression | Scalar): ColumnExpression;
  times(other: ColumnExpression | Scalar): ColumnExpression;
  dividedBy(other: ColumnExpression | Scalar): ColumnExpression;
}

/** The column of this name. */
export function col(name: string): ColumnExpression {
  return wrap({ kind: "column", name });
}

/** A constant: numbers are float64 (or int64 when whole), texts strings. */
export function lit(value: Scalar): ColumnExpression {
  return wrap({ kind: "literal", value, type: typeOfScalar(value) });
}

/** A constant time, from ISO text or milliseconds since 1970. Throws a RangeError for other text. */
export function timestamp(value: string | number): ColumnExpression {
  const micros = typeof value === "number" ? value * 1000 : Number(parseTimestamp(value) ?? Number.NaN);
  if (!Number.isFinite(micros)) throw new RangeError(`timestamp("${value}"): not a time`);
  return wrap({ kind: "literal", value: micros, type: TIMESTAMP });
}

function typeOfScalar(value: Scalar): DataType {
  if (typeof value === "boolean") return BOOLEAN;
  if (typeof value === "string") return STRING;
  return value !== null && Number.isInteger(value) ? INT64 : FLOAT64;
}

function wrap(expression: Expression): ColumnExpression {
  const operand = (other: ColumnExpression | Scalar): Expression =>
    other !== null && typeof other === "object" ? other.expression : lit(other).expression;
  const compare =
    (operator: CompareOperator) =>
    (other: ColumnExpression | Scalar): ColumnExpression =>
      wrap({ kind: "compare", operator, left: expression, right: operand(other) });
  const arithmetic =
    (operator: "+" | "-" | "*" | "/") =>
    (other: ColumnExpression | Scalar): ColumnExpression =>
      wrap({ kind: "arithmetic", operator, left: expression, right: operand(other) });
  return {
    expression,
    eq: compare("="),
    neq: compare("!="),
    lt: compare("<"),
    leq: compare("<="),
    gt: compare(">"),
    geq: compare(">="),
    and: (other) => wrap({ kind: "and", left: expression, right: other.expression }),
    or: (other) => wrap({ kind: "or", left: expression, right: other.expression }),
    not: () => wrap({ kind: "not", input: expression }),
    isNull: () => wrap({ kind: "is-null", input: expression }),
    isNotNull: () => wrap({ kind: "not", input: { kind: "is-null", input: expression } }),
    plus: arithmetic("+"),
    minus: arithmetic("-"),
    times: arithmetic("*"),
    dividedBy: arithmetic("/"),
  };
}

/** The type that a formula gives over these columns; refuses a column that is not there. */
export function typeOfExpression(
  expression: Expression,
  attributes: readonly Attribute[],
): Attribute["type"] {
  switch (expression.kind) {
    case "column":
      return attributeNamed(attributes, expression.name).type;
    case "literal":
      return expression.type;
    case "tumble":
      typeOfExpression(expression.input, attributes);
      return TIMESTAMP;
    case "arithmetic": {
      const left = typeOfExpression(expression.left, attributes);
      const right = typeOfExpression(expression.right, attributes);
      if (left.kind === "timestamp") return TIMESTAMP;
      const isWhole = [left, right].every((type) => type.kind === "int32" || type.kind === "int64");
      return isWhole && expression.operator !== "/" ? INT64 : FLOAT64;
    }
    case "compare":
    case "and":
    case "or":
      typeOfExpression(expression.left, attributes);
      typeOfExpression(expression.right, attributes);
      return BOOLEAN;
    case "not":
    case "is-null":
    case "with-data":
      typeOfExpression(expression.input, attributes);
      return BOOLEAN;
  }
}

/** The names of the columns that a formula reads. */
export function referencesOf(expression: Expression): Set<string> {
  const names = new Set<string>();
  const visit = (one: Expression): void => {
    if (one.kind === "column") names.add(one.name);
    else if ("input" in one) visit(one.input);
    else if (one.kind !== "literal") {
      visit(one.left);
      visit(one.right);
    }
  };
  visit(expression);
  return names;
}

/** The formula with its columns replaced; a name that `replace` does not know stays. */
export function substitute(
  expression: Expression,
  replace: (name: string) => Expression | undefined,
): Expression {
  switch (expression.kind) {
    case "column":
      return replace(expression.name) ?? expression;
    case "literal":
      return expression;
    case "not":
    case "is-null":
    case "tumble":
    case "with-data":
      return { ...expression, input: substitute(expression.input, replace) };
    default:
      return {
        ...expression,
        left: substitute(expression.left, replace),
        right: substitute(expression.right, replace),
      };
  }
}

/** `a AND b AND c` as its parts. */
export function conjuncts(expression: Expression): Expression[] {
  return expression.kind === "and"
    ? [...conjuncts(expression.left), ...conjuncts(expression.right)]
    : [expression];
}

/** The conjunction of some formulas; undefined for none. */
export function conjunction(parts: readonly Expression[]): Expression | undefined {
  return parts.reduce<Expression | undefined>(
    (all, part) => (all === undefined ? part : { kind: "and", left: all, right: part }),
    undefined,
  );
}

/** True when a row whose named columns are all null can't pass: what turns an outer join into an inner one. */
export function rejectsNulls(expression: Expression, names: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case "compare":
      return [...referencesOf(expression)].some((name) => names.has(name));
    case "and":
      return rejectsNulls(expression.left, names) || rejectsNulls(expression.right, names);
    case "or":
      return rejectsNulls(expression.left, names) && rejectsNulls(expression.right, names);
    case "not":
      return (
        (expression.input.kind === "is-null" || expression.input.kind === "compare") &&
        [...referencesOf(expression.input)].some((name) => names.has(name))
      );
    default:
      return false;
  }
}
