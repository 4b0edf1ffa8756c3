import type { Table } from "../../core/table.ts";
import type { Feature, Matrix } from "../data/matrix.ts";
import { fitSchema, toMatrix } from "../data/schema.ts";
import { fitStep, type StepPlan, type StepState, transformStep } from "./step.ts";

/** A fitted preparation: what it reads and what each step has learned. Plain JSON. */
export interface Preparation {
  readonly schema: readonly Feature[];
  readonly steps: readonly StepState[];
}

/**
 * Fits schema and steps as one on the training rows, each step on what the one before it gives; returns the state and
 * the training matrix, ready for a model.
 */
export function fitPreparation(
  train: Table,
  names: readonly string[],
  plans: readonly StepPlan[],
): { readonly preparation: Preparation; readonly matrix: Matrix } {
  const schema = fitSchema(train, names);
  let matrix = toMatrix(train, schema);
  const steps: StepState[] = [];
  for (const plan of plans) {
    const state = fitStep(plan, matrix);
    steps.push(state);
    matrix = transformStep(state, matrix);
  }
  return { preparation: { schema, steps }, matrix };
}

/** Other rows, or a chunk of them, as the model expects them. Nothing is learned here. */
export function prepare(preparation: Preparation, table: Table): Matrix {
  return preparation.steps.reduce(
    (matrix, state) => transformStep(state, matrix),
    toMatrix(table, preparation.schema),
  );
}
