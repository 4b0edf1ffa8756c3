import { z } from "zod";
import type { Cell, DataType, Table } from "../../core/table.ts";
import type {
  AnswersSubmission,
  CheckContext,
  CheckResult,
  Exercise,
  FilesSubmission,
  GenerateOptions,
  RouterSubmission,
  SqlSubmission,
  TsSubmission,
} from "../../grading/exercise.ts";
import { fileName, kebabId, seedSchema, textSchema } from "./shared-schema.ts";

const functionOf = <F>(what: string) =>
  z.custom<F>((value) => typeof value === "function", "must be a function").describe(what);

const dataType: z.ZodType<DataType> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("boolean") }),
  z.strictObject({ kind: z.literal("int32") }),
  z.strictObject({ kind: z.literal("int64") }),
  z.strictObject({ kind: z.literal("float64") }),
  z.strictObject({
    kind: z.literal("decimal"),
    precision: z.int().min(1).max(18),
    scale: z.int().min(0).max(18),
  }),
  z.strictObject({ kind: z.literal("string") }),
  z.strictObject({ kind: z.literal("date") }),
  z.strictObject({ kind: z.literal("timestamp") }),
]);

const inputSpec = z.union([
  z.strictObject({
    dataset: z.string().min(1).describe("a dataset's name"),
    rows: z.int().min(1).optional().describe("how many rows; default: the dataset's own"),
    seed: seedSchema.optional().describe("default: the dataset's own"),
    variant: z.string().min(1).optional().describe("a variant that the card names"),
    sql: fileName.optional().describe("a file of the exercise's folder: a query over the view `raw`"),
  }),
  z.strictObject({
    generate: functionOf<(options: GenerateOptions) => Table>(
      "makes the table from seed, random numbers and the id of an edge case; the same arguments, the same table",
    ),
  }),
]);

const edgeSpec = z.union([
  z.enum(["empty", "one-row", "all-null"]),
  z.strictObject({
    edge: z.literal("all-null").describe("with `keep`; `custom` with `id`"),
    keep: z.array(z.string().min(1)).describe("columns that keep their values"),
  }),
  z.strictObject({
    edge: z.literal("custom"),
    id: kebabId.describe("what `generate` is asked for as `edge`"),
  }),
]);

const on = z.enum(["visible", "hidden", "all"]).optional().describe("which cases it judges; default `all`");
const id = kebabId.describe("its title stands in `task.<lang>.md` under `## check <id>: …`");
const tolerance = z.number().min(0).optional();

export const schemaCheck = z.strictObject({
  kind: z
    .literal("schema")
    .describe("names (case aside) and type families of columns, against the solution's"),
  id,
  on,
  results: z.array(z.string()).optional().describe("default: every result"),
  isOrdered: z.boolean().optional().describe("true only where the task asks for this order of columns"),
  exactTypes: z.record(z.string(), dataType).optional().describe("types that the task fixes to the letter"),
});

export const rowsCheck = z.strictObject({
  kind: z.literal("rows").describe("rows of a result, against the solution's, as a multiset"),
  id,
  on,
  result: z.string().optional().describe("default: the only result"),
  key: z.array(z.string().min(1)).min(1).describe("names the rows in the verdict; need not be unique"),
  columns: z.array(z.string().min(1)).optional().describe("only these are judged; default all"),
  keysOnly: z.boolean().optional().describe("only which keys are there is judged"),
  orderBy: z.array(z.string().min(1)).optional().describe("where the task asks for an order"),
  tolerance: tolerance.describe("largest |a − b| / max(1, |b|) that counts as equal; default 1e-9"),
});

export const answersCheck = z.strictObject({
  kind: z.literal("answers").describe("one field of an answers file"),
  id,
  on,
  field: z.string().min(1).describe("the field's name in the file"),
  expected: functionOf<(context: CheckContext<AnswersSubmission>) => Promise<Cell>>(
    "computes the right answer, wherever possible from the learner's own run",
  ),
  tolerance: tolerance.describe("absolute"),
  mistakes: z
    .record(
      kebabId,
      functionOf<(context: CheckContext<AnswersSubmission>) => Promise<Cell>>("a wrong answer"),
    )
    .optional()
    .describe("wrong answers that give a mistake away, by mistake id"),
});

const valueCheck = <H>() =>
  z.strictObject({
    kind: z.literal("value").describe("one value computed from the submission, against an expected one"),
    id,
    on,
    name: z
      .union([z.string().min(1), textSchema])
      .describe("what the value is: a column or a path, or words in both languages"),
    actual: functionOf<(context: CheckContext<H>) => Promise<Cell>>("the submission's value"),
    expected: functionOf<(context: CheckContext<H>) => Promise<Cell>>("the right value"),
    tolerance: tolerance.describe("absolute"),
    unit: z.string().optional().describe("shown beside the value"),
  });

