import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { courseSchema } from "./schema/course-schema.ts";
import {
  answersExercise,
  checkSchemas,
  filesExercise,
  routerExercise,
  sqlExercise,
  tsExercise,
} from "./schema/exercise-schema.ts";
import {
  exerciseFence,
  quizFence,
  runPipelineFence,
  runSqlFence,
  showFence,
  tryFence,
} from "./schema/fence-schema.ts";
import { lessonSchema, taskSchema } from "./schema/lesson-schema.ts";
import { pipelineSchema } from "./schema/pipeline-schema.ts";

/** The text of `docs/authoring.md`, from the prose in the package's `docs/` and the schemas. */
export async function authoringPage(packageRoot: string): Promise<string> {
  const prose = await readFile(join(packageRoot, "docs", "authoring-prose.md"), "utf8");
  const note = "<!-- Made by `node scripts/authoring.mjs` from authoring-prose.md and src/course/schema. -->";
  return `${note}\n\n${prose.trim()}\n\n# Reference\n\n${renderAuthoringReference()}`;
}

/**
 * The reference of every file that an author writes, in Markdown, from the schemas that parse them:
 * `docs/authoring.md` is the prose and this.
 */
export function renderAuthoringReference(): string {
  return SECTIONS.map(({ title, text, schema }) => {
    const rows = rowsOfSchema("", jsonSchema(schema));
    const table = rows.map(({ key, type, what }) => `| \`${key}\` | ${type} | ${what} |`).join("\n");
    return `## ${title}\n\n${text}\n\n| key | value | what it is |\n|---|---|---|\n${table}\n`;
  }).join("\n");
}

const CHECK_TITLES = ["schema", "rows", "value", "answers", "files", "plan", "custom"];

const SECTIONS: readonly { title: string; text: string; schema: z.ZodType }[] = [
  {
    title: "`course.yaml`",
    text: "In the course's folder. A `*` marks a key that must be there.",
    schema: courseSchema,
  },
  {
    title: "`lesson.<lang>.md`: front matter",
    text: "Between two `---` lines at the top, in YAML.",
    schema: lessonSchema,
  },
  { title: "Fence `run sql=…`", text: "```` ```run sql=count.sql view=table ````", schema: runSqlFence },
  {
    title: "Fence `run pipeline=…`",
    text: "```` ```run pipeline=etl step=clean rows=5000 ````: any other key is an option of the pipeline.",
    schema: runPipelineFence,
  },
  { title: "Fence `show`", text: "```` ```show file=sql/clean.sql from=3 to=9 ````", schema: showFence },
  {
    title: "Fence `quiz`",
    text: "```` ```quiz kind=single id=null-count ````; the body is described above.",
    schema: quizFence,
  },
  { title: "Fence `exercise`", text: "```` ```exercise clean ````", schema: exerciseFence },
  {
    title: "Fence `try`",
    text: "```` ```try id=peek ````; the body is the sample: what runs without a terminal, and what the prompt begins with.",
    schema: tryFence,
  },
  { title: "`pipelines/<id>.ts`", text: "`export default definePipeline({ … })`", schema: pipelineSchema },
  { title: "`exercise.ts`, kind `sql`", text: "`export default defineExercise({ … })`", schema: sqlExercise },
  ...(
    [
      ["ts", tsExercise],
      ["router", routerExercise],
      ["answers", answersExercise],
      ["files", filesExercise],
    ] as const
  ).map(([kind, schema]) => ({
    title: `\`exercise.ts\`, kind \`${kind}\``,
    text: "Every other key is that of kind `sql`, without `engine` and `results`.",
    schema: z.strictObject(onlyOwn(schema.shape)),
  })),
  ...checkSchemas.map((schema, index) => ({
    title: `Check \`${CHECK_TITLES[index]}\``,
    text: "One of the list `checks`.",
    schema,
  })),
  {
    title: "`task.<lang>.md`: front matter",
    text: "The sections below it are described above.",
    schema: taskSchema,
  },
];

/** The keys that a kind of exercise has beside the common ones. */
function onlyOwn(shape: Readonly<Record<string, z.core.$ZodType>>): Record<string, z.core.$ZodType> {
  return Object.fromEntries(
    Object.entries(shape).filter(([key]) => key === "kind" || !(key in sqlExercise.shape)),
  );
}

type Json = z.core.JSONSchema.BaseSchema;

interface Row {
  readonly key: string;
  readonly type: string;
  readonly what: string;
}

function jsonSchema(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

/** A row a key; keys of what is nested stand behind their parent's. */
function rowsOfSchema(path: string, schema: Json): Row[] {
  if (schema.anyOf !== undefined)
    return distinct(schema.anyOf.flatMap((one) => rowsOfSchema(path, asJson(one))));
  if (schema.oneOf !== undefined) return [];
  if (schema.type === "array" && schema.items !== undefined && !Array.isArray(schema.items))
    return rowsOfSchema(`${path}[]`, asJson(schema.items));
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  const rows = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const property = asJson(value);
    const isRequired = schema.required?.includes(key) ?? false;
    return [rowOf(below(key), property, isRequired), ...rowsOfSchema(below(key), property)];
  });
  const { additionalProperties } = schema;
  if (typeof additionalProperties !== "object" || path === "") return rows;
  return [...rows, ...rowsOfSchema(below("<name>"), asJson(additionalProperties))];
}

function rowOf(key: string, schema: Json, isRequired: boolean): Row {
  const fallback = schema.default === undefined ? "" : `; default \`${JSON.stringify(schema.default)}\``;
  return {
    key: isRequired ? `${key}*` : key,
    type: typeOf(schema),
    what: `${(schema.description ?? "").replaceAll("|", "\\|").replaceAll("\n", " ")}${fallback}`.trim(),
  };
}

function typeOf(schema: Json): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${String(one)}\``).join(", ");
  if (schema.anyOf !== undefined)
    return [...new Set(schema.anyOf.map((one) => typeOf(asJson(one))))].join(" or ");
  if (schema.oneOf !== undefined) return "one of the kinds below";
  if (schema.type === "array") return `list of ${typeOf(asJson(schema.items as Json))}`;
  if (schema.type === "object") return schema.properties === undefined ? "map by name" : "map";
  if (schema.type === "string") return "text";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "boolean") return "`true`, `false`";
  return "TypeScript";
}

function asJson(schema: Json | boolean | undefined): Json {
  return typeof schema === "object" ? schema : {};
}

/** Branches of a union name some keys twice. */
function distinct(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const isNew = !seen.has(row.key);
    seen.add(row.key);
    return isNew;
  });
}
