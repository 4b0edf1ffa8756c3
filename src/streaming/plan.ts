import type { DataType, Table } from "../core/table.ts";
import {
  type Attribute,
  attributeNamed,
  FLOAT64,
  findAttribute,
  INT64,
  TIMESTAMP,
  type WindowType,
} from "./attribute.ts";
import { type Expression, typeOfExpression } from "./expression.ts";
import { StreamingRefusal } from "./refusal.ts";

export type AggregateFunction = "count" | "sum" | "avg" | "min" | "max";

export interface Aggregate {
  readonly function: AggregateFunction;
  /** Absent: `count(*)`. */
  readonly column?: string | undefined;
  readonly isDistinct?: boolean | undefined;
  readonly as: string;
}

/** What rows are grouped by: a column, or the window(s) that a time falls in. Times in microseconds. */
export type Grouping =
  | { readonly kind: "column"; readonly column: string; readonly as: string }
  | {
      readonly kind: "window";
      readonly column: string;
      readonly sizeUs: number;
      readonly slideUs: number;
      readonly startUs: number;
      readonly as: string;
    }
  | { readonly kind: "session"; readonly column: string; readonly gapUs: number; readonly as: string };

export type JoinType = "inner" | "left" | "right" | "full";

/** `right.column − left.column` lies in [minUs, maxUs]; an absent bound is none. */
export interface TimeBound {
  readonly left: string;
  readonly right: string;
  readonly minUs?: number | undefined;
  readonly maxUs?: number | undefined;
}

export interface EqualColumns {
  readonly left: string;
  readonly right: string;
}

/** A query as plain data. A source is named by its place in the query's list of sources. */
export type Plan =
  | { readonly kind: "source"; readonly source: number; readonly attributes: readonly Attribute[] }
  /** `id`: which definition it is, the same in each copy of a stream that is used twice. */
  | {
      readonly kind: "watermark";
      readonly id: number;
      readonly input: Plan;
      readonly column: string;
      readonly delayMs: number;
    }
  | { readonly kind: "filter"; readonly input: Plan; readonly where: Expression }
  | {
      readonly kind: "project";
      readonly input: Plan;
      readonly columns: readonly { readonly as: string; readonly expression: Expression }[];
    }
  /** A function of whole tables that keeps rows or drops them; nothing is moved through it. */
  | {
      readonly kind: "map";
      readonly input: Plan;
      readonly attributes: readonly Attribute[];
      readonly map: (table: Table) => Table | Promise<Table>;
    }
  | {
      readonly kind: "aggregate";
      readonly input: Plan;
      readonly keys: readonly Grouping[];
      readonly aggregates: readonly Aggregate[];
      /** What the optimiser moved onto the windows that a row falls in: over `<window>.start` and `.end`. */
      readonly windowFilter?: Expression | undefined;
    }
  | {
      readonly kind: "deduplicate";
      readonly input: Plan;
      readonly columns: readonly string[];
      readonly isWithinWatermark: boolean;
    }
  | { readonly kind: "distinct"; readonly input: Plan }
  | { readonly kind: "union"; readonly inputs: readonly Plan[] }
  /** Its columns are named `left.<column>` and `right.<column>`. */
  | {
      readonly kind: "join";
      readonly left: Plan;
      readonly right: Plan;
      readonly type: JoinType;
      readonly on: readonly EqualColumns[];
      readonly within?: TimeBound | undefined;
    }
  /** `adds`: the table's columns that the result has beside the stream's. */
  | {
      readonly kind: "join-static";
      readonly input: Plan;
      readonly table: Table;
      /** Right and full are refused when the query is started. */
      readonly type: JoinType;
      readonly on: readonly EqualColumns[];
      readonly adds: readonly string[];
    }
  | {
      readonly kind: "sort";
      readonly input: Plan;
      readonly by: readonly { readonly column: string; readonly isDescending: boolean }[];
    }
  | { readonly kind: "limit"; readonly input: Plan; readonly rows: number };

export type PlanOf<K extends Plan["kind"]> = Extract<Plan, { readonly kind: K }>;

/** The nodes that a node reads, left to right. */
export function inputsOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case "source":
      return [];
    case "union":
      return plan.inputs;
    case "join":
      return [plan.left, plan.right];
    default:
      return [plan.input];
  }
}

