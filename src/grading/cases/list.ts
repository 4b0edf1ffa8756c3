import type { EdgeSpec, Exercise } from "../exercise.ts";

/** One set of data on which a submission is judged. */
export type GradingCase =
  | { readonly id: "visible"; readonly kind: "visible" }
  | {
      readonly id: string;
      readonly kind: "hidden";
      readonly seed: number;
      readonly rows: number | undefined;
    }
  | { readonly id: string; readonly kind: "edge"; readonly edge: Exclude<EdgeSpec, string> | Plain };

type Plain =
  | { readonly edge: "empty" | "one-row" }
  | { readonly edge: "all-null"; readonly keep: readonly [] };

/** The seed of the visible data of inputs that the exercise generates itself. */
export const VISIBLE_SEED = 7;

/** The cases in the order in which they are judged: `visible`, then `seed-<n>`, then `edge-<id>`. */
export function listCases(spec: Exercise): GradingCase[] {
  return [
    { id: "visible", kind: "visible" },
    ...(spec.hidden ?? []).map(
      ({ seed, rows }): GradingCase => ({ id: `seed-${seed}`, kind: "hidden", seed, rows }),
    ),
    ...(spec.edges ?? []).map(edgeCase),
  ];
}

function edgeCase(edge: EdgeSpec): GradingCase {
  if (edge === "all-null") return { id: "edge-all-null", kind: "edge", edge: { edge, keep: [] } };
  if (typeof edge === "string") return { id: `edge-${edge}`, kind: "edge", edge: { edge } };
  if (edge.edge === "all-null") return { id: "edge-all-null", kind: "edge", edge };
  return { id: `edge-${edge.id}`, kind: "edge", edge };
}

/** True when a check that says `on` judges this case; `hidden` is all that the learner does not see. */
export function isJudgedOn(on: "visible" | "hidden" | "all" | undefined, { kind }: GradingCase): boolean {
  if (on === "visible") return kind === "visible";
  if (on === "hidden") return kind !== "visible";
  return true;
}
