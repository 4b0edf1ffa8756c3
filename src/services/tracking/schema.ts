import { z } from "zod";

/**
 * MLflow's REST entities, read from a server's JSON. Names and nesting are MLflow's own; what a server leaves out
 * (an empty list, a text that was never set) is filled in here, so that nobody asks for it twice.
 * Source: MLflow 3.17's protobuf messages `service` and `model_registry`, and its recorded answers.
 */
const text = z.string().default("");
/** int64: a number, or in protobuf's own JSON a string. */
const int64 = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
/** A double: JSON has no NaN and no infinities, protobuf writes them as strings. */
const double = z.union([
  z.number(),
  z.literal("NaN").transform(() => Number.NaN),
  z.literal("Infinity").transform(() => Number.POSITIVE_INFINITY),
  z.literal("-Infinity").transform(() => Number.NEGATIVE_INFINITY),
]);

const pairSchema = z.object({ key: z.string(), value: text });
const pairsSchema = z.array(pairSchema).default([]);

export const metricSchema = z.object({
  key: z.string(),
  value: double,
  /** Milliseconds since 1970. */
  timestamp: int64.default(0),
  step: int64.default(0),
});

export const experimentSchema = z.object({
  experiment_id: z.string(),
  name: z.string(),
  artifact_location: text,
  lifecycle_stage: z.enum(["active", "deleted"]),
  creation_time: int64.default(0),
  last_update_time: int64.default(0),
  tags: pairsSchema,
});

export const RUN_STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;

export const runInfoSchema = z.object({
  run_id: z.string(),
  run_name: text,
  experiment_id: z.string(),
  user_id: text,
  status: z.enum(RUN_STATUSES).default("RUNNING"),
  /** Milliseconds since 1970. */
  start_time: int64.default(0),
  /** Absent while the run goes on. */
  end_time: int64.optional(),
  artifact_uri: text,
  lifecycle_stage: z.enum(["active", "deleted"]),
});

const runDataSchema = z.object({
  /** The last value of each metric: the one with the highest step, then timestamp, then value. */
  metrics: z.array(metricSchema).default([]),
  params: pairsSchema,
  tags: pairsSchema,
});

export const runSchema = z.object({
  info: runInfoSchema,
  data: runDataSchema.default({ metrics: [], params: [], tags: [] }),
});

export const fileInfoSchema = z
  .object({
    path: z.string(),
    is_dir: z.boolean().default(false),
    /** Bytes; absent for a folder. */
    file_size: int64.optional(),
  })
  // A server leaves a size of 0 out.
  .transform((file) => (file.is_dir ? file : { ...file, file_size: file.file_size ?? 0 }));

export const modelVersionSchema = z.object({
  name: z.string(),
  version: z.string(),
  creation_timestamp: int64.default(0),
  last_updated_timestamp: int64.default(0),
  current_stage: text,
  description: text,
  source: text,
  run_id: text,
  status: text,
  tags: pairsSchema,
  aliases: z.array(z.string()).default([]),
});

export const registeredModelSchema = z.object({
  name: z.string(),
  creation_timestamp: int64.default(0),
  last_updated_timestamp: int64.default(0),
  description: text,
  latest_versions: z.array(modelVersionSchema).default([]),
  tags: pairsSchema,
  aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
});

export type Pair = z.output<typeof pairSchema>;
export type Metric = z.output<typeof metricSchema>;
export type Experiment = z.output<typeof experimentSchema>;
export type RunInfo = z.output<typeof runInfoSchema>;
export type Run = z.output<typeof runSchema>;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type FileInfo = z.output<typeof fileInfoSchema>;
export type ModelVersion = z.output<typeof modelVersionSchema>;
export type RegisteredModel = z.output<typeof registeredModelSchema>;
/** Which of the deleted ones a search sees; a server's default is ACTIVE_ONLY. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