/** The node over other inputs. */
export function withInputs(plan: Plan, inputs: readonly Plan[]): Plan {
  const [first, second] = inputs;
  if (plan.kind === "union") return { ...plan, inputs };
  if (plan.kind === "join" && first !== undefined && second !== undefined)
    return { ...plan, left: first, right: second };
  if (plan.kind === "source" || plan.kind === "join" || first === undefined) return plan;
  return { ...plan, input: first };
}

/** Every node, from the sink upwards: the order in which Spark reports its operators. */
export function nodesOf(plan: Plan): Plan[] {
  return [plan, ...inputsOf(plan).flatMap(nodesOf)];
}

const known = new WeakMap<Plan, readonly Attribute[]>();

/** A node's columns. Refuses a column that is not there, as Spark does when a query is built. */
export function attributesOf(plan: Plan): readonly Attribute[] {
  const before = known.get(plan);
  if (before !== undefined) return before;
  const attributes = computeAttributes(plan);
  known.set(plan, attributes);
  return attributes;
}

function computeAttributes(plan: Plan): readonly Attribute[] {
  switch (plan.kind) {
    case "source":
    case "map":
      return plan.attributes;
    case "filter":
      typeOfExpression(plan.where, attributesOf(plan.input));
      return attributesOf(plan.input);
    case "sort":
      for (const { column } of plan.by) attributeNamed(attributesOf(plan.input), column);
      return attributesOf(plan.input);
    case "deduplicate":
      for (const column of plan.columns)
        attributeNamed(attributesOf(plan.input), column, "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES");
      return attributesOf(plan.input);
    case "distinct":
    case "limit":
      return attributesOf(plan.input);
    case "watermark":
      return watermarked(plan);
    case "project": {
      const input = attributesOf(plan.input);
      return plan.columns.map(({ as, expression }) => {
        const renamed = expression.kind === "column" ? findAttribute(input, expression.name) : undefined;
        return renamed === undefined
          ? { name: as, type: typeOfExpression(expression, input) }
          : { ...renamed, name: as };
      });
    }
    case "aggregate":
      return aggregated(plan);
    case "union":
      return united(plan);
    case "join": {
      const left = attributesOf(plan.left);
      const right = attributesOf(plan.right);
      for (const on of plan.on) {
        attributeNamed(left, on.left);
        attributeNamed(right, on.right);
      }
      if (plan.within !== undefined) {
        attributeNamed(left, plan.within.left);
        attributeNamed(right, plan.within.right);
      }
      return [
        ...left.map((attribute) => ({ ...attribute, name: `left.${attribute.name}` })),
        ...right.map((attribute) => ({ ...attribute, name: `right.${attribute.name}` })),
      ];
    }
    case "join-static": {
      const input = attributesOf(plan.input);
      const table: Attribute[] = plan.table.fields.map((field) => ({ name: field.name, type: field.type }));
      for (const on of plan.on) {
        attributeNamed(input, on.left);
        attributeNamed(table, on.right);
      }
      return [...input, ...plan.adds.map((name) => attributeNamed(table, name))];
    }
  }
}

function watermarked(plan: PlanOf<"watermark">): readonly Attribute[] {
  const input = attributesOf(plan.input);
  const time = attributeNamed(input, plan.column);
  if (time.type.kind !== "timestamp" && time.type.kind !== "window") {
    throw new StreamingRefusal({
      stage: "build",
      condition: "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE",
      rule: 11,
      code: "watermark-on-other-type",
      what: {
        es: `El watermark necesita una columna de tiempo, y «${plan.column}» es ${time.type.kind}.`,
        en: `A watermark needs a column of times, and "${plan.column}" is ${time.type.kind}.`,
      },
      where: plan.column,
    });
  }
  if (plan.delayMs < 0) {
    throw new StreamingRefusal({
      stage: "build",
      condition: "requirement failed: delay threshold",
      rule: 1,
      code: "negative-delay",
      what: {
        es: "El retraso de un watermark no puede ser negativo.",
        en: "A watermark's delay can't be negative.",
      },
    });
  }
  return input.map((attribute) =>
    attribute === time ? { ...attribute, delayMs: plan.delayMs } : { ...attribute, delayMs: undefined },
  );
}

