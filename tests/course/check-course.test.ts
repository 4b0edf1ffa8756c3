import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { portabilityProblems } from "../../src/course/check/portable-sql.ts";
import { checkCourse } from "../../src/course/check-course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { openEngine } from "../../src/engines/open.ts";
import { copyToy, toyRoot } from "./toy.ts";

/** Findings as `rule where`, the course's folder left out. */
async function check(root: string, isStatic = false): Promise<string[]> {
  const findings = await checkCourse({
    isStatic,
    course: await discoverCourse(root),
    clock: systemClock,
    openEngine: (options) => openEngine("duckdb", options),
    findDataset: (name) => {
      throw new Error(`the toy course has no dataset ${name}`);
    },
  });
  return findings.map(({ rule, where }) => `${rule} ${where.replace(root, "").replaceAll("\\", "/")}`);
}

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(from, to));
}

test("the toy course holds", async () => {
  expect(await check(toyRoot)).toEqual([]);
});

/** One break each; what is found is exactly what is said. */
const BREAKS: readonly [string, (module: string) => Promise<void>, readonly string[]][] = [
  [
    "a file that the layout does not know",
    async (module) => {
      await writeFile(join(module, "notes.txt"), "");
      await mkdir(join(module, "sql", "old"));
      await writeFile(join(module, "exercises", "2-mean", "solution.bak"), "");
      await writeFile(join(module, "exercises", "1-big", "extra.sql"), "");
    },
    [
      "layout /01-toy/notes.txt",
      "layout /01-toy/sql/old",
      "layout /01-toy/exercises/1-big/extra.sql",
      "readable /01-toy/exercises/2-mean",
    ],
  ],
  [
    "a folder beside the modules",
    (module) => mkdir(join(dirname(module), "9-short")).then(() => {}),
    ["layout /9-short"],
  ],
  [
    "a missing cheat sheet",
    (module) => rm(join(module, "cheatsheet.en.md")),
    ["both-languages /01-toy/cheatsheet.en.md"],
  ],
  [
    "a missing language",
    (module) => rm(join(module, "lesson.en.md")),
    ["both-languages /01-toy/lesson.en.md"],
  ],
  [
    "a step that only one language has",
    (module) => edit(join(module, "lesson.en.md"), "{#filter}", "{#filters}"),
    ["both-languages /01-toy/lesson.en.md"],
  ],
  [
    "another right choice in one language",
    (module) =>
      edit(join(module, "lesson.en.md"), /- \[x\] The values(.*)\n- Every/, "- The values$1\n- [x] Every"),
    ["both-languages /01-toy/lesson.en.md:10"],
  ],
  [
    "front matter that differs",
    (module) => edit(join(module, "lesson.en.md"), "minutes: 5", "minutes: 6"),
    ["both-languages /01-toy/lesson.en.md:1"],
  ],
  [
    "a mistake that only one language explains",
    (module) =>
      edit(
        join(module, "exercises", "1-big", "task.en.md"),
        "## mistake off-by-one",
        "## mistake off-by-two",
      ),
    ["both-languages /01-toy/exercises/1-big/task.en.md"],
  ],
  [
    "a lesson without its last step",
    async (module) => {
      for (const lang of ["es", "en"])
        await edit(join(module, `lesson.${lang}.md`), "{#on-a-real-cluster}", "{#end}");
    },
    ["on-a-real-cluster /01-toy/lesson.es.md", "on-a-real-cluster /01-toy/lesson.en.md"],
  ],
  [
    "fences that name what is not there",
    async (module) => {
      for (const lang of ["es", "en"]) {
        await edit(join(module, `lesson.${lang}.md`), "exercise mean", "exercise means");
        await edit(join(module, `lesson.${lang}.md`), "region=count", "region=counts");
        await edit(join(module, `lesson.${lang}.md`), "step=count rows=12", "step=count row=12");
      }
    },
    [
      "references /01-toy/lesson.es.md:34",
      "references /01-toy/lesson.es.md:43",
      "references /01-toy/lesson.es.md:61",
      "unused /01-toy/lesson.es.md",
      "references /01-toy/lesson.en.md:34",
      "references /01-toy/lesson.en.md:43",
      "references /01-toy/lesson.en.md:61",
    ],
  ],
  [
    "an SQL file that nothing names",
    (module) => writeFile(join(module, "sql", "forgotten.sql"), "SELECT 1 AS one"),
    ["unused /01-toy/sql/forgotten.sql"],
  ],
  [
    "a pipeline under another name, with an option that says nothing, reading a table that nobody makes",
    async (module) => {
      const file = join(module, "pipelines", "count.ts");
      const text = await readFile(file, "utf8");
      await writeFile(
        join(module, "pipelines", "other.ts"),
        text.replace('.describe("how many rows to count")', "").replace("reads: []", 'reads: ["leads"]'),
      );
    },
    [
      "ids /01-toy/pipelines/other.ts",
      "references /01-toy/pipelines/other.ts",
      "references /01-toy/pipelines/other.ts",
    ],
  ],
  [
    "SQL of one engine",
    (module) => appendFile(join(module, "sql", "count.sql"), "ORDER BY n\n"),
    ["portable-sql /01-toy/sql/count.sql:2"],
  ],
];

