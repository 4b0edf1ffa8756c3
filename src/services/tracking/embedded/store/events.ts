import { z } from "zod";
import {
  datasetInputSchema,
  experimentSchema,
  loggedModelSchema,
  modelMetricSchema,
  modelOutputSchema,
  modelVersionSchema,
  registeredModelSchema,
  runInfoSchema,
} from "./entities.ts";

/**
 * One line of the catalogue's log. An entity's own event holds it whole and replaces what was there; what only grows
 * (a run's params and tags, a model's metrics) is added, so that a run of many params is not written anew for each.
 */
export const eventSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("experiment"), experiment: experimentSchema }),
  z.object({ kind: z.literal("run"), info: runInfoSchema }),
  z.object({
    kind: z.literal("run-data"),
    run_id: z.string(),
    params: z.array(z.tuple([z.string(), z.string()])).optional(),
    tags: z.array(z.tuple([z.string(), z.string()])).optional(),
    untag: z.string().optional(),
  }),
  z.object({
    kind: z.literal("run-links"),
    run_id: z.string(),
    datasets: z.array(datasetInputSchema).optional(),
    model_inputs: z.array(z.string()).optional(),
    model_outputs: z.array(modelOutputSchema).optional(),
  }),
  z.object({ kind: z.literal("model"), model: registeredModelSchema }),
  z.object({ kind: z.literal("model-renamed"), name: z.string(), new_name: z.string() }),
  z.object({ kind: z.literal("model-deleted"), name: z.string() }),
  z.object({ kind: z.literal("version"), version: modelVersionSchema }),
  z.object({ kind: z.literal("version-deleted"), name: z.string(), version: z.number() }),
  z.object({ kind: z.literal("logged-model"), model: loggedModelSchema }),
  z.object({
    kind: z.literal("logged-model-metrics"),
    model_id: z.string(),
    metrics: z.array(modelMetricSchema),
  }),
]);

export type CatalogueEvent = z.output<typeof eventSchema>;
