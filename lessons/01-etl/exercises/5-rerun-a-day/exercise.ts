import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type CheckContext,
  type CheckResult,
  defineExercise,
  type Engine,
  type FilesSubmission,
  failedSaying,
  fieldsOf,
  type GenerateOptions,
  sameTables,
  type Table,
  tableFromRows,
} from "taller/author";
import { z } from "zod";

const DAYS = ["2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04", "2024-03-05"] as const;
const RERUN = "2024-03-03";

const date = z
  .union([z.string(), z.date()])
  .transform((value) => (typeof value === "string" ? value : value.toISOString().slice(0, 10)));
const load = z.strictObject({
  read: z.strictObject({
    where: z
      .strictObject({
        day: z.union([
          date.transform((day) => ({ from: day, to: day })),
          z.strictObject({ from: date.optional(), to: date.optional(), before: date.optional() }),
        ]),
      })
      .partial()
      .nullable()
      .default(null),
  }),
  load: z.strictObject({
    mode: z.enum(["append", "replace", "replace-partitions"]),
    partition_by: z.array(z.enum(["day", "source"])),
  }),
});
type Load = z.output<typeof load>;

export default defineExercise({
  kind: "files",
  version: 1,
  files: ["load.yaml"],
  inputs: { daily: { generate: loadedBefore }, leads: { generate: sourceNow } },
  hidden: [{ seed: 101 }],
  limits: { timeMs: 30_000 },
  checks: [
    { kind: "files", id: "layout", run: judgeLayout },
    { kind: "files", id: "day", run: (context) => judgeDay(context, 1) },
    { kind: "files", id: "others", run: judgeOthers },
    { kind: "files", id: "twice", run: (context) => judgeDay(context, 2) },
  ],
  starterFails: "day",
  wrong: {
    append: "day",
    "whole-table": "others",
    "no-filter": "others",
    "other-partitions": "layout",
    "wrong-day": "day",
  },
});

const fields = fieldsOf({
  lead_id: { kind: "string" },
  day: { kind: "string" },
  source: { kind: "string" },
  budget: { kind: "int32" },
});

/** The table as yesterday's run left it: five days. */
function loadedBefore({ random }: GenerateOptions): Table {
  const rows = DAYS.flatMap((day, index) =>
    Array.from({ length: 30 }, (_, row) => lead(day, index * 100 + row, 100 + random.below(900))),
  );
  return tableFromRows(fields, rows);
}

/** The source today: the day again, whole, with corrections and three late rows; of the others a few rows only. */
function sourceNow({ random }: GenerateOptions): Table {
  const rows = DAYS.flatMap((day, index) =>
    Array.from({ length: day === RERUN ? 33 : 5 }, (_, row) =>
      lead(day, index * 100 + row, 1_000 + random.below(900)),
    ),
  );
  return tableFromRows(fields, rows);
}

function lead(day: string, number: number, budget: number) {
  return { lead_id: String(number).padStart(8, "0"), day, source: number % 2 === 0 ? "web" : "ads", budget };
}

type Context = CheckContext<FilesSubmission>;

async function readLoad(context: Context): Promise<Load | undefined> {
  const files = await context.submission.read();
  const parsed = load.safeParse(files["load.yaml"]?.documents[0]);
  return parsed.success ? parsed.data : undefined;
}

const unreadable = failedSaying({
  es: "No entiendo `load.yaml`: `read.where.day` es un día, o `from`, `to` y `before`; `load.mode` es append, replace o replace-partitions; `load.partition_by`, una lista con day o source.",
  en: "I can't make sense of `load.yaml`: `read.where.day` is a day, or `from`, `to` and `before`; `load.mode` is append, replace or replace-partitions; `load.partition_by` is a list of day or source.",
});

async function judgeLayout(context: Context): Promise<CheckResult> {
  const plan = await readLoad(context);
  if (plan === undefined) return unreadable;
  if (plan.load.partition_by.length === 1 && plan.load.partition_by[0] === "day") return { passed: true };
  return failedSaying(
    {
      es: "La tabla está partida por `day`, y la carga escribe con otra partición.",
      en: "The table is partitioned by `day`, and the load writes another partitioning.",
    },
    { mistake: "other-partitions" },
  );
}

