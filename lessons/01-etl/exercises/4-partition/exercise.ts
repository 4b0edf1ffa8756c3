import {
  type CheckContext,
  type CheckResult,
  columnOf,
  defineExercise,
  type Engine,
  type FilesSubmission,
  failedSaying,
  judgeFacts,
  stringAt,
  type Table,
  type WriteReport,
} from "taller/author";
import { z } from "zod";

/** The queries of every day, as the task lists them. */
const QUERIES = [
  "SELECT sum(budget) AS total FROM written WHERE source = 'referral'",
  "SELECT country, count(*) AS leads FROM written WHERE source = 'web' GROUP BY country",
  "SELECT max(budget) AS highest FROM written WHERE source = 'ads' AND industry = 'retail'",
] as const;

const MAX_FILES = 30;
/** Against the same rows in one file. */
const MAX_GROWTH = 1.5;
/** More folders than this from one column: what makes the files small is that column. */
const MANY_VALUES = 30;

const COLUMNS = ["lead_id", "day", "source", "country", "industry", "company_id", "budget"] as const;
const layout = z.strictObject({
  partition_by: z.array(z.enum(COLUMNS)).max(3),
  sort_by: z.array(z.enum(COLUMNS)).default([]),
});
type Layout = z.output<typeof layout>;

export default defineExercise({
  kind: "files",
  version: 1,
  files: ["layout.yaml"],
  inputs: { leads: { dataset: "leads", rows: 8_000, seed: 7, sql: "input.sql" } },
  limits: { timeMs: 60_000 },
  checks: [
    {
      kind: "files",
      id: "few-files",
      run: (context) => carriedOut(context, judgeFiles),
    },
    { kind: "plan", id: "prunes", run: (context) => carriedOut(context, judgePlans) },
  ],
  starterFails: "prunes",
  wrong: {
    "high-cardinality": "few-files",
    "too-deep": "few-files",
    "one-file": "prunes",
    "unused-column": "prunes",
  },
});

interface CarriedOut {
  readonly layout: Layout;
  readonly engine: Engine;
  readonly written: WriteReport;
  /** Bytes of the same rows in one file. */
  readonly wholeBytes: number;
  readonly leads: Table;
}

/** Writes the leads as the layout says, and once more as one file to compare with. */
async function carriedOut(
  context: CheckContext<FilesSubmission>,
  judge: (made: CarriedOut) => CheckResult | Promise<CheckResult>,
): Promise<CheckResult> {
  const files = await context.submission.read();
  const parsed = layout.safeParse(files["layout.yaml"]?.documents[0]);
  const { leads } = context.inputs;
  if (!parsed.success || leads === undefined) return unreadable;
  const engine = await context.engine();
  await engine.register("leads", { kind: "table", table: leads });
  const whole = await engine.writeParquet("SELECT * FROM leads", {
    path: `${context.folder}/whole.parquet`,
    singleFile: true,
  });
  const { partition_by: partitionBy, sort_by: sortBy } = parsed.data;
  // Sorted by something, so that a partition is one file whatever the number of threads.
  const written = await engine.writeParquet("SELECT * FROM leads", {
    path: `${context.folder}/written`,
    partitionBy,
    sortBy: sortBy.length > 0 ? sortBy : ["lead_id"],
  });
  return judge({ layout: parsed.data, engine, written, wholeBytes: whole.sizeBytes, leads });
}

const unreadable = failedSaying({
  es: `\`partition_by\` y \`sort_by\` son listas de columnas: ${COLUMNS.join(", ")}. Como mucho tres para partir.`,
  en: `\`partition_by\` and \`sort_by\` are lists of columns: ${COLUMNS.join(", ")}. Three at most to partition by.`,
});

function judgeFiles({ layout, written, wholeBytes, leads }: CarriedOut): CheckResult {
  const count = written.files.length;
  const growth = written.sizeBytes / wholeBytes;
  const facts = [
    {
      name: { es: "ficheros", en: "files" },
      expected: `≤ ${MAX_FILES}`,
      actual: String(count),
      holds: count <= MAX_FILES,
    },
    {
      name: { es: "tamaño frente a un solo fichero", en: "size against a single file" },
      expected: `≤ ${MAX_GROWTH.toFixed(2)}×`,
      actual: `${growth.toFixed(2)}×`,
      holds: growth <= MAX_GROWTH,
    },
  ];
  const isFine = layout.partition_by.some((name) => distinctValues(leads, name) > MANY_VALUES);
  return judgeFacts("files", facts, { mistake: isFine ? "high-cardinality" : "too-deep" });
}

function distinctValues(table: Table, name: string): number {
  const { column } = columnOf(table, name);
  const seen = new Set<unknown>();
  for (let row = 0; row < table.rowCount; row++) {
    seen.add(stringAt(column, row) ?? (column.kind === "dictionary" ? undefined : column.values[row]));
  }
  return seen.size;
}

async function judgePlans({ layout, engine, written }: CarriedOut): Promise<CheckResult> {
  const folder = written.files[0]?.path;
  if (folder === undefined) return unreadable;
  await engine.register("written", {
    kind: "parquet",
    paths: written.files.map((file) => file.path),
    hivePartitions: layout.partition_by.length > 0,
  });
  const facts = [];
  for (const [index, sql] of QUERIES.entries()) {
    const plan = await engine.explain(sql, { run: true });
    const most = Math.max(1, Math.floor(written.files.length / 2));
    facts.push({
      name: { es: `consulta ${index + 1}: ficheros leídos`, en: `query ${index + 1}: files read` },
      expected: `≤ ${most} / ${Math.max(2, written.files.length)}`,
      actual: `${plan.filesRead} / ${written.files.length}`,
      holds: written.files.length > 1 && plan.filesRead <= most,
    });
  }
  return judgeFacts("plan", facts, {
    mistake: layout.partition_by.length === 0 ? "one-file" : "unused-column",
  });
}
