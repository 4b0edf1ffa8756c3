import { z } from "zod";
import { fileName, kebabId, seedSchema } from "./shared-schema.ts";

const viewName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be a plain SQL name: a-z, 0-9 and _")
  .describe("the view's name");

const datasetInput = z.strictObject({
  dataset: z.string().min(1).describe("a dataset's name (`taller data list`)"),
  rows: z.int().min(1).optional().describe("how many rows; default: the dataset's own"),
  seed: seedSchema.optional().describe("of generated data; default: the dataset's own"),
  variant: z.string().min(1).optional().describe("a variant that the dataset's card names"),
  as: z
    .enum(["rows", "lines"])
    .optional()
    .describe(
      "`rows` (default): every column of a CSV as text, and the rows that don't fit in `<name>_rejects`; `lines`: a CSV's lines as they are, in one column `text`",
    ),
});

const sqlInput = z.strictObject({
  sql: fileName.describe("a file of the module's `sql/`: one query over the inputs above it"),
});

const tableInput = z.strictObject({
  table: kebabId.describe(
    "a table of the workspace (`tables/`); when it is missing, its producer makes it first",
  ),
});

/** Front matter of `lesson.<lang>.md`. */
export const lessonSchema = z.strictObject({
  title: z.string().min(1).describe("the module's name in this language"),
  summary: z.string().min(1).describe("what the learner will be able to do, one sentence"),
  level: z.enum(["beginner", "intermediate", "advanced"]).describe("the same in both languages"),
  minutes: z.int().min(1).max(600).describe("how long the lesson takes; the same in both languages"),
  inputs: z
    .record(viewName, z.union([datasetInput, sqlInput, tableInput]))
    .default({})
    .describe(
      "the views that the lesson's blocks see, in order: rows of a dataset as they are in its file (every column of a CSV is text), a query over the inputs above, or a table that a pipeline left in the workspace; the same in both languages",
    ),
});

/** Front matter of `task.<lang>.md`. */
export const taskSchema = z.strictObject({
  title: z.string().min(1).describe("the exercise's name in this language"),
});
