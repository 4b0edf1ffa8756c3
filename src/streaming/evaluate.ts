import { type Column, type DataType, fieldIndex, isNull, stringAt, type Table } from "../core/table.ts";
import type { CompareOperator, Expression } from "./expression.ts";
import { fromDoubles, toDoubles } from "./micros.ts";

/** A computed column: numbers (times in microseconds, decimals scaled down), truths as 0 and 1, or texts. */
type Vector =
  | { readonly kind: "numbers"; readonly values: Float64Array; readonly validity: Uint8Array | undefined }
  | { readonly kind: "texts"; readonly values: readonly string[]; readonly validity: Uint8Array | undefined };

/** One byte a row: 1 where the condition is true; false and unknown (null) are 0, as in SQL. */
export function selectionOf(condition: Expression, table: Table): Uint8Array {
  const vector = evaluate(condition, table);
  const selection = new Uint8Array(table.rowCount);
  if (vector.kind === "texts") return selection;
  for (let row = 0; row < selection.length; row++) {
    if (vector.values[row] !== 0 && (vector.validity === undefined || vector.validity[row] !== 0))
      selection[row] = 1;
  }
  return selection;
}

/** A formula's column over a table; `type` is what the plan says that it gives. */
export function columnOfExpression(expression: Expression, table: Table, type: DataType): Column {
  if (expression.kind === "column") return columnNamed(table, expression.name);
  const vector = evaluate(expression, table);
  const { validity } = vector;
  if (vector.kind === "texts") return { kind: "string", values: vector.values, validity };
  switch (type.kind) {
    case "boolean":
      return { kind: "boolean", values: Uint8Array.from(vector.values), validity };
    case "int32":
    case "date":
      return { kind: type.kind, values: Int32Array.from(vector.values), validity };
    case "int64":
    case "timestamp":
      return { kind: type.kind, values: fromDoubles(vector.values.map(Math.trunc)), validity };
    case "decimal":
      return {
        kind: "decimal",
        values: fromDoubles(vector.values.map((value) => Math.round(value * 10 ** type.scale))),
        validity,
      };
    default:
      return { kind: "float64", values: vector.values, validity };
  }
}

/** A column of a table by name; throws a RangeError: plans are checked before they run. */
export function columnNamed(table: Table, name: string): Column {
  const index = fieldIndex(table, name);
  const column = index === undefined ? undefined : table.columns[index];
  if (column === undefined)
    throw new RangeError(`no column "${name}" among ${table.fields.map((f) => f.name).join(", ")}`);
  return column;
}

/** A column's values as doubles; texts are refused with a RangeError. */
export function numbersOf(column: Column, scale = 0): Float64Array {
  switch (column.kind) {
    case "float64":
      return column.values;
    case "int64":
    case "timestamp":
      return toDoubles(column.values);
    case "decimal": {
      const values = toDoubles(column.values);
      return scale === 0 ? values : values.map((value) => value / 10 ** scale);
    }
    case "boolean":
    case "int32":
    case "date":
      return Float64Array.from(column.values);
    default:
      throw new RangeError(`a column of ${column.kind} has no numbers`);
  }
}

function evaluate(expression: Expression, table: Table): Vector {
  const rows = table.rowCount;
  switch (expression.kind) {
    case "column":
      return vectorOf(table, expression.name);
    case "literal":
      return constant(expression.value, rows);
    case "is-null": {
      const input = evaluate(expression.input, table);
      const values = new Float64Array(rows);
      if (input.validity !== undefined)
        for (let row = 0; row < rows; row++) values[row] = input.validity[row] === 0 ? 1 : 0;
      return { kind: "numbers", values, validity: undefined };
    }
    case "not": {
      const input = numeric(evaluate(expression.input, table));
      return { ...input, values: input.values.map((value) => (value === 0 ? 1 : 0)) };
    }
    case "with-data":
      return evaluate(expression.input, table);
    case "and":
    case "or":
      return logic(
        expression.kind,
        numeric(evaluate(expression.left, table)),
        numeric(evaluate(expression.right, table)),
      );
    case "compare":
      return compare(
        expression.operator,
        evaluate(expression.left, table),
        evaluate(expression.right, table),
      );
    case "arithmetic": {
      const left = numeric(evaluate(expression.left, table));
      const right = numeric(evaluate(expression.right, table));
      const { operator } = expression;
      const values = left.values.map((value, row) => {
        const other = right.values[row] ?? 0;
        if (operator === "+") return value + other;
        if (operator === "-") return value - other;
        return operator === "*" ? value * other : value / other;
      });
      return { kind: "numbers", values, validity: bothValid(left.validity, right.validity) };
    }
    case "tumble": {
      const input = numeric(evaluate(expression.input, table));
      const { sizeUs, startUs, part } = expression;
      const shift = part === "end" ? sizeUs : 0;
      return {
        ...input,
        values: input.values.map(
          (value) => Math.floor((value - startUs) / sizeUs) * sizeUs + startUs + shift,
        ),
      };
    }
  }
}

