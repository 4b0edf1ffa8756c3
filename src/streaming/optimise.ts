import { fieldsOfAttributes } from "./attribute.ts";
import {
  type CompareOperator,
  conjunction,
  conjuncts,
  type Expression,
  referencesOf,
  rejectsNulls,
  substitute,
} from "./expression.ts";
import { baseOf, column, notNull, notNullOf, partOf } from "./optimiser/column-names.ts";
import { constraintsOf, missing, renamedConstraints } from "./optimiser/constraints.ts";
import { FALSE, isContradiction, ofSources } from "./optimiser/folding.ts";
import { mergedAggregate, withoutNeedlessJoin } from "./optimiser/merge-aggregates.ts";
import { pruneColumns } from "./optimiser/prune-columns.ts";
import { attributesOf, inputsOf, nodesOf, type Plan, type PlanOf, withInputs } from "./plan.ts";

/**
 * Moves filters to where Spark's optimiser moves them: below `withWatermark` where they do not touch the event
 * time, below grouping where they touch keys only, to the sides of unions and joins; a join adds what it implies
 * (keys and times that can't be null, a filter on a key for the other side), and columns that nothing reads are left out. It matters: a row that is filtered
 * out below a watermark does not advance it. Rule 19. [PushPredicateThroughNonJoin, PushPredicateThroughJoin,
 * InferFiltersFromConstraints, EliminateOuterJoin in Optimizer.scala]
 */
export function optimise(plan: Plan): Plan {
  return pruneColumns(push(ofSources(plan), []));
}

/** The node with these conditions on its result, each as deep as it goes. */
function push(plan: Plan, parts: readonly Expression[]): Plan {
  switch (plan.kind) {
    case "filter":
      return push(plan.input, [...conjuncts(plan.where), ...parts]);
    case "watermark": {
      const [above, below] = partition(parts, (part) => reads(part, plan.column));
      return filtered({ ...plan, input: push(plan.input, below) }, above);
    }
    case "project": {
      const byName = new Map(plan.columns.map((column) => [column.as.toLowerCase(), column.expression]));
      return {
        ...plan,
        input: push(
          plan.input,
          parts.map((part) => substitute(part, throughProject(byName))),
        ),
      };
    }
    case "aggregate":
      return pushThroughAggregate(plan, parts);
    case "distinct":
    case "sort":
      return { ...plan, input: push(plan.input, parts) };
    case "union": {
      const names = attributesOf(plan).map((attribute) => attribute.name.toLowerCase());
      return {
        ...plan,
        inputs: plan.inputs.map((input) => {
          const own = attributesOf(input);
          return push(
            input,
            parts.map((part) =>
              substitute(part, (name) => {
                const there = own[names.indexOf(baseOf(name))];
                return there === undefined ? undefined : column(there.name + partOf(name));
              }),
            ),
          );
        }),
      };
    }
    case "join":
      return pushThroughJoin(plan, parts);
    case "join-static":
      return pushThroughStaticJoin(plan, parts);
    default:
      return filtered(
        withInputs(
          plan,
          inputsOf(plan).map((input) => push(input, [])),
        ),
        parts,
      );
  }
}

