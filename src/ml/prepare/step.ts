import type { Feature, Matrix } from "../data/matrix.ts";
import { fitImpute, type ImputeOptions, type ImputeState, transformImpute } from "./impute.ts";
import { fitOneHot, type OneHotState, transformOneHot } from "./one-hot.ts";
import { fitScale, type ScaleOptions, type ScaleState, transformScale } from "./scale.ts";

/** What a step is told to do, before it has seen any row. */
export type StepPlan =
  | ({ readonly kind: "impute" } & ImputeOptions)
  | ({ readonly kind: "scale" } & ScaleOptions)
  | { readonly kind: "one-hot" };

/** What a step has learned: plain JSON, so that a grader can see which rows it was fitted on (`fittedRows`). */
export type StepState = ImputeState | ScaleState | OneHotState;

/** Learns from these rows only. */
export function fitStep(plan: StepPlan, matrix: Matrix): StepState {
  switch (plan.kind) {
    case "impute":
      return fitImpute(matrix, plan);
    case "scale":
      return fitScale(matrix, plan);
    case "one-hot":
      return fitOneHot(matrix);
  }
}

/** Applies what was learned; the matrix that comes in is not changed. */
export function transformStep(state: StepState, matrix: Matrix): Matrix {
  switch (state.kind) {
    case "impute":
      return transformImpute(state, matrix);
    case "scale":
      return transformScale(state, matrix);
    case "one-hot":
      return transformOneHot(state, matrix);
  }
}

/** The names of the features that leave a step, from those that enter it. */
export function featuresAfter(state: StepState, features: readonly Feature[]): readonly Feature[] {
  const none: Matrix = { features, columns: features.map(() => new Float64Array(0)), rowCount: 0 };
  return transformStep(state, none).features;
}

/** The numeric columns' positions: those that a step may change. */
export function numericNames(features: readonly Feature[]): string[] {
  return features.filter((feature) => feature.kind === "number").map((feature) => feature.name);
}
