import { z } from "zod";
import { SERVICES } from "../../services/set/service.ts";
import type { Pipeline, PipelineStep } from "../pipeline.ts";
import { kebabId, textSchema } from "./shared-schema.ts";

const functionOf = <F>(what: string) =>
  z.custom<F>((value) => typeof value === "function", "must be a function").describe(what);

const tableName = z
  .string()
  .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/, "must be a table's name: a-z, 0-9, - and _");

/** The default export of `pipelines/<id>.ts`. */
export const pipelineSchema: z.ZodType<Pipeline> = z.strictObject({
  id: kebabId.describe("the file's name; unique over the course"),
  title: textSchema.describe("the pipeline's name"),
  options: z
    .custom<z.ZodObject>(
      (value) => value instanceof z.ZodObject,
      'must be a `z.object` of zod 4 (import { z } from "zod")',
    )
    .describe("a `z.object`; each key becomes a kebab-case flag with its description"),
  reads: z.array(tableName).describe("tables that it reads; a missing one is made first, by its producer"),
  writes: z.array(tableName).describe("tables that it makes in the workspace's `tables/`"),
  services: z.array(z.enum(SERVICES)).describe("services that it uses"),
  start: functionOf<Pipeline["start"]>("makes what the steps share, once per run"),
  steps: z
    .array(
      z.strictObject({
        id: kebabId.describe("named by `run pipeline=… step=…`"),
        title: textSchema.describe("what the step does"),
        run: functionOf<PipelineStep<Record<string, unknown>, unknown>["run"]>("does it"),
      }),
    )
    .min(1)
    .describe("in the order in which they run"),
  report: functionOf<Pipeline["report"]>("the result for `--json`"),
  render: functionOf<NonNullable<Pipeline["render"]>>("emits the report for people").optional(),
});
