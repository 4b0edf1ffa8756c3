import { z } from "zod";
import type { Table } from "../../core/table.ts";
import type { Feature, Matrix } from "../data/matrix.ts";
import { mlError } from "../ml-error.ts";
import { type Preparation, prepare } from "../prepare/pipeline.ts";
import { featuresAfter } from "../prepare/step.ts";
import type { TreeEnsemble } from "../trees/ensemble.ts";
import { packArray, packNumber, unpackArray } from "./json.ts";
import { type Classifier, scoreMatrix } from "./model.ts";

/** The version of the form below; a reader refuses a newer one. */
export const MODEL_FILE_VERSION = 1;

/** Where a model comes from. */
export interface TrainingCard {
  /** A hash of the training data, in the caller's form. */
  readonly dataHash: string;
  readonly rows: number;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly library: string;
}

/** A model with its preparation: all that a table needs to be scored. */
export interface ScoringPipeline {
  readonly preparation: Preparation;
  readonly model: Classifier;
  readonly card: TrainingCard;
}

/** The probabilities of a table's rows, or of one chunk of it. */
export function scoreTable(
  pipeline: Pick<ScoringPipeline, "preparation" | "model">,
  table: Table,
): Float64Array {
  const matrix: Matrix = prepare(pipeline.preparation, table);
  return scoreMatrix(pipeline.model, matrix);
}

/** The model file's text: JSON that reads back to the same bits. */
export function writeModelFile(pipeline: ScoringPipeline): string {
  const { preparation, card } = pipeline;
  const { features: _, ...model } = pipeline.model;
  const packed = JSON.stringify(
    { format: "taller-model", version: MODEL_FILE_VERSION, preparation, model, card },
    (_key, value: unknown) => {
      if (value instanceof Float64Array || value instanceof Int32Array || value instanceof Uint8Array) {
        return packArray(value);
      }
      return typeof value === "number" ? packNumber(value) : value;
    },
  );
  return `${packed}\n`;
}

/** Reads a model file. Throws `model-file` naming what is wrong: not JSON, another format or version, a damaged part. */
export function readModelFile(text: string): ScoringPipeline {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw damaged("it is not JSON", "no es JSON", cause);
  }
  const head = headSchema.safeParse(raw);
  if (!head.success) throw damaged("it is not a taller model", "no es un modelo de taller");
  if (head.data.version > MODEL_FILE_VERSION) {
    const v = head.data.version;
    throw damaged(`its version is ${v}; this one reads up to ${MODEL_FILE_VERSION}`, `es de la versión ${v}`);
  }
  const file = fileSchema.safeParse(raw);
  if (!file.success) {
    const where = file.error.issues[0]?.path.join(".") ?? "";
    throw damaged(`the part ${where} is damaged`, `la parte ${where} está dañada`, file.error);
  }
  const { preparation, card, model } = file.data;
  const features = preparation.steps.reduce<readonly Feature[]>(
    (before, step) => featuresAfter(step, before),
    preparation.schema,
  );
  const complete: Classifier = { ...model, features };
  checkModel(complete);
  return { preparation, card, model: complete };
}

const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity", "-0"])]).transform(Number);
const array = z.unknown().transform((value, context) => {
  const read = unpackArray(value);
  if (read !== undefined) return read;
  context.addIssue("not a packed array");
  return z.NEVER;
});
const f64 = array.refine((value) => value instanceof Float64Array);
const i32 = array.refine((value) => value instanceof Int32Array);
const u8 = array.refine((value) => value instanceof Uint8Array);
const treesSchema: z.ZodType<TreeEnsemble> = z.object({
  roots: i32,
  feature: i32,
  threshold: f64,
  left: i32,
  right: i32,
  missingLeft: u8,
  unseenLeft: u8,
  value: f64,
  gain: f64,
  rows: f64,
  sets: u8,
  // JSON has no undefined: a number's place holds null.
  binOfCode: z.array(z.union([z.null().transform(() => undefined), u8])),
});
const feature = z.object({
  name: z.string(),
  kind: z.enum(["number", "category"]),
  unit: z.string().optional(),
  dictionary: z.array(z.string()).optional(),
});
const moments = z.object({ mean: number, deviation: number });
const step = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("impute"), fittedRows: z.number(), fill: z.record(z.string(), number) }),
  z.object({
    kind: z.literal("scale"),
    fittedRows: z.number(),
    withMean: z.boolean(),
    columns: z.record(z.string(), moments),
  }),
  z.object({
    kind: z.literal("one-hot"),
    fittedRows: z.number(),
    columns: z.array(
      z.object({ name: z.string(), dictionary: z.array(z.string()), hasMissing: z.boolean() }),
    ),
  }),
]);
const model = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("boosting"),
    base: number,
    trees: treesSchema,
    validationLoss: z.array(number),
  }),
  z.object({ kind: z.literal("forest"), trees: treesSchema }),
  z.object({ kind: z.literal("tree"), trees: treesSchema }),
  z.object({
    kind: z.literal("logistic"),
    coefficients: f64,
    intercept: number,
    iterations: z.number(),
    isConverged: z.boolean(),
  }),
  z.object({ kind: z.literal("dummy"), probability: z.number() }),
]);
const headSchema = z.object({ format: z.literal("taller-model"), version: z.number() });
const fileSchema = headSchema.extend({
  preparation: z.object({ schema: z.array(feature), steps: z.array(step) }),
  model,
  card: z.object({
    dataHash: z.string(),
    rows: z.number(),
    seed: z.number(),
    metrics: z.record(z.string(), number),
    library: z.string(),
  }),
});

/** A tree whose child comes before it could loop for ever; one that points outside would give NaN. */
function checkModel(model: Classifier): void {
  if (model.kind === "logistic" && model.coefficients.length !== model.features.length) {
    throw damaged("it has not one coefficient a feature", "no tiene un coeficiente por columna");
  }
  if (!("trees" in model)) return;
  const { roots, feature: asked, left, right, threshold, value } = model.trees;
  const n = asked.length;
  const isWhole = [left, right, threshold, value].every((part) => part.length === n);
  const areRootsInside = roots.length > 0 && roots.every((root) => root >= 0 && root < n);
  const areNodesRight = asked.every((f, node) => {
    const isChild = (child: number | undefined): boolean => child !== undefined && child > node && child < n;
    return f === -1 || (f >= 0 && f < model.features.length && isChild(left[node]) && isChild(right[node]));
  });
  if (!isWhole || !areRootsInside || !areNodesRight)
    throw damaged("its trees are damaged", "sus árboles están dañados");
}

/** What differs between the columns that a model needs and those that a table has; empty when it can be scored. */
export function schemaDifferences(preparation: Preparation, table: Table): string[] {
  return preparation.schema.flatMap((expected) => {
    const field = table.fields.find((one) => one.name.toLowerCase() === expected.name.toLowerCase());
    if (field === undefined) return [`${expected.name} is missing`];
    const kind = field.type.kind === "string" ? "category" : "number";
    const differences: string[] = [];
    if (kind !== expected.kind)
      differences.push(`${expected.name} is ${field.type.kind}; the model has a ${expected.kind}`);
    if (expected.unit !== undefined && field.unit !== undefined && field.unit !== expected.unit) {
      differences.push(`${expected.name} is in ${field.unit}; the model was fitted in ${expected.unit}`);
    }
    return differences;
  });
}

function damaged(en: string, es: string, cause?: unknown): Error {
  const error = mlError("model-file", {
    es: `No se puede leer el modelo: ${es}.`,
    en: `The model can't be read: ${en}.`,
  });
  if (cause !== undefined) error.cause = cause;
  return error;
}
