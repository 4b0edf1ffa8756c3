import { afterAll, describe, expect, test } from "vitest";
import { rowsOf } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";
import { defineExercise, type SqlSubmission } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";
import { problemOf } from "./problem-of.ts";

const spec = defineExercise({
  kind: "sql",
  engine: "postgres",
  version: 1,
  files: ["load.sql"],
  limits: { timeMs: 60_000 },
  checks: [],
  starterFails: "",
  wrong: {},
});

const all = tableFromRows(
  fieldsOf({
    b: { kind: "boolean" },
    i: { kind: "int32" },
    l: { kind: "int64" },
    f: { kind: "float64" },
    d: { kind: "decimal", precision: 10, scale: 2 },
    s: { kind: "string" },
    day: { kind: "date" },
    at: { kind: "timestamp" },
  }),
  [
    {
      b: true,
      i: -1,
      l: 2n ** 60n,
      f: 0.1,
      d: "12.50",
      s: 'é "x", \n',
      day: "2024-02-29",
      at: "2024-01-05 10:00:00.5",
    },
    {
      b: false,
      i: 0,
      l: 0n,
      f: Number.POSITIVE_INFINITY,
      d: "0.00",
      s: "",
      day: "1969-12-31",
      at: "1969-12-31 23:59:59",
    },
    { b: null, i: null, l: null, f: null, d: null, s: null, day: null, at: null },
  ],
);

/** Several cases of one file, in one process, each on its own database. */
async function onCases<T>(
  sql: string,
  uses: readonly ((handle: SqlSubmission) => Promise<T>)[],
): Promise<T[]> {
  const prepared = await prepareSubmission(spec, { "load.sql": sql });
  const seen: T[] = [];
  try {
    for (const use of uses) {
      const opened = openSubmission({
        spec,
        prepared,
        inputs: { all },
        clockMs: Date.UTC(2030, 4, 6, 7, 8, 9),
        seed: 5,
      });
      try {
        seen.push(await use(opened.handle));
      } finally {
        await opened.close();
      }
    }
  } finally {
    await prepared.close();
  }
  return seen;
}

afterAll(endPrestart);

const problemsOf = (sql: string) => problemOf(onCases(sql, [(s) => s.result()]));

describe("kind sql on postgres", () => {
  test("every type crosses both ways; files and the server's settings are refused", async () => {
    const [seen] = await onCases('SELECT * FROM "all" ORDER BY i DESC NULLS LAST', [
      async (submission) => ({
        table: await submission.result(),
        copy: await problemOf(submission.query("COPY t FROM '/etc/passwd'")),
        system: await problemOf(submission.query("ALTER  SYSTEM SET work_mem = '1GB'")),
        load: await problemOf(submission.query("LOAD 'x'")),
        // The file system is PGlite's own, in memory: there is no such file.
        read: await problemOf(submission.query("SELECT pg_read_file('/etc/passwd')")),
      }),
    ]);
    expect(seen === undefined ? [] : rowsOf(seen.table)).toEqual([1, 0, 2].map((row) => rowsOf(all)[row]));
    expect(seen?.table.fields.map(({ type }) => type.kind)).toEqual(all.fields.map(({ type }) => type.kind));
    expect(seen?.copy).toMatchObject({ kind: "refused", what: "sql", message: "COPY" });
    expect(seen?.system).toMatchObject({ kind: "refused", what: "sql" });
    expect(seen?.load).toMatchObject({ kind: "refused", what: "sql", message: "LOAD" });
    expect(seen?.read).toMatchObject({ kind: "sql", message: expect.stringContaining("No such file") });
  });

  test("each case begins on a database of its own; transactions are the learner's", async () => {
    const sql = `CREATE TABLE IF NOT EXISTS seen (run SERIAL, at TIMESTAMPTZ, day DATE, chance FLOAT, id UUID);
      BEGIN;
      INSERT INTO seen (at, day, chance, id) VALUES (now(), current_date, random(), gen_random_uuid());
      COMMIT;
      SELECT * FROM seen ORDER BY run`;
    const twice = async (submission: SqlSubmission) => {
      await submission.run();
      await submission.run();
      return rowsOf(await submission.result());
    };
    const [first, second] = await onCases(sql, [twice, twice]);
    expect(first).toMatchObject([
      { run: 1, at: "2030-05-06 07:08:09", day: "2030-05-06" },
      { run: 2, at: "2030-05-06 07:08:09" },
    ]);
    expect(second).toEqual(first);
  });

  test("an error has the line of the learner's file", async () => {
    expect(await problemsOf('SELECT 1;\n\nSELECT i,\n  nope\nFROM "all"')).toMatchObject({
      kind: "sql",
      file: "load.sql",
      line: 4,
      message: 'column "nope" does not exist',
    });
  });

  test("an input that the file changes is named", async () => {
    expect(await problemsOf('DELETE FROM "all" WHERE i = 0')).toMatchObject({
      kind: "refused",
      what: "write",
      message: "all",
    });
  });

  test("a query that never ends is ended, and the next case is whole", async () => {
    const quick = defineExercise({ ...spec, limits: { timeMs: 2_000 } });
    const endless = "SELECT count(*) FROM generate_series(1, 1000000000)";
    const prepared = await prepareSubmission(quick, { "load.sql": endless });
    const slow = openSubmission({ spec: quick, prepared, inputs: { all } });
    const next = openSubmission({ spec: quick, prepared, inputs: { all } });
    const problem = await problemOf(slow.handle.result());
    await slow.close();
    const after = await problemOf(next.handle.query("SELECT nope")).catch((error: unknown) => error);
    await next.close();
    await prepared.close();
    expect(problem).toEqual({ kind: "time-limit", limitMs: 2_000 });
    expect(after).toMatchObject({ kind: "sql" });
  });
});
