import { afterAll, describe, expect, test } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { defineExercise, type SqlSubmission } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import type { CaseWorld } from "../../src/grading/kinds/submission.ts";
import { problemOf } from "./problem-of.ts";

const query = defineExercise({
  kind: "sql",
  version: 1,
  files: ["big.sql"],
  limits: { timeMs: 20_000 },
  checks: [],
  starterFails: "",
  wrong: {},
});
const views = defineExercise({ ...query, results: ["valid", "rejected"] });

const numbers = tableFromRows(
  fieldsOf({ id: { kind: "int32" }, x: { kind: "int32" } }),
  [1, 2, 3].map((id) => ({ id, x: id === 2 ? null : id * 100 })),
);

async function using<T>(
  sql: string,
  use: (handle: SqlSubmission) => Promise<T>,
  { spec = query, world = {} }: { spec?: typeof query; world?: Partial<CaseWorld> } = {},
): Promise<T> {
  const prepared = await prepareSubmission(spec, { "big.sql": sql });
  const opened = openSubmission({ spec, prepared, inputs: { numbers }, ...world });
  try {
    return await use(opened.handle);
  } finally {
    await opened.close();
    await prepared.close();
  }
}

const resultOf = (sql: string, world?: Partial<CaseWorld>) =>
  using(sql, async (submission) => rowsOf(await submission.result()), world === undefined ? {} : { world });

afterAll(endPrestart);

describe("kind sql", () => {
  test("the last query's rows are the result", async () => {
    const sql = "CREATE VIEW v AS SELECT * FROM numbers;\nSELECT id FROM v WHERE x > 100; -- end";
    expect(await resultOf(sql)).toEqual([{ id: 3 }]);
  });

  test("the named views are the results, and the grader queries the same database", async () => {
    const sql = `CREATE OR REPLACE VIEW valid AS SELECT * FROM numbers WHERE x IS NOT NULL;
      CREATE OR REPLACE VIEW rejected AS SELECT * FROM numbers WHERE x IS NULL`;
    const seen = await using(
      sql,
      async (submission) => {
        await submission.run();
        await submission.run();
        return {
          valid: rowsOf(await submission.result("valid")),
          rejected: rowsOf(await submission.result("rejected")),
          both: rowsOf(
            await submission.query("SELECT count(*) AS n FROM (FROM valid UNION ALL FROM rejected)"),
          ),
        };
      },
      { spec: views },
    );
    expect(seen).toEqual({
      valid: [
        { id: 1, x: 100 },
        { id: 3, x: 300 },
      ],
      rejected: [{ id: 2, x: null }],
      both: [{ n: 3n }],
    });
  });

  test("a view that is missing is named, with those that are there", async () => {
    const problem = await problemOf(
      using("CREATE VIEW valid AS SELECT 1 AS one", (s) => s.result("rejected"), { spec: views }),
    );
    expect(problem).toMatchObject({
      kind: "missing-result",
      result: "rejected",
      found: ["numbers", "valid"],
    });
  });

  test("an error names the line of the learner's file", async () => {
    expect(await problemOf(resultOf("-- first\nSELECT 1;\n\nSELECT id,\n  nope FROM numbers"))).toMatchObject(
      {
        kind: "sql",
        file: "big.sql",
        line: 5,
      },
    );
    expect(await problemOf(resultOf("SELECT ';' ;\nSELECT (;\n"))).toMatchObject({ kind: "sql", line: 2 });
  });

  test("an error while rows are read names the line on which its statement begins", async () => {
    const sql = "SELECT 1;\n/* ; */\nSELECT CAST(x || 'a' AS INTEGER) FROM numbers";
    expect(await problemOf(resultOf(sql))).toMatchObject({ kind: "sql", line: 3 });
  });

  test("the day and the random numbers are the case's", async () => {
    const sql = "SELECT CAST(now() AS STRING) AS t, current_date AS d, random() AS r FROM numbers LIMIT 1";
    const world = { clockMs: Date.UTC(2030, 4, 6, 7, 8, 9), seed: 5 };
    const [first, second, other] = [
      await resultOf(sql, world),
      await resultOf(sql, world),
      await resultOf(sql, { ...world, seed: 6 }),
    ];
    expect(first).toMatchObject([{ t: "2030-05-06 07:08:09+00", d: "2030-05-06" }]);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("each case has a database of its own in one process", async () => {
    const prepared = await prepareSubmission(query, { "big.sql": "CREATE TABLE t AS FROM numbers; FROM t" });
    const cases = [0, 1, 2].map(() => openSubmission({ spec: query, prepared, inputs: { numbers } }));
    const counts = await Promise.all(cases.map(async ({ handle }) => (await handle.result()).rowCount));
    await Promise.all(cases.map((one) => one.close()));
    await prepared.close();
    expect(counts).toEqual([3, 3, 3]);
  });

  test("a case that runs over its time leaves the others whole", async () => {
    const endless = "SELECT count(*) AS n FROM range(100000) AS a, range(100000) AS b, range(100000) AS c";
    const spec = defineExercise({ ...query, limits: { timeMs: 1_000 } });
    const prepared = await prepareSubmission(spec, { "big.sql": endless });
    const slow = openSubmission({ spec, prepared, inputs: { numbers } });
    const other = openSubmission({ spec, prepared, inputs: { numbers } });
    const before = (await other.handle.query("SELECT * FROM numbers")).rowCount;
    const problem = await problemOf(slow.handle.result());
    const again = await problemOf(slow.handle.query("SELECT 1 AS one"));
    const after = (await other.handle.query("SELECT * FROM numbers")).rowCount;
    await Promise.all([slow.close(), other.close()]);
    await prepared.close();
    expect(problem).toEqual({ kind: "time-limit", limitMs: 1_000 });
    expect(again).toEqual(problem);
    expect([before, after]).toEqual([3, 3]);
  });

  test("an input that the file changes is named", async () => {
    for (const sql of [
      "DELETE FROM numbers WHERE id = 1; FROM numbers",
      "UPDATE numbers SET x = 0; FROM numbers",
      "DROP TABLE numbers; SELECT 1 AS one",
      "CREATE OR REPLACE TABLE numbers AS SELECT 1 AS id; FROM numbers",
    ]) {
      expect(await problemOf(resultOf(sql)), sql).toMatchObject({
        kind: "refused",
        what: "write",
        message: "numbers",
      });
    }
  });

  test("a killed case begins anew", async () => {
    const seen = await using("CREATE TABLE t AS FROM numbers; FROM t", async (submission) => {
      await submission.run();
      await submission.restart();
      return (await submission.result()).rowCount;
    });
    expect(seen).toBe(3);
  });
});