function pushThroughAggregate(plan: PlanOf<"aggregate">, parts: readonly Expression[]): Plan {
  const above: Expression[] = [];
  const below: Expression[] = [];
  const windows: Expression[] = [];
  // A window implies that its time is not null, which can make an outer join below an inner one. Where the slide does
  // not divide the size Spark tests the time against the window instead, which stays above.
  if (nodesOf(plan.input).some((node) => node.kind === "join" || node.kind === "join-static")) {
    const timed = plan.keys.filter(
      (key) => key.kind === "session" || (key.kind === "window" && key.sizeUs % key.slideUs === 0),
    );
    below.push(...timed.map((key) => notNullOf(throughTime(plan, key.column))));
  }
  for (const part of parts) {
    const names = [...referencesOf(part)].map(baseOf);
    const keys = plan.keys.filter((key) => names.includes(key.as.toLowerCase()));
    const isOnKeys =
      plan.keys.length > 0 && names.every((name) => keys.some((key) => key.as.toLowerCase() === name));
    // A filter on a session's edges is moved too, onto the row's own [ts, ts + gap), though it means another thing
    // there: Spark does so.
    const isOnRow = keys.every((key) => key.kind !== "window" || key.slideUs === key.sizeUs);
    if (!isOnKeys) above.push(part);
    else if (isOnRow) below.push(substitute(part, (name) => throughGrouping(plan, name)));
    else if (keys.length === 1 && keys[0]?.kind === "window") windows.push(part);
    else above.push(part);
  }
  const before = plan.windowFilter === undefined ? [] : [plan.windowFilter];
  const input = push(plan.input, below);
  const pushed: PlanOf<"aggregate"> = {
    ...plan,
    input: withoutNeedlessJoin(plan, input),
    windowFilter: conjunction([...before, ...windows]),
  };
  return filtered(mergedAggregate(pushed) ?? pushed, above);
}

/** What a key of the result is over the input: the column, or the window of the row's time. */
function throughGrouping(plan: PlanOf<"aggregate">, name: string): Expression | undefined {
  const key = plan.keys.find((one) => one.as.toLowerCase() === baseOf(name));
  if (key === undefined) return undefined;
  if (key.kind === "column") return column(key.column + partOf(name));
  const input = throughTime(plan, key.column);
  const isEnd = partOf(name).toLowerCase() === ".end";
  if (key.kind === "session") {
    if (!isEnd) return input;
    const right: Expression = { kind: "literal", value: key.gapUs, type: { kind: "int64" } };
    return { kind: "arithmetic", operator: "+", left: input, right };
  }
  return {
    kind: "tumble",
    part: isEnd ? "end" : "start",
    input,
    sizeUs: key.sizeUs,
    startUs: key.startUs,
  };
}

/** The time that a column is put into windows by. */
function throughTime(plan: PlanOf<"aggregate">, name: string): Expression {
  const time = attributesOf(plan.input).find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (time?.type.kind !== "window") return column(name);
  const right: Expression = { kind: "literal", value: 1, type: { kind: "int64" } };
  return { kind: "arithmetic", operator: "-", left: column(`${name}.end`), right };
}

function pushThroughJoin(plan: PlanOf<"join">, parts: readonly Expression[]): Plan {
  const type = withoutOuterSides(plan, parts);
  const above: Expression[] = [];
  const toLeft: Expression[] = [];
  const toRight: Expression[] = [];
  for (const part of parts) {
    const names = [...referencesOf(part)];
    const isLeft = names.every((name) => name.startsWith("left."));
    const isRight = names.every((name) => name.startsWith("right."));
    if (isLeft && (type === "inner" || type === "left")) toLeft.push(withoutSide(part));
    else if (isRight && (type === "inner" || type === "right")) toRight.push(withoutSide(part));
    else above.push(part);
  }
  let left = push(plan.left, toLeft);
  let right = push(plan.right, toRight);
  const fromLeft = constraintsOf(left);
  const fromRight = constraintsOf(right);
  if (type === "inner" || type === "left") {
    const implied = plan.on.flatMap((on) => renamedConstraints(fromLeft, on.left, on.right));
    const others = [...notNulls(plan, "right"), ...boundOfEquals(plan, "right")];
    right = push(right, missing([...implied, ...others], fromRight));
  }
  if (type === "inner" || type === "right") {
    const implied = plan.on.flatMap((on) => renamedConstraints(fromRight, on.right, on.left));
    const others = [...notNulls(plan, "left"), ...boundOfEquals(plan, "left")];
    left = push(left, missing([...implied, ...others], fromLeft));
  }
  return filtered({ ...plan, type, left, right }, above);
}

