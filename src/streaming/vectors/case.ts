import { z } from "zod";

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = z.record(z.string(), z.union([value, z.object({ start: z.number(), end: z.number() })]));
const as = z.string();
const names = z.record(z.string(), z.string()).default({});
const aggregates = z.array(z.string()).default([]);
const keys = z.array(z.string()).default([]);
const equal = z.union([z.string(), z.array(z.string())]);

const comparison = z.object({
  column: z.string(),
  equals: value.optional(),
  notEquals: value.optional(),
  gt: value.optional(),
  lt: value.optional(),
});
export type Comparison = z.infer<typeof comparison>;

const operation = z.discriminatedUnion("op", [
  z.object({ op: z.literal("watermark"), input: z.string(), column: z.string(), delay: z.number(), as }),
  z.object({
    op: z.literal("window"),
    input: z.string(),
    column: z.string(),
    kind: z.enum(["tumbling", "sliding", "session"]),
    size: z.number().optional(),
    slide: z.number().optional(),
    startTime: z.number().optional(),
    gap: z.number().optional(),
    keys,
    aggregates,
    columns: z.array(z.string()).default([]),
    names,
    as,
  }),
  z.object({ op: z.literal("group"), input: z.string(), keys, aggregates, names, as }),
  z.object({
    op: z.literal("dropDuplicates"),
    input: z.string(),
    columns: z.array(z.string()).nullish(),
    withinWatermark: z.boolean().default(false),
    as,
  }),
  z.object({
    op: z.literal("filter"),
    input: z.string(),
    where: z.union([z.object({ and: z.array(comparison) }), comparison]),
    as,
  }),
  z.object({ op: z.literal("union"), inputs: z.array(z.string()), as }),
  z.object({
    op: z.literal("join"),
    left: z.string(),
    right: z.string(),
    type: z.enum(["inner", "left", "right", "full"]),
    equal,
    rightMinusLeft: z.tuple([z.number().nullable(), z.number().nullable()]).nullish(),
    columns: z.record(z.string(), z.string()),
    as,
  }),
  z.object({
    op: z.literal("joinStatic"),
    input: z.string(),
    table: z.string(),
    type: z.enum(["inner", "left", "right", "full"]),
    equal,
    adds: z.array(z.string()),
    as,
  }),
]);
export type Operation = z.infer<typeof operation>;

const trigger = z.enum(["idle", "backlog", "backlogAvailableNow", "once", "availableNow"]);
const mode = z.enum(["append", "update", "complete"]);
const policy = z.enum(["min", "max"]);

const stateCounts = z.object({
  rows: z.number(),
  updated: z.number(),
  removed: z.number(),
  droppedByWatermark: z.number(),
});

const batch = z.object({
  phase: z.number().optional(),
  batchId: z.number(),
  crashed: z.boolean().optional(),
  inputRows: z.number().nullable(),
  noData: z.boolean().nullable(),
  watermark: z.number().nullable(),
  rows: z.array(row).nullable(),
  state: z.array(stateCounts).nullable(),
});
/** What one executed batch did; a crashed one has no counters. */
export type VectorBatch = z.infer<typeof batch>;
export type VectorRow = z.infer<typeof row>;

const refused = z.object({ stage: z.enum(["build", "start", "run"]), condition: z.string() });
export type VectorRefusal = z.infer<typeof refused>;

const phase = z.object({
  trigger,
  feeds: z.array(z.number()),
  crash: z.object({ batch: z.number(), when: z.enum(["beforeSink", "afterSink"]) }).optional(),
  mode: mode.optional(),
  plan: z.array(operation).optional(),
  watermarkPolicy: policy.optional(),
  noDataBatches: z.boolean().optional(),
});
export type VectorPhase = z.infer<typeof phase>;

/** A case of tests/vectors: its README says what the fields mean. Times are seconds. */
export const vectorCase = z.object({
  name: z.string(),
  mode,
  trigger,
  sources: z.array(z.string()).default(["in"]),
  feeds: z.array(z.array(row)),
  static: z.record(z.string(), z.array(row)).default({}),
  watermarkPolicy: policy.default("min"),
  noDataBatches: z.boolean().default(true),
  plan: z.array(operation),
  phases: z.array(phase).optional(),
  stops: z.array(z.object({ phase: z.number(), condition: z.string() })).default([]),
  expect: z.union([z.array(batch), z.object({ refused })]),
  note: z.string().optional(),
});
export type VectorCase = z.infer<typeof vectorCase>;