const runCheck = <K extends "files" | "plan" | "custom", H>(kind: K, what: string) =>
  z.strictObject({
    kind: z.literal(kind).describe(what),
    id,
    on,
    run: functionOf<(context: CheckContext<H>) => Promise<CheckResult>>("judges one case"),
  });

const checksOf = <H>() =>
  [
    schemaCheck,
    rowsCheck,
    valueCheck<H>(),
    answersCheck,
    runCheck<"files", H>("files", "facts about files that were written"),
    runCheck<"plan", H>("plan", "facts about a plan: files and row groups read, shuffles"),
    runCheck<"custom", H>("custom", "any other fact"),
  ] as const;

/** The seven kinds of check, for the author reference. */
export const checkSchemas = checksOf<SqlSubmission>();

const baseShape = <H>() => ({
  version: z.int().min(1).describe("raised when the task, its checks or its data change"),
  files: z
    .array(fileName)
    .min(1)
    .describe(
      "names in the workspace; starter, solution, right/x and wrong/x are one file, or a folder with these names",
    ),
  inputs: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, "must be a plain SQL name"), inputSpec)
    .optional()
    .describe("the visible data, by the name under which the submission sees it"),
  hidden: z
    .array(
      z.strictObject({
        seed: seedSchema.describe("another seed than the visible one"),
        rows: z.int().min(1).optional().describe("another size"),
      }),
    )
    .optional()
    .describe("other data on which it is judged"),
  edges: z
    .array(edgeSpec)
    .optional()
    .describe(
      '`empty`, `one-row`, `all-null`, `{ edge: "all-null", keep: [columns] }`, `{ edge: "custom", id }` (made by `generate`)',
    ),
  services: z
    .array(z.enum(["kafka", "object-store", "postgres", "tracking"]))
    .optional()
    .describe("embedded services that the submission may reach"),
  limits: z
    .strictObject({
      timeMs: z.int().min(1).optional().describe("of one case; default 5000"),
      memoryMb: z.int().min(16).optional().describe("default 512"),
      diskMb: z.int().min(1).optional().describe("what it may write; default 64"),
    })
    .optional()
    .describe("what the submission may use"),
  checks: z
    .array(z.discriminatedUnion("kind", checksOf<H>()))
    .min(1)
    .describe("in the order in which they are judged; the first that fails is what the learner mends"),
  starterFails: kebabId.describe("the check that the untouched starter fails"),
  wrong: z.record(kebabId, kebabId).describe("each `wrong/<mistake-id>` and the first check that it fails"),
});

export const sqlExercise = z.strictObject({
  kind: z.literal("sql").describe("one SQL file"),
  ...baseShape<SqlSubmission>(),
  engine: z.enum(["duckdb", "postgres"]).optional().describe("default `duckdb`"),
  results: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("the views that the file must leave; without it the file is one query"),
});
export const tsExercise = z.strictObject({
  kind: z.literal("ts").describe("a TypeScript file whose functions are called"),
  ...baseShape<TsSubmission>(),
  exports: z.array(z.string().min(1)).min(1).describe("the functions that the file must export"),
});
export const routerExercise = z.strictObject({
  kind: z.literal("router").describe("an Express router, judged over HTTP"),
  ...baseShape<RouterSubmission>(),
});
export const answersExercise = z.strictObject({
  kind: z.literal("answers").describe("a YAML file of answers"),
  ...baseShape<AnswersSubmission>(),
});
export const filesExercise = z.strictObject({
  kind: z.literal("files").describe("files that are judged by their parsed structure"),
  ...baseShape<FilesSubmission>(),
});

/** The default export of `exercise.ts`; unknown keys are refused, and what names a check must name a declared one. */
export const exerciseSchema: z.ZodType<Exercise> = z
  .discriminatedUnion("kind", [sqlExercise, tsExercise, routerExercise, answersExercise, filesExercise])
  .superRefine((exercise, context) => {
    const ids = exercise.checks.map((check) => check.id);
    ids.forEach((checkId, index) => {
      if (ids.indexOf(checkId) !== index)
        context.addIssue({
          code: "custom",
          path: ["checks", index, "id"],
          message: `"${checkId}" is declared twice`,
        });
    });
    const declared = (checkId: string, path: PropertyKey[]) => {
      if (!ids.includes(checkId))
        context.addIssue({
          code: "custom",
          path,
          message: `"${checkId}" is no check; there are: ${ids.join(", ")}`,
        });
    };
    declared(exercise.starterFails, ["starterFails"]);
    for (const [mistake, checkId] of Object.entries(exercise.wrong)) declared(checkId, ["wrong", mistake]);
  });
