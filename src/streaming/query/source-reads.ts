import { inputsOf, type Plan } from "../plan.ts";

const known = new WeakMap<Plan, readonly number[]>();

/**
 * The sources that a batch reads, one entry a read. A source that stands twice in the plan is read twice, as in
 * Spark, unless both sides of a join are the same rows sent by the same keys: they are sent once.
 * [ReuseExchangeAndSubquery.scala]
 */
export function sourceReads(plan: Plan): readonly number[] {
  const before = known.get(plan);
  if (before !== undefined) return before;
  const reads = readsOf(plan);
  known.set(plan, reads);
  return reads;
}

function readsOf(plan: Plan): number[] {
  if (plan.kind === "source") return [plan.source];
  if (plan.kind === "join") {
    const { left, right, on } = plan;
    const isByTheSame = on.every((pair) => pair.left === pair.right);
    const isOnce = isByTheSame && JSON.stringify(left, identity) === JSON.stringify(right, identity);
    return [...readsOf(left), ...(isOnce ? [] : readsOf(right))];
  }
  return inputsOf(plan).flatMap(readsOf);
}

const numbers = new WeakMap<object, number>();
let counted = 0;

/** Tables and functions are told apart by which they are. */
function identity(name: string, value: unknown): unknown {
  if (name !== "table" && name !== "map") return value;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  const number = numbers.get(value) ?? counted++;
  numbers.set(value, number);
  return number;
}
