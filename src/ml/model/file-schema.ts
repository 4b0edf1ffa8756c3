import { z } from "zod";
import type { TreeEnsemble } from "../trees/ensemble.ts";
import { unpackArray } from "./json.ts";

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
/** The models as a file holds them: without their features, which follow from the preparation. */
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
  z.object({
    kind: z.literal("kmeans"),
    k: z.number(),
    centres: f64,
    trainingCost: number,
    iterations: z.number(),
    isConverged: z.boolean(),
  }),
]);
const rfm = z.object({
  kind: z.literal("rfm"),
  columns: z.object({ customer: z.string(), date: z.string(), amount: z.string() }),
  referenceDay: z.number(),
});
export const headSchema = z.object({ format: z.literal("taller-model"), version: z.number() });
export const fileSchema = headSchema.extend({
  preparation: z.object({ schema: z.array(feature), steps: z.array(step) }),
  model,
  rfm: rfm.optional(),
  card: z.object({
    dataHash: z.string(),
    rows: z.number(),
    seed: z.number(),
    metrics: z.record(z.string(), number),
    library: z.string(),
  }),
});