function aggregated(plan: PlanOf<"aggregate">): readonly Attribute[] {
  const input = attributesOf(plan.input);
  const keys = plan.keys.map((key): Attribute => {
    const from = attributeNamed(input, key.column);
    if (key.kind === "column") return { ...from, name: key.as };
    // Spark reads texts as times here; we say so when the query is started (see check-plan.ts).
    const isTime =
      from.type.kind === "timestamp" || from.type.kind === "window" || from.type.kind === "string";
    if (!isTime) throw windowOnOtherType(key.column, "build");
    if (key.kind === "window" && key.slideUs > key.sizeUs) throw slideTooLong();
    if (key.kind === "window" && Math.abs(key.startUs) >= key.slideUs) throw startTooFar();
    return {
      name: key.as,
      type: { kind: "window" },
      delayMs: from.delayMs,
      ...(key.kind === "session" ? { isSession: true as const } : {}),
    };
  });
  const aggregates = plan.aggregates.map((aggregate): Attribute => {
    const type = aggregate.column === undefined ? INT64 : attributeNamed(input, aggregate.column).type;
    const isArithmetic = aggregate.function === "sum" || aggregate.function === "avg";
    if (isArithmetic && type.kind === "string") throw sumOfText(aggregate.column ?? "");
    return { name: aggregate.as, type: aggregateType(aggregate.function, type) };
  });
  return [...keys, ...aggregates];
}

/** What an aggregate gives: sums of integers are int64, averages float64, extremes keep the type. */
function aggregateType(name: AggregateFunction, type: DataType | WindowType): DataType {
  if (name === "count") return INT64;
  if (name === "avg") return FLOAT64;
  if (type.kind === "window") return TIMESTAMP;
  if (name === "sum") {
    if (type.kind === "decimal") return { kind: "decimal", precision: 18, scale: type.scale };
    return type.kind === "int32" || type.kind === "int64" || type.kind === "boolean" ? INT64 : FLOAT64;
  }
  return type;
}

function united(plan: PlanOf<"union">): readonly Attribute[] {
  const [first, ...others] = plan.inputs.map(attributesOf);
  if (first === undefined) return [];
  for (const other of others) {
    const fits =
      other.length === first.length && other.every((one, i) => one.type.kind === first[i]?.type.kind);
    if (!fits) {
      throw new StreamingRefusal({
        stage: "build",
        condition: "NUM_COLUMNS_MISMATCH",
        rule: 9,
        code: "union-of-other-columns",
        what: {
          es: "Las entradas de una unión deben tener las mismas columnas, en el mismo orden y con el mismo tipo.",
          en: "The inputs of a union must have the same columns, in the same order and of the same type.",
        },
      });
    }
  }
  return first;
}

/** The refusal of windows over a column that is no time. */
export function windowOnOtherType(column: string, stage: "build" | "start"): StreamingRefusal {
  return new StreamingRefusal({
    stage,
    condition: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
    rule: 8,
    code: "window-on-other-type",
    what: {
      es: `Una ventana necesita una columna de tiempo; «${column}» no lo es.`,
      en: `A window needs a column of times; "${column}" is none.`,
    },
    where: column,
  });
}

/** Spark reads texts as numbers here; we ask for the number. */
function sumOfText(column: string): StreamingRefusal {
  return new StreamingRefusal({
    stage: "build",
    condition: "CAST_INVALID_INPUT",
    rule: 11,
    code: "sum-of-text",
    what: {
      es: `«${column}» es texto: no se puede sumar ni promediar.`,
      en: `"${column}" is text: it can't be summed or averaged.`,
    },
    where: column,
  });
}

function startTooFar(): StreamingRefusal {
  return new StreamingRefusal({
    stage: "build",
    condition: "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
    rule: 8,
    code: "start-beyond-slide",
    what: {
      es: "El desplazamiento de las ventanas (startTime) es menor que su paso: más allá vuelven a ser las mismas.",
      en: "The shift of windows (startTime) is less than their slide: beyond it they are the same again.",
    },
  });
}

function slideTooLong(): StreamingRefusal {
  return new StreamingRefusal({
    stage: "build",
    condition: "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
    rule: 8,
    code: "slide-longer-than-window",
    what: {
      es: "El paso de una ventana no puede ser mayor que su tamaño: habría filas sin ventana.",
      en: "A window's slide can't be longer than its size: some rows would fall in no window.",
    },
  });
}
