import { z } from "zod";
import { fileName, kebabId } from "./shared-schema.ts";

const label = z
  .enum(["measured", "simulated", "documented"])
  .optional()
  .describe("where the numbers come from; default `measured` (this run)");
const lineNumber = z.coerce.number().int().min(1);

/** `run sql=…`. */
export const runSqlFence = z.strictObject({
  sql: fileName.describe("a file of the module's `sql/`; the rows of its last statement are shown"),
  view: z
    .enum(["table", "chart", "plan", "value", "bytes", "reconciliation"])
    .default("table")
    .describe(
      "`table`; `chart` (bars when x is text, else a line); `plan` (the last query is run and its files, row groups and shuffles are counted); `value` (one cell); `bytes` (the first column as raw text); `reconciliation` (one row: read = the sum of the rest)",
    ),
  x: z.string().min(1).optional().describe("for `chart`: the column of the x axis; default the first"),
  y: z.string().min(1).optional().describe("for `chart`: the column of the y axis; default the second"),
  rows: lineNumber.optional().describe("at most so many rows are fetched; default 20"),
  source: z.enum(["shown", "hidden"]).default("shown").describe("whether the SQL is shown above its result"),
  label,
});

/** `run pipeline=…`; any other key is an option of the pipeline. */
export const runPipelineFence = z
  .object({
    pipeline: kebabId.describe("a pipeline of the course, run up to and with `step`"),
    step: kebabId.optional().describe("the last step to run; default all"),
  })
  .catchall(z.string());

/** `show file=…`. */
export const showFence = z.strictObject({
  file: z
    .string()
    .regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*$/, "must be a path below the module's folder")
    .describe("a file below the module's folder"),
  from: lineNumber.optional().describe("first line, 1-based"),
  to: lineNumber.optional().describe("last line, included"),
  region: kebabId
    .optional()
    .describe("instead of lines: what stands between `#region <id>` and `#endregion` in comments"),
});

/** `quiz kind=… id=…`. */
export const quizFence = z.strictObject({
  kind: z
    .enum(["single", "multiple", "predict", "order", "number"])
    .describe("`predict` is a `single` that is asked before the run that answers it"),
  id: kebabId.describe("unique in the lesson, the same in both languages"),
});

/** `exercise <slug>`. */
export const exerciseFence = z.strictObject({
  exercise: kebabId.describe("the slug of an exercise of this module (`exercises/N-slug`)"),
});

/** `try id=…`; the body is the sample. */
export const tryFence = z.strictObject({
  id: kebabId.describe("unique in the lesson, the same in both languages"),
});
