import { referencesOf } from "../expression.ts";
import { attributesOf, type Plan, type PlanOf } from "../plan.ts";
import { baseOf, column } from "./column-names.ts";

/**
 * One aggregation for two where the upper one groups by keys of the lower one and either adds up its `count(*)`, or
 * takes extremes of its keys: the lower one is not needed then, nor is its state. [RemoveRedundantAggregates.scala]
 */
export function mergedAggregate(upper: PlanOf<"aggregate">): Plan | undefined {
  const { lower, nameBelow } = aggregateBelow(upper.input);
  if (lower === undefined || lower.keys.length === 0) return undefined;
  const keys = upper.keys.flatMap((key) => {
    const below = lower.keys.find((one) => one.as.toLowerCase() === nameBelow(key.column));
    return key.kind !== "column" || below === undefined ? [] : [{ ...below, as: key.as }];
  });
  if (keys.length < upper.keys.length || upper.aggregates.length === 0) return undefined;
  const aggregates = upper.aggregates.flatMap((one): PlanOf<"aggregate">["aggregates"] => {
    const name = one.column === undefined ? undefined : nameBelow(one.column);
    const counted = lower.aggregates.find((other) => other.as.toLowerCase() === name);
    if (one.function === "sum" && counted?.function === "count" && counted.column === undefined)
      return [{ function: "count", as: one.as }];
    const key = lower.keys.find((other) => other.as.toLowerCase() === name);
    const isExtreme = one.function === "min" || one.function === "max";
    return isExtreme && key?.kind === "column" ? [{ ...one, column: key.column }] : [];
  });
  const isOneKind = new Set(aggregates.map((one) => one.function === "count")).size === 1;
  if (aggregates.length < upper.aggregates.length || !isOneKind) return undefined;
  return { ...lower, keys, aggregates };
}

/** The aggregation right below, renamed at most, and what a name is called there. */
function aggregateBelow(plan: Plan): {
  readonly lower?: PlanOf<"aggregate">;
  readonly nameBelow: (name: string) => string | undefined;
} {
  if (plan.kind === "aggregate") return { lower: plan, nameBelow: (name) => name.toLowerCase() };
  if (plan.kind !== "project") return { nameBelow: () => undefined };
  const { lower, nameBelow } = aggregateBelow(plan.input);
  return {
    ...(lower === undefined ? {} : { lower }),
    nameBelow: (name) => {
      const from = plan.columns.find((one) => one.as.toLowerCase() === name.toLowerCase())?.expression;
      return from?.kind === "column" ? nameBelow(from.name) : undefined;
    },
  };
}

/**
 * An outer join of which only the side that keeps its rows is used, by aggregates that do not mind rows twice, is
 * left out, with its state and its other side's watermark. [EliminateOuterJoin in joins.scala]
 */
export function withoutNeedlessJoin(plan: PlanOf<"aggregate">, input: Plan): Plan {
  const isSliding = plan.keys.some((key) => key.kind === "window" && key.slideUs !== key.sizeUs);
  const isAgnostic = plan.aggregates.every((one) => one.function === "min" || one.function === "max");
  if (isSliding || !isAgnostic) return input;
  const used = [
    ...plan.keys.map((key) => key.column),
    ...plan.aggregates.flatMap((one) => (one.column === undefined ? [] : [one.column])),
  ];
  return sideAlone(input, new Set(used.map((name) => baseOf(name)))) ?? input;
}

/** The node with the join below its projections replaced by the side that all used columns come from. */
function sideAlone(plan: Plan, used: ReadonlySet<string>): Plan | undefined {
  if (plan.kind === "join") {
    if (plan.type !== "left" && plan.type !== "right") return undefined;
    if (![...used].every((name) => name.startsWith(`${plan.type}.`))) return undefined;
    const side = plan[plan.type];
    return {
      kind: "project",
      input: side,
      columns: attributesOf(side).map(({ name }) => ({
        as: `${plan.type}.${name}`,
        expression: column(name),
      })),
    };
  }
  if (plan.kind !== "project") return undefined;
  const columns = plan.columns.filter((one) => used.has(one.as.toLowerCase()));
  const below = columns.flatMap((one) => [...referencesOf(one.expression)].map((name) => name.toLowerCase()));
  const input = sideAlone(plan.input, new Set(below));
  return input === undefined ? undefined : { ...plan, input, columns };
}
