import { z } from "zod";
import { RUN_STATUSES } from "../../schema.ts";

/** What the catalogue keeps, in memory and in its log: MLflow's entities under MLflow's names. */
const stage = z.enum(["active", "deleted"]);
const pairs = z.array(z.object({ key: z.string(), value: z.string() }));

export const experimentSchema = z.object({
  experiment_id: z.string(),
  name: z.string(),
  artifact_location: z.string(),
  lifecycle_stage: stage,
  creation_time: z.number(),
  last_update_time: z.number(),
  tags: pairs,
});

export const runInfoSchema = z.object({
  run_id: z.string(),
  experiment_id: z.string(),
  run_name: z.string(),
  user_id: z.string(),
  status: z.enum(RUN_STATUSES),
  start_time: z.number(),
  end_time: z.number().nullable(),
  artifact_uri: z.string(),
  lifecycle_stage: stage,
});

export const datasetInputSchema = z.object({
  tags: pairs,
  dataset: z.object({
    name: z.string(),
    digest: z.string(),
    source_type: z.string(),
    source: z.string(),
    schema: z.string().optional(),
    profile: z.string().optional(),
  }),
});

export const modelOutputSchema = z.object({ model_id: z.string(), step: z.number() });

export const registeredModelSchema = z.object({
  name: z.string(),
  creation_timestamp: z.number(),
  last_updated_timestamp: z.number(),
  description: z.string(),
  tags: pairs,
  aliases: z.array(z.object({ alias: z.string(), version: z.number() })),
  /** The highest number that was ever given: a deleted version's is not given again. */
  last_version: z.number(),
});

export const modelVersionSchema = z.object({
  name: z.string(),
  version: z.number(),
  creation_timestamp: z.number(),
  last_updated_timestamp: z.number(),
  current_stage: z.string(),
  description: z.string(),
  source: z.string(),
  /** Where `source` led when the version was made: what a download gets. */
  storage_location: z.string(),
  run_id: z.string(),
  run_link: z.string(),
  model_id: z.string(),
  tags: pairs,
});

export const LOGGED_MODEL_STATUSES = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;

export const loggedModelSchema = z.object({
  model_id: z.string(),
  experiment_id: z.string(),
  name: z.string(),
  creation_timestamp_ms: z.number(),
  last_updated_timestamp_ms: z.number(),
  artifact_uri: z.string(),
  status: z.enum(LOGGED_MODEL_STATUSES),
  model_type: z.string(),
  source_run_id: z.string(),
  lifecycle_stage: stage,
  tags: pairs,
  params: pairs,
});

/** A metric of a logged model: the last point by key, run and data set. NaN is null: JSON has none. */
export const modelMetricSchema = z.object({
  key: z.string(),
  value: z.number().nullable(),
  timestamp: z.number(),
  step: z.number(),
  run_id: z.string(),
  dataset_name: z.string(),
  dataset_digest: z.string(),
});

export type StoredExperiment = z.output<typeof experimentSchema>;
export type StoredRunInfo = z.output<typeof runInfoSchema>;
export type DatasetInput = z.output<typeof datasetInputSchema>;
export type ModelOutput = z.output<typeof modelOutputSchema>;
export type StoredModel = z.output<typeof registeredModelSchema>;
export type StoredVersion = z.output<typeof modelVersionSchema>;
export type StoredLoggedModel = z.output<typeof loggedModelSchema>;
export type ModelMetric = z.output<typeof modelMetricSchema>;
