import { type AnswersSubmission, type CheckContext, defineExercise, type PlanSummary } from "taller/author";

/** The task's queries, by the field of the answers that asks about them. */
const QUERIES = {
  a_folders: "SELECT sum(budget) AS total FROM leads WHERE source = 'ads'",
  b_folders: "SELECT count(*) AS n FROM leads WHERE budget > 10000",
  c_folders:
    "SELECT country, max(budget) AS highest FROM leads WHERE source IN ('ads', 'web') GROUP BY country",
  d_shuffles: "SELECT lead_id, budget FROM leads WHERE country = 'ES'",
  e_shuffles: "SELECT source, count(*) AS n FROM leads GROUP BY source",
  f_shuffles:
    "SELECT c.industry, sum(l.budget) AS total FROM leads AS l JOIN companies AS c ON c.company_id = l.company_id GROUP BY c.industry",
} as const;

export default defineExercise({
  kind: "answers",
  version: 1,
  files: ["answers.yaml"],
  inputs: {
    leads: { dataset: "leads", rows: 4_000, seed: 7, sql: "input.sql" },
    companies: { dataset: "leads", rows: 4_000, seed: 7, sql: "companies.sql" },
  },
  limits: { timeMs: 30_000 },
  checks: [
    {
      kind: "answers",
      id: "one-value",
      field: "a_folders",
      expected: folders("a_folders"),
      mistakes: { "no-pruning": async () => 4 },
    },
    {
      kind: "answers",
      id: "other-column",
      field: "b_folders",
      expected: folders("b_folders"),
      mistakes: { "any-filter-prunes": async () => 1 },
    },
    { kind: "answers", id: "two-values", field: "c_folders", expected: folders("c_folders") },
    {
      kind: "answers",
      id: "filter-only",
      field: "d_shuffles",
      expected: shuffles("d_shuffles"),
      mistakes: { "filter-shuffles": async () => 1 },
    },
    { kind: "answers", id: "group", field: "e_shuffles", expected: shuffles("e_shuffles") },
    {
      kind: "answers",
      id: "join-and-group",
      field: "f_shuffles",
      expected: shuffles("f_shuffles"),
      mistakes: { "join-only": async () => 1 },
    },
  ],
  starterFails: "one-value",
  wrong: {
    "no-pruning": "one-value",
    "any-filter-prunes": "other-column",
    "filter-shuffles": "filter-only",
    "join-only": "join-and-group",
  },
});

type Field = keyof typeof QUERIES;
type Context = CheckContext<AnswersSubmission>;

/** A folder holds one file, so files read are folders read. */
function folders(field: Field): (context: Context) => Promise<number> {
  return async (context) => (await plan(context, field)).filesRead;
}

function shuffles(field: Field): (context: Context) => Promise<number> {
  return async (context) => (await plan(context, field)).shuffles;
}

/** Writes the leads by `source`, and runs the query on them. */
async function plan(context: Context, field: Field): Promise<PlanSummary> {
  const { leads, companies } = context.inputs;
  if (leads === undefined || companies === undefined) throw new Error("the exercise has no input");
  const engine = await context.engine();
  await engine.register("rows", { kind: "table", table: leads });
  const written = await engine.writeParquet("SELECT * FROM rows", {
    path: `${context.folder}/leads`,
    partitionBy: ["source"],
    sortBy: ["lead_id"],
  });
  await engine.register("leads", {
    kind: "parquet",
    paths: written.files.map((file) => file.path),
    hivePartitions: true,
  });
  await engine.register("companies", { kind: "table", table: companies });
  return engine.explain(QUERIES[field], { run: true });
}