test.each(BREAKS)("%s is found", async (_name, breakIt, expected) => {
  const root = await copyToy();
  await breakIt(join(root, "01-toy"));

  expect(await check(root, true)).toEqual(expected);
});

const FAILING_RUNS: typeof BREAKS = [
  [
    "a block that fails",
    (module) => edit(join(module, "sql", "count.sql"), "FROM numbers", "FROM nowhere"),
    ["runs /01-toy/sql/count.sql:1"],
  ],
  [
    "a block that needs what an earlier step left",
    async (module) => {
      await writeFile(
        join(module, "sql", "count.sql"),
        "CREATE TEMP TABLE kept AS SELECT * FROM numbers; SELECT count(*) AS n FROM kept",
      );
      for (const lang of ["es", "en"])
        await edit(join(module, `lesson.${lang}.md`), "FROM numbers", "FROM kept");
    },
    ["runs /01-toy/lesson.es.md:53"],
  ],
];

test.each(FAILING_RUNS)("%s is found by running it", async (_name, breakIt, expected) => {
  const root = await copyToy();
  await breakIt(join(root, "01-toy"));

  expect(await check(root)).toEqual(expected);
});

test.each([
  ["SELECT strptime(a, '%d') AS d FROM t", 1],
  ["SELECT\n  CAST(a AS VARCHAR) AS b FROM t", 2],
  ["SELECT a FROM t\nORDER BY a, b NULLS LAST LIMIT 3", 2],
  ["SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC) AS n FROM t", 1],
  ["SELECT * EXCLUDE (a) FROM t", 1],
  ["SELECT a // b AS c FROM t", 1],
])("%j is not portable", (sql, line) => {
  expect(portabilityProblems(sql).map((problem) => problem.line)).toEqual([line]);
});

test.each([
  "SELECT a AS strptime FROM t -- strptime(a)",
  "SELECT 'concat(a)' AS b, a || b AS c FROM t ORDER BY a NULLS LAST, f(b, c) DESC NULLS LAST",
  "SELECT row_number() OVER (ORDER BY b NULLS FIRST ROWS UNBOUNDED PRECEDING) AS n FROM t EXCEPT (SELECT 1 AS n)",
  "SELECT CAST(a AS VARCHAR(10)) AS b FROM t ORDER BY ALL",
  "-- engine: duckdb (reads the file itself)\nSELECT * FROM read_csv('a.csv') ORDER BY 1",
])("%j is portable, as far as words show", (sql) => {
  expect(portabilityProblems(sql)).toEqual([]);
});
