import { conjunction, conjuncts, type Expression, referencesOf, substitute } from "../expression.ts";
import { attributesOf, type Plan } from "../plan.ts";
import { column } from "./column-names.ts";

/** What is known to hold of each row of a node's result. */
export function constraintsOf(plan: Plan): Expression[] {
  switch (plan.kind) {
    case "filter":
      return [...conjuncts(plan.where), ...constraintsOf(plan.input)];
    case "watermark":
    case "deduplicate":
    case "distinct":
    case "sort":
    case "limit":
    case "join-static":
      return constraintsOf(plan.input);
    case "union": {
      const names = attributesOf(plan).map((one) => one.name);
      const sides = plan.inputs.map((input) => {
        const parts = constraintsOf(input);
        return attributesOf(input).flatMap((one, i) =>
          renamedConstraints(parts, one.name, names[i] ?? one.name),
        );
      });
      return sides.length === 0 ? [] : sides.reduce(merged);
    }
    case "project":
      return constraintsOf(plan.input).flatMap((part) =>
        plan.columns.flatMap(({ as, expression }) =>
          expression.kind === "column" ? renamedConstraints([part], expression.name, as) : [],
        ),
      );
    case "aggregate":
      return constraintsOf(plan.input).flatMap((part) =>
        plan.keys.flatMap((key) =>
          key.kind === "column" ? renamedConstraints([part], key.column, key.as) : [],
        ),
      );
    default:
      return [];
  }
}

/**
 * What holds of the rows of either side: what both say, and of a column that both say something else of, the one or
 * the other. [UnionBase.merge in basicLogicalOperators.scala]
 */
function merged(a: readonly Expression[], b: readonly Expression[]): Expression[] {
  const plainOf = (part: Expression): Expression => (part.kind === "with-data" ? part.input : part);
  const same = (left: Expression, right: Expression): boolean =>
    JSON.stringify(plainOf(left)) === JSON.stringify(plainOf(right));
  const common = a.flatMap((left) => {
    const right = b.find((part) => same(left, part));
    return right === undefined ? [] : [withDataOf([left, right], plainOf(left))];
  });
  const others = (parts: readonly Expression[]): Map<string, Expression[]> => {
    const byColumn = new Map<string, Expression[]>();
    for (const part of parts) {
      if (common.some((one) => same(one, part))) continue;
      const [name] = [...referencesOf(part)].map((one) => one.toLowerCase());
      if (name !== undefined) byColumn.set(name, [...(byColumn.get(name) ?? []), part]);
    }
    return byColumn;
  };
  const fromB = others(b);
  const either = [...others(a)].flatMap(([name, parts]) => {
    const there = fromB.get(name);
    const left = conjunction(parts.map(plainOf));
    const right = conjunction((there ?? []).map(plainOf));
    if (there === undefined || left === undefined || right === undefined) return [];
    return [withDataOf([...parts, ...there], { kind: "or", left, right })];
  });
  return [...common, ...either];
}

/** The condition, in batches in which each of these parts is there. */
function withDataOf(parts: readonly Expression[], input: Expression): Expression {
  const sources = parts.flatMap((part) => (part.kind === "with-data" ? part.sources : []));
  return sources.length === 0 ? input : { kind: "with-data", sources: [...new Set(sources)], input };
}

/** The conditions that read one column only, on the column of another name. */
export function renamedConstraints(parts: readonly Expression[], from: string, to: string): Expression[] {
  return parts
    .filter((part) => {
      const names = [...referencesOf(part)];
      return names.length > 0 && names.every((name) => name.toLowerCase() === from.toLowerCase());
    })
    .map((part) => substitute(part, () => column(to)));
}

/** The conditions that are not among those present, each once. */
export function missing(parts: readonly Expression[], present: readonly Expression[]): Expression[] {
  const seen = new Set(present.map((part) => JSON.stringify(part)));
  return parts.filter((part) => {
    const text = JSON.stringify(part);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
