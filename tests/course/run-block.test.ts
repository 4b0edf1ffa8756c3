import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { rowsOf } from "../../src/core/table.ts";
import type { RunBlock } from "../../src/course/course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { parseLesson } from "../../src/course/lesson-markdown.ts";
import { openLessonSession } from "../../src/course/lesson-session.ts";
import { runBlock, runTry } from "../../src/course/run-block.ts";
import { readExcerpt, stepExcerpt } from "../../src/course/source-excerpt.ts";
import { workspaceDirs } from "../../src/course/workspace.ts";
import { findDataset } from "../../src/data/datasets.ts";
import { openEngine } from "../../src/engines/open.ts";
import { copyToy, tempFolder } from "./toy.ts";

const HEAD = `---
title: Toy
summary: Count.
level: beginner
minutes: 5
inputs:
  numbers: { sql: numbers.sql }
  big: { sql: big.sql }
  leads: { dataset: leads, rows: 2000, seed: 7 }
  lead_lines: { dataset: leads, rows: 2000, seed: 7, as: lines }
  ones: { table: ones }
---
`;

/** A session on a copy of the toy course with more SQL files, and a way to run a fence. */
async function openSession(files: Readonly<Record<string, string>> = {}) {
  const root = await copyToy();
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, "01-toy", name), text);
  const course = await discoverCourse(root);
  const [module] = course.modules;
  if (module === undefined) throw new Error("the toy course lacks its module");
  const dirs = workspaceDirs(join(await tempFolder(), "ws"));
  const session = openLessonSession({
    course,
    module,
    lesson: parseLesson(`${HEAD}## A {#a}\n`, "lesson.md"),
    dirs,
    clock: systemClock,
    openEngine: (options) => openEngine("duckdb", options),
    findDataset,
  });
  onTestFinished(() => session.close());
  const run = (fence: string) => {
    const [block] =
      parseLesson(`${HEAD}## A {#a}\n\`\`\`${fence}\n\`\`\`\n`, "lesson.md").steps[0]?.blocks ?? [];
    if (block?.kind !== "run") throw new Error("no run block was read");
    return runBlock(session, block satisfies RunBlock);
  };
  return { module, session, run };
}

const BIG = { "sql/big.sql": "SELECT id, x FROM numbers WHERE x > 20; -- the input above\n" };

test("a run block gives the rows of its last statement, its real source and its time", async () => {
  const { run } = await openSession();
  const result = await run("run sql=count.sql view=table");
  if (result.kind !== "table") throw new Error(result.kind);

  expect(rowsOf(result.table).map((row) => ({ n: Number(row.n), with: Number(row.with_value) }))).toEqual([
    { n: 5, with: 4 },
  ]);
  expect(result.source).toEqual({
    file: "sql/count.sql",
    language: "sql",
    firstLine: 1,
    text: "SELECT count(*) AS n, count(x) AS with_value FROM numbers",
  });
  expect(result).toMatchObject({ isCut: false, label: "measured" });
});

test("an input that is a query over another input is made when a text names it", async () => {
  const { session } = await openSession(BIG);
  const result = await runTry(
    session,
    "CREATE OR REPLACE TEMP VIEW twice AS SELECT 2 * x AS y FROM Big; SELECT y FROM twice ORDER BY y",
  );

  expect(rowsOf(result.table).map((row) => Number(row.y))).toEqual([100, 1000]);
});

test("a dataset is read as rows of text with its rejects, or as lines", async () => {
  const { session } = await openSession();
  const counted = await runTry(
    session,
    "SELECT (SELECT count(*) FROM leads) AS good, (SELECT count(DISTINCT line) FROM leads_rejects) AS torn",
  );
  const [row] = rowsOf(counted.table);
  const lines = await runTry(session, "SELECT text FROM lead_lines", { maxRows: 2 });

  expect(Number(row?.good)).toBeGreaterThan(1_900);
  expect(Number(row?.torn)).toBeGreaterThan(0);
  expect(String(rowsOf(lines.table)[0]?.text)).toContain("lead_id,");
});

test("a table that the lesson reads is made by its producer, and read anew when a block makes it again", async () => {
  const maker = `import { definePipeline } from "taller/author";
import { join } from "node:path";
import { z } from "zod";
export default definePipeline({
  id: "make-ones", title: { es: "Unos", en: "Ones" },
  options: z.object({ rows: z.coerce.number().default(3) }),
  reads: [], writes: ["ones"], services: [],
  start: async (context) => ({ engine: await context.openEngine() }),
  steps: [{ id: "write", title: { es: "Escribe", en: "Write" }, run: async ({ state, options, dirs }) => {
    await state.engine.writeParquet(\`SELECT 1 AS one FROM range(\${options.rows})\`, { path: join(dirs.tables, "ones") });
  } }],
  report: () => ({ rows: {} }),
});`;
  const { session, run } = await openSession({ "pipelines/make-ones.ts": maker });
  const count = async () =>
    Number(rowsOf((await runTry(session, "SELECT count(*) AS n FROM ones")).table)[0]?.n);

  expect(await count()).toBe(3);
  await run("run pipeline=make-ones rows=8");
  expect(await count()).toBe(8);
});

