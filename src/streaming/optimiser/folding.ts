import { conjunction, conjuncts, type Expression } from "../expression.ts";
import { inputsOf, type Plan, withInputs } from "../plan.ts";

/** What no row passes. */
export const FALSE: Expression = { kind: "literal", value: false, type: { kind: "boolean" } };

/**
 * True when `column = constant` is among the conditions with another that the constant fails, or one compares with
 * null. Spark then knows of no condition on the column. [ConstantPropagation in expressions.scala]
 */
export function isContradiction(parts: readonly Expression[]): boolean {
  const known = new Map<string, number | string | boolean>();
  const comparisons = parts.flatMap((part) => {
    const plain = part.kind === "with-data" ? part.input : part;
    return plain.kind === "compare" && plain.left.kind === "column" && plain.right.kind === "literal"
      ? [{ operator: plain.operator, name: plain.left.name.toLowerCase(), value: plain.right.value }]
      : [];
  });
  for (const { operator, name, value } of comparisons) {
    if (value === null) return true;
    if (operator === "=" && !known.has(name)) known.set(name, value);
  }
  return comparisons.some(({ operator, name, value }) => {
    const constant = known.get(name);
    if (constant === undefined || value === null || typeof constant !== typeof value) return false;
    switch (operator) {
      case "=":
        return constant !== value;
      case "!=":
        return constant === value;
      case "<":
        return constant >= value;
      case "<=":
        return constant > value;
      case ">":
        return constant <= value;
      case ">=":
        return constant < value;
    }
    return false;
  });
}

/**
 * Marks the filters that stand right on a source. In a batch for which a source has nothing new Spark puts an empty
 * relation in its place and does away with such filters before it looks at what they imply for the other side of a
 * join. [runBatch in MicroBatchExecution.scala, ConvertToLocalRelation in Optimizer.scala]
 */
export function ofSources(plan: Plan): Plan {
  const inputs = inputsOf(plan).map(ofSources);
  const source = plan.kind === "filter" ? sourceBelow(plan.input) : undefined;
  if (plan.kind !== "filter" || source === undefined) return withInputs(plan, inputs);
  const marked = conjuncts(plan.where).map(
    (input): Expression => ({ kind: "with-data", sources: [source], input }),
  );
  return withInputs({ ...plan, where: conjunction(marked) ?? plan.where }, inputs);
}

function sourceBelow(plan: Plan): number | undefined {
  if (plan.kind === "source") return plan.source;
  return plan.kind === "filter" || plan.kind === "project" ? sourceBelow(plan.input) : undefined;
}

/** The conditions that are there in a batch with something new from these sources. */
export function present(where: Expression, hasData: (source: number) => boolean): Expression | undefined {
  return conjunction(
    conjuncts(where).filter((part) => part.kind !== "with-data" || part.sources.every(hasData)),
  );
}