/** After so many runs the day holds what the source has of it, once. */
async function judgeDay(context: Context, runs: number): Promise<CheckResult> {
  const plan = await readLoad(context);
  if (plan === undefined) return unreadable;
  const { engine, table } = await carryOut(context, plan, runs);
  const expected = await engine.query(`SELECT lead_id, source, budget FROM leads WHERE day = '${RERUN}'`);
  const actual = await engine.query(`SELECT lead_id, source, budget FROM ${table} WHERE day = '${RERUN}'`);
  const judged = sameTables(expected, actual, { result: RERUN, key: ["lead_id"] });
  if (judged.passed) return judged;
  return plan.load.mode === "append" ? { ...judged, mistake: "append" } : judged;
}

/** Every other day holds what it held. */
async function judgeOthers(context: Context): Promise<CheckResult> {
  const plan = await readLoad(context);
  if (plan === undefined) return unreadable;
  const { engine, table } = await carryOut(context, plan, 1);
  const columns = "lead_id, day, source, budget";
  const expected = await engine.query(`SELECT ${columns} FROM before WHERE day <> '${RERUN}'`);
  const actual = await engine.query(`SELECT ${columns} FROM ${table} WHERE day <> '${RERUN}'`);
  const judged = sameTables(expected, actual, { result: "daily", key: ["lead_id"] });
  if (judged.passed) return judged;
  return { ...judged, mistake: plan.load.mode === "replace" ? "whole-table" : "no-filter" };
}

/** Writes the table as it was, then loads so many times as the file says; gives a view of what is there. */
async function carryOut(
  context: Context,
  plan: Load,
  runs: number,
): Promise<{ engine: Engine; table: string }> {
  const { daily, leads } = context.inputs;
  if (daily === undefined || leads === undefined) throw new Error("the exercise has no input");
  const engine = await context.engine();
  await engine.register("before", { kind: "table", table: daily });
  await engine.register("leads", { kind: "table", table: leads });
  const path = join(context.folder, `daily-${runs}-${(await readdir(context.folder)).length}`);
  await engine.writeParquet("SELECT * FROM before", {
    path,
    partitionBy: ["day"],
    sortBy: ["lead_id"],
    mode: "replace",
  });
  for (let run = 1; run <= runs; run++) await loadOnce(engine, plan, { path, run });
  const files = (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".parquet"));
  const table = "after_load";
  await engine.register(table, {
    kind: "parquet",
    paths: files.map((name) => join(path, name)),
    hivePartitions: true,
  });
  await engine.execute(
    `CREATE OR REPLACE TEMP VIEW after_texts AS SELECT lead_id, CAST(day AS STRING) AS day, source, budget FROM ${table}`,
  );
  return { engine, table: "after_texts" };
}

async function loadOnce(engine: Engine, plan: Load, target: { path: string; run: number }): Promise<void> {
  const { mode } = plan.load;
  const query = `SELECT * FROM leads WHERE ${conditionOf(plan)}`;
  if (mode !== "append") {
    await engine.writeParquet(query, { path: target.path, partitionBy: ["day"], sortBy: ["lead_id"], mode });
    return;
  }
  // New files beside the old ones, as an append does.
  const beside = `${target.path}-appended-${target.run}`;
  const written = await engine.writeParquet(query, {
    path: beside,
    partitionBy: ["day"],
    sortBy: ["lead_id"],
  });
  for (const [index, file] of written.files.entries()) {
    await cp(file.path, join(target.path, file.partition, `appended_${target.run}_${index}.parquet`), {
      recursive: true,
    });
  }
}

/** The days are texts like `2024-03-03`, so that their order is that of time. */
function conditionOf({ read }: Load): string {
  const day = read.where?.day;
  const conditions = [
    day?.from === undefined ? [] : [`day >= ${literal(day.from)}`],
    day?.to === undefined ? [] : [`day <= ${literal(day.to)}`],
    day !== undefined && "before" in day && day.before !== undefined ? [`day < ${literal(day.before)}`] : [],
  ].flat();
  return conditions.length === 0 ? "true" : conditions.join(" AND ");
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
