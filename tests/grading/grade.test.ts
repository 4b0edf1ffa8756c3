import { describe, expect, test } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import { rowsOf } from "../../src/core/table.ts";
import type { Exercise } from "../../src/grading/exercise.ts";
import { grade } from "../../src/grading/grade.ts";
import type { ProvableExercise } from "../../src/grading/prove.ts";
import { firstFailure, gradeText, temporaryPlace, toyExercise } from "./toy.ts";

const place = await temporaryPlace();
const big = await toyExercise("big");
const mean = await toyExercise("mean");

/** An exercise with another spec: its limits, its checks. */
function withSpec(exercise: ProvableExercise, change: Partial<Exercise>): ProvableExercise {
  return { ...exercise, spec: { ...exercise.spec, ...change } as Exercise };
}

describe("a verdict on SQL", () => {
  test("passes the solution, with every check passed and nothing else said", async () => {
    const verdict = await grade({ ...place, exercise: big, submission: big.solution });
    expect(verdict).toMatchObject({
      exercise: "toy/big",
      version: 1,
      passed: true,
      state: "passed",
      typeErrors: [],
    });
    expect(verdict.checks).toEqual([
      { id: "schema", passed: true },
      { id: "rows", passed: true },
    ]);
    expect(verdict.problem).toBeUndefined();
  });

  test("names the check, the data, the mistake and the smallest counter-example", async () => {
    const verdict = await gradeText(place, big, "select ID, X from numbers where x > 100 order by id");
    expect(verdict).toMatchObject({ passed: false, state: "failed" });
    expect(verdict.checks[0]).toEqual({ id: "schema", passed: true });
    const failure = firstFailure(verdict);
    expect(failure).toMatchObject({ id: "rows", mistake: "off-by-one", case: "seed-101" });
    expect(failure?.failure?.reason).toMatchObject({ kind: "rows", missing: 20, extra: 0, changed: 0 });
    const example = failure?.failure?.example;
    expect(example === undefined ? [] : rowsOf(example)).toEqual([
      { id: 0, x: 100 },
      { id: 10, x: 100 },
      { id: 20, x: 100 },
    ]);
  });

  test("leaves a check open that only says again what the one before it said", async () => {
    const verdict = await gradeText(place, big, "select id::varchar as id, x from numbers where x >= 100");
    expect(verdict.state).toBe("failed");
    expect(verdict.checks[0]).toMatchObject({ id: "schema", passed: false });
    expect(verdict.checks[1]).toEqual({ id: "rows", passed: null });
  });

  test("recognises a mistake beside another difference, and shows rows that carry it", async () => {
    const sql = "SELECT id, x FROM numbers WHERE coalesce(x, 1000) >= 100 OR id = 1";
    const failure = firstFailure(await gradeText(place, big, sql));
    expect(failure).toMatchObject({ id: "rows", mistake: "null-is-big", case: "visible" });
    expect(failure?.failure?.reason).toMatchObject({ extra: 3 });
    const example = failure?.failure?.example;
    expect(example === undefined ? [] : rowsOf(example).map((row) => row.x)).toEqual([null, null]);
  });

  test("names no mistake for an empty result or a missing filter, which hold every mistake's rows", async () => {
    const empty = firstFailure(await gradeText(place, big, "SELECT id, x FROM numbers WHERE 1 = 0"));
    const all = firstFailure(await gradeText(place, big, "SELECT id, x FROM numbers"));
    expect(empty).toMatchObject({ id: "rows", case: "visible" });
    expect(empty?.mistake).toBeUndefined();
    expect(all?.mistake).toBeUndefined();
  });

  test("is an error with the engine's words when the SQL does not run, and no check is judged", async () => {
    const verdict = await gradeText(place, big, "SELECT id, x\nFROM numbers\nWHERE y >= 100");
    expect(verdict).toMatchObject({ passed: false, state: "error", problemCase: "visible" });
    expect(verdict.problem).toMatchObject({ kind: "sql", file: "big.sql" });
    expect(verdict.checks).toEqual([
      { id: "schema", passed: null },
      { id: "rows", passed: null },
    ]);
  });

  test("judges only the cases that are asked for", async () => {
    const submission = { "big.sql": "SELECT id, x FROM numbers WHERE x > 100" };
    const verdict = await grade({ ...place, exercise: big, submission, only: ["visible"] });
    expect(verdict.passed).toBe(true);
  });
});

describe("a verdict on TypeScript", () => {
  test("says a missing file, a syntax error and a missing export before anything is judged", async () => {
    const missing = await grade({ ...place, exercise: mean, submission: {} });
    expect(missing).toMatchObject({ state: "error", problem: { kind: "missing-file", file: "mean.ts" } });
    const syntax = await gradeText(place, mean, "export function mean( {\n");
    expect(syntax.problem).toMatchObject({ kind: "syntax", file: "mean.ts" });
    const nothing = await gradeText(place, mean, "export const sum = () => 0;\n");
    expect(nothing.problem).toMatchObject({ kind: "missing-export", name: "mean" });
    expect(nothing.checks.map(({ passed }) => passed)).toEqual([null, null]);
  });

  test("is an error on the data on which it crashes, with what held before", async () => {
    const verdict = await gradeText(
      place,
      mean,
      [
        "export function mean(values: (number | null)[]): number | null {",
        "  const known = values.filter((value) => value !== null);",
        "  if (values.length === 0) return null;",
        "  if (known.includes(0)) throw new Error('a zero');",
        "  return known.reduce((a, b) => a + b, 0) / known.length;",
        "}",
      ].join("\n"),
    );
    expect(verdict).toMatchObject({ state: "error", problemCase: "seed-101" });
    expect(verdict.problem).toMatchObject({ kind: "threw", file: "mean.ts", line: 4 });
    expect(verdict.checks.map(({ passed }) => passed)).toEqual([null, null]);
  });

  test("is a timeout when the limit is over", async () => {
    const exercise = withSpec(mean, { limits: { timeMs: 700 } });
    const verdict = await gradeText(place, exercise, "export const mean = () => { for (;;); };\n");
    expect(verdict).toMatchObject({ passed: false, state: "timeout", problem: { kind: "time-limit" } });
  });

  test("passes a right result with type errors as notes", async () => {
    const text = `${mean.solution["mean.ts"]}\nexport const unused: string = 1;\n`;
    const verdict = await gradeText(place, mean, text);
    expect(verdict.passed).toBe(true);
    expect(verdict.typeErrors).toMatchObject([{ file: "mean.ts", column: 14 }]);
  });
});

describe("what is no verdict", () => {
  test("a stop by the caller", async () => {
    const signal = AbortSignal.abort();
    const grading = grade({ ...place, exercise: big, submission: big.solution, signal });
    await expect(grading).rejects.toBeInstanceOf(CancelledError);
  });

  test("a bug in a check", async () => {
    const answer = await toyExercise("answer");
    const broken = withSpec(answer, {
      checks: [
        {
          kind: "custom",
          id: "rows",
          run: () => {
            throw new TypeError("oops");
          },
        },
      ],
    });
    const grading = grade({ ...place, exercise: broken, submission: answer.solution });
    await expect(grading).rejects.toThrow("oops");
  });

  test("a solution that does not run", async () => {
    const broken = { ...big, solution: { "big.sql": "SELECT" } };
    const grading = grade({ ...place, exercise: broken, submission: big.solution });
    await expect(grading).rejects.toThrow("toy/big: the solution fails on visible");
  });
});
