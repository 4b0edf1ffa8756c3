import { referencesOf } from "../expression.ts";
import { attributesOf, type Plan, type PlanOf, withInputs } from "../plan.ts";
import { baseOf, column } from "./column-names.ts";

/**
 * Leaves out, below joins and de-duplication, the columns that nothing above reads. It shows: without its event time
 * a side drops no late rows, and a join's state has other columns. [ColumnPruning in Optimizer.scala]
 */
export function pruneColumns(plan: Plan): Plan {
  return pruned(plan, namesOf(plan));
}

/** The node, of whose columns these (lower case) are read; it may give more. */
function pruned(plan: Plan, read: ReadonlySet<string>): Plan {
  switch (plan.kind) {
    case "source":
      return plan;
    case "watermark":
      return { ...plan, input: pruned(plan.input, new Set([...read, plan.column.toLowerCase()])) };
    case "filter":
      return { ...plan, input: pruned(plan.input, new Set([...read, ...basesOf(referencesOf(plan.where))])) };
    case "project": {
      const columns = plan.columns.filter((one) => read.has(one.as.toLowerCase()));
      const below = columns.flatMap((one) => [...basesOf(referencesOf(one.expression))]);
      return { ...plan, columns, input: pruned(plan.input, new Set(below)) };
    }
    case "aggregate": {
      const columns = [...plan.keys, ...plan.aggregates].flatMap((one) => one.column ?? []);
      return { ...plan, input: pruned(plan.input, basesOf(columns)) };
    }
    case "deduplicate": {
      if (plan.columns.length === 0) return withAll(plan);
      const times = plan.isWithinWatermark ? timesOf(plan.input) : [];
      const below = new Set([...read, ...basesOf([...plan.columns, ...times])]);
      return { ...plan, input: narrowed(plan.input, below) };
    }
    case "join":
      return prunedJoin(plan, read);
    case "join-static": {
      const keys = plan.on.map((on) => on.left);
      const added = new Set(plan.adds.map((name) => name.toLowerCase()));
      const below = [...read].filter((name) => !added.has(name));
      return { ...plan, input: pruned(plan.input, new Set([...below, ...basesOf(keys)])) };
    }
    case "union": {
      const places = attributesOf(plan).map((one) => read.has(one.name.toLowerCase()));
      return {
        ...plan,
        inputs: plan.inputs.map((input) => {
          const own = attributesOf(input).filter((_, i) => places[i]);
          return narrowed(input, basesOf(own.map((one) => one.name)));
        }),
      };
    }
    case "sort":
      return {
        ...plan,
        input: pruned(plan.input, new Set([...read, ...basesOf(plan.by.map((one) => one.column))])),
      };
    case "limit":
      return { ...plan, input: pruned(plan.input, read) };
    case "map":
    case "distinct":
      return withAll(plan);
  }
}

function prunedJoin(plan: PlanOf<"join">, read: ReadonlySet<string>): Plan {
  const sideOf = (side: "left" | "right"): Plan => {
    const above = [...read].flatMap((name) =>
      name.startsWith(`${side}.`) ? name.slice(side.length + 1) : [],
    );
    const times = plan.within === undefined ? [] : [plan.within[side]];
    return narrowed(plan[side], basesOf([...above, ...plan.on.map((on) => on[side]), ...times]));
  };
  return { ...plan, left: sideOf("left"), right: sideOf("right") };
}

/** The node with these columns and no others. */
function narrowed(plan: Plan, read: ReadonlySet<string>): Plan {
  const input = pruned(plan, read);
  const kept = attributesOf(plan).filter((one) => read.has(one.name.toLowerCase()));
  if (kept.length === attributesOf(input).length) return input;
  return {
    kind: "project",
    input,
    columns: kept.map(({ name }) => ({ as: name, expression: column(name) })),
  };
}

function withAll(plan: PlanOf<"map" | "distinct" | "deduplicate">): Plan {
  return withInputs(plan, [pruned(plan.input, namesOf(plan.input))]);
}

function namesOf(plan: Plan): Set<string> {
  return new Set(attributesOf(plan).map((one) => one.name.toLowerCase()));
}

function timesOf(plan: Plan): string[] {
  return attributesOf(plan).flatMap((one) => (one.delayMs === undefined ? [] : one.name));
}

/** Lower-case names, and the windows that they may be parts of (a side's column may be called `left.start`). */
function basesOf(names: Iterable<string>): Set<string> {
  return new Set([...names].flatMap((name) => [name.toLowerCase(), baseOf(name)]));
}
