import { conjuncts, type Expression, referencesOf, substitute } from "../expression.ts";
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
      const [first, ...others] = plan.inputs.map((input) => {
        const own = attributesOf(input);
        const parts = constraintsOf(input);
        return own.flatMap((one, i) => renamedConstraints(parts, one.name, names[i] ?? one.name));
      });
      const known = others.map((parts) => new Set(parts.map((part) => JSON.stringify(part))));
      return (first ?? []).filter((part) => known.every((texts) => texts.has(JSON.stringify(part))));
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