test("a long result is cut and says so", async () => {
  const { run } = await openSession({ "sql/all.sql": "SELECT id FROM numbers ORDER BY id" });
  const result = await run("run sql=all.sql rows=3 source=hidden");

  expect(result).toMatchObject({ kind: "table", isCut: true, source: undefined, table: { rowCount: 3 } });
});

test("views give a value, bytes, a reconciliation, a chart and a plan", async () => {
  const { run } = await openSession({
    "sql/value.sql": "SELECT max(x) AS largest FROM numbers",
    "sql/bytes.sql": "SELECT 'a;b' AS line UNION ALL SELECT '1;2' ORDER BY line DESC",
    "sql/sums.sql": "SELECT 10 AS total, 7 AS valid, 2 AS rejected",
    "sql/bars.sql": "SELECT CAST(id AS VARCHAR) AS name, x FROM numbers ORDER BY id",
    "sql/line.sql": "SELECT id, x, x * 2 AS y FROM numbers ORDER BY id",
  });

  expect(await run("run sql=value.sql view=value")).toMatchObject({ name: "largest", value: 500 });
  expect(await run("run sql=bytes.sql view=bytes")).toMatchObject({ lines: ["a;b", "1;2"] });
  expect(await run("run sql=sums.sql view=reconciliation")).toMatchObject({
    reconciliation: { total: { name: "total", value: 10 }, missing: 1 },
  });
  expect(await run("run sql=bars.sql view=chart")).toMatchObject({
    chart: { kind: "bars", bars: [{ label: "1", value: 5 }, { value: 50 }, { value: Number.NaN }, {}, {}] },
  });
  expect(await run("run sql=line.sql view=chart x=id y=x,y")).toMatchObject({
    chart: { kind: "line", series: [{ name: "x", x: [1, 2, 3, 4, 5] }, { name: "y" }] },
  });
  expect(await run("run sql=count.sql view=plan")).toMatchObject({
    kind: "plan",
    plan: { text: expect.stringContaining("AGGREGATE") },
  });
});

test("a pipeline's block runs up to its step and shows that step's source", async () => {
  const { run } = await openSession();
  const result = await run("run pipeline=count step=count rows=4");
  if (result.kind !== "pipeline") throw new Error(result.kind);

  expect(result.run.options).toEqual({ rows: 4 });
  expect(result.source?.text.split("\n").slice(0, 2)).toEqual(["{", '  id: "count",']);
  expect(result.source?.text.endsWith("\n},")).toBe(true);
});

test("a mistake in the module's SQL is the author's, with its file and line", async () => {
  const { run, module } = await openSession({ "sql/wrong.sql": "SELECT id\nFROM nowhere" });

  await expect(run("run sql=wrong.sql")).rejects.toMatchObject({
    code: "lesson-sql",
    where: expect.stringContaining(join(module.dir, "sql", "wrong.sql")),
  });
  await expect(run("run sql=absent.sql")).rejects.toMatchObject({ code: "missing-file" });
});

test("a mistake in what a learner tries is the engine's own error", async () => {
  const { session } = await openSession();

  await expect(runTry(session, "SELEC 1")).rejects.toMatchObject({ name: "SqlError" });
});

test("an excerpt is lines, a region, or a step's region, without its markers and indentation", async () => {
  const { module } = await openSession({
    "pipelines/regions.ts":
      "before();\n  // #region clean\n  if (a) {\n    b();\n  }\n  // #endregion\nafter();\n",
  });

  expect(await readExcerpt(module, { file: "pipelines/regions.ts", region: "clean" })).toMatchObject({
    firstLine: 3,
    text: "if (a) {\n  b();\n}",
    language: "typescript",
  });
  expect((await stepExcerpt(module, "regions", "clean")).text).toBe("if (a) {\n  b();\n}");
  expect((await readExcerpt(module, { file: "pipelines/regions.ts", from: 7, to: 7 })).text).toBe("after();");
  await expect(readExcerpt(module, { file: "pipelines/regions.ts", from: 7, to: 9 })).rejects.toMatchObject({
    code: "no-such-lines",
  });
});