function vectorOf(table: Table, name: string): Vector {
  const column = columnNamed(table, name);
  const { validity } = column;
  if (column.kind === "string") return { kind: "texts", values: column.values, validity };
  if (column.kind === "dictionary") {
    const values = Array.from({ length: table.rowCount }, (_, row) =>
      isNull(column, row) ? "" : (stringAt(column, row) ?? ""),
    );
    return { kind: "texts", values, validity };
  }
  const type = table.fields[fieldIndex(table, name) ?? 0]?.type;
  return { kind: "numbers", values: numbersOf(column, type?.kind === "decimal" ? type.scale : 0), validity };
}

function constant(value: null | boolean | number | string, rows: number): Vector {
  if (value === null)
    return { kind: "numbers", values: new Float64Array(rows), validity: new Uint8Array(rows) };
  if (typeof value === "string")
    return { kind: "texts", values: new Array<string>(rows).fill(value), validity: undefined };
  return { kind: "numbers", values: new Float64Array(rows).fill(Number(value)), validity: undefined };
}

function numeric(vector: Vector): Extract<Vector, { kind: "numbers" }> {
  if (vector.kind === "numbers") return vector;
  const values = Float64Array.from(vector.values, Number);
  return { kind: "numbers", values, validity: vector.validity };
}

function compare(operator: CompareOperator, left: Vector, right: Vector): Vector {
  const validity = bothValid(left.validity, right.validity);
  const rows = left.values.length;
  const values = new Float64Array(rows);
  if (left.kind === "texts" && right.kind === "texts") {
    for (let row = 0; row < rows; row++)
      values[row] = holds(operator, left.values[row] ?? "", right.values[row] ?? "") ? 1 : 0;
  } else {
    const a = numeric(left).values;
    const b = numeric(right).values;
    for (let row = 0; row < rows; row++) values[row] = holds(operator, a[row] ?? 0, b[row] ?? 0) ? 1 : 0;
  }
  return { kind: "numbers", values, validity };
}

function holds<T extends number | string>(operator: CompareOperator, a: T, b: T): boolean {
  switch (operator) {
    case "=":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

/** SQL's three-valued logic: `false AND null` is false, `true OR null` is true. */
function logic(
  kind: "and" | "or",
  left: Extract<Vector, { kind: "numbers" }>,
  right: Extract<Vector, { kind: "numbers" }>,
): Vector {
  const rows = left.values.length;
  const values = new Float64Array(rows);
  const validity = new Uint8Array(rows).fill(1);
  const decisive = kind === "or";
  for (let row = 0; row < rows; row++) {
    const isLeftKnown = left.validity === undefined || left.validity[row] !== 0;
    const isRightKnown = right.validity === undefined || right.validity[row] !== 0;
    const a = isLeftKnown && left.values[row] !== 0;
    const b = isRightKnown && right.values[row] !== 0;
    if ((isLeftKnown && a === decisive) || (isRightKnown && b === decisive)) values[row] = decisive ? 1 : 0;
    else if (isLeftKnown && isRightKnown) values[row] = decisive ? 0 : 1;
    else validity[row] = 0;
  }
  return { kind: "numbers", values, validity };
}

function bothValid(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return a.map((value, row) => value & (b[row] ?? 0));
}