/** A filter that no null passes makes the side that may be empty a side that must match. */
function withoutOuterSides(plan: PlanOf<"join">, parts: readonly Expression[]): PlanOf<"join">["type"] {
  const namesOf = (side: "left" | "right"): Set<string> =>
    new Set(
      fieldsOfAttributes(attributesOf(plan[side])).flatMap(({ name }) => [
        `${side}.${name}`,
        `${side}.${baseOf(name)}`,
      ]),
    );
  const isLeftThere = parts.some((part) => rejectsNulls(part, namesOf("left")));
  const isRightThere = parts.some((part) => rejectsNulls(part, namesOf("right")));
  switch (plan.type) {
    case "left":
      return isRightThere ? "inner" : "left";
    case "right":
      return isLeftThere ? "inner" : "right";
    case "full":
      if (isLeftThere && isRightThere) return "inner";
      return isLeftThere ? "left" : isRightThere ? "right" : "full";
    default:
      return "inner";
  }
}

function pushThroughStaticJoin(plan: PlanOf<"join-static">, parts: readonly Expression[]): Plan {
  const adds = new Set(plan.adds);
  const type = parts.some((part) => rejectsNulls(part, adds)) ? "inner" : plan.type;
  const [above, below] = partition(parts, (part) => [...referencesOf(part)].some((name) => adds.has(name)));
  const input = push(plan.input, below);
  const implied = type === "inner" ? plan.on.map((on) => notNull(on.left)) : [];
  return filtered({ ...plan, type, input: push(input, missing(implied, constraintsOf(input))) }, above);
}

/** The columns of a side that a match needs: keys and the times of the bound. */
function notNulls(plan: PlanOf<"join">, side: "left" | "right"): Expression[] {
  const times = plan.within === undefined ? [] : [plan.within[side]];
  const attributes = attributesOf(plan[side]);
  return [...plan.on.map((on) => on[side]), ...times].map((name) => {
    const isWindow = attributes.some(
      (one) => one.name.toLowerCase() === name.toLowerCase() && one.type.kind === "window",
    );
    return notNull(isWindow ? `${name}.start` : name);
  });
}

/** Where both times are a key too, the bound says something of each side alone. */
function boundOfEquals(plan: PlanOf<"join">, side: "left" | "right"): Expression[] {
  const { within } = plan;
  if (within === undefined) return [];
  const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  if (!plan.on.some((on) => isSame(on.left, within.left) && isSame(on.right, within.right))) return [];
  const time = column(within[side]);
  const shifted = (us: number): Expression => ({
    kind: "arithmetic",
    operator: "+",
    left: time,
    right: { kind: "literal", value: us, type: { kind: "int64" } },
  });
  return [
    ...(within.minUs === undefined ? [] : [compared(time, ">=", shifted(within.minUs))]),
    ...(within.maxUs === undefined ? [] : [compared(time, "<=", shifted(within.maxUs))]),
  ];
}

function compared(left: Expression, operator: CompareOperator, right: Expression): Expression {
  return { kind: "compare", operator, left, right };
}

function throughProject(byName: ReadonlyMap<string, Expression>): (name: string) => Expression | undefined {
  return (name) => {
    const whole = byName.get(name.toLowerCase());
    if (whole !== undefined) return whole;
    const base = byName.get(baseOf(name));
    return base?.kind === "column" ? column(base.name + partOf(name)) : undefined;
  };
}

function filtered(plan: Plan, parts: readonly Expression[]): Plan {
  if (isContradiction(parts)) {
    const where = FALSE;
    // It reads no event time, so it goes below the watermark.
    if (plan.kind !== "watermark") return { kind: "filter", input: plan, where };
    return { ...plan, input: { kind: "filter", input: plan.input, where } };
  }
  const where = conjunction(parts);
  return where === undefined ? plan : { kind: "filter", input: plan, where };
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function reads(part: Expression, name: string): boolean {
  return [...referencesOf(part)].some(
    (one) => one.toLowerCase() === name.toLowerCase() || baseOf(one) === name.toLowerCase(),
  );
}

function withoutSide(part: Expression): Expression {
  return substitute(part, (name) => column(name.replace(/^(left|right)\./, "")));
}
