import { fieldIndex, type Table } from "../../core/table.ts";
import type { Text } from "../../core/text.ts";
import type { Feature, Matrix } from "../data/matrix.ts";
import { fitSchema, toMatrix } from "../data/schema.ts";
import { mlError } from "../ml-error.ts";
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

/**
 * Other rows, or a chunk of them, as the model expects them. Nothing is learned here. Throws `schema-differs`, naming
 * every column that is missing, of another kind or in another unit.
 */
export function prepare(preparation: Preparation, table: Table): Matrix {
  const differences = differencesOf(preparation, table);
  if (differences.length > 0) throw otherSchema(differences);
  return preparation.steps.reduce(
    (matrix, state) => transformStep(state, matrix),
    toMatrix(table, preparation.schema),
  );
}

/** What differs between the columns that a model needs and those that a table has; empty when it can be scored. */
export function schemaDifferences(preparation: Preparation, table: Table): string[] {
  return differencesOf(preparation, table).map((difference) => difference.en);
}

function differencesOf(preparation: Preparation, table: Table): Text[] {
  return preparation.schema.flatMap(({ name, kind, unit }): Text[] => {
    const index = fieldIndex(table, name);
    const field = index === undefined ? undefined : table.fields[index];
    if (field === undefined) return [{ es: `falta ${name}`, en: `${name} is missing` }];
    const type = field.type.kind;
    const differences: Text[] = [];
    if ((type === "string") !== (kind === "category")) {
      const expected = kind === "category" ? "una categoría" : "un número";
      differences.push({
        es: `${name} es ${type} y el modelo tiene ${expected}`,
        en: `${name} is ${type}; the model has a ${kind}`,
      });
    }
    if (unit !== undefined && field.unit !== undefined && field.unit !== unit) {
      differences.push({
        es: `${name} está en ${field.unit} y el modelo se entrenó en ${unit}`,
        en: `${name} is in ${field.unit}; the model was fitted in ${unit}`,
      });
    }
    return differences;
  });
}

function otherSchema(differences: readonly Text[]): Error {
  const list = (lang: "es" | "en"): string => differences.map((difference) => difference[lang]).join("; ");
  return mlError(
    "schema-differs",
    {
      es: `La tabla no es como la del entrenamiento: ${list("es")}.`,
      en: `The table is not like the one of the training: ${list("en")}.`,
    },
    [{ es: "Renombra o convierte esas columnas.", en: "Rename or convert these columns." }],
  );
}
