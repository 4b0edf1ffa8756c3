import { describe, expect, test } from "vitest";
import type { Exercise } from "../../src/grading/exercise.ts";
import { checkTypes, parseErrors } from "../../src/grading/type-errors.ts";

const SPEC: Exercise = {
  kind: "ts",
  version: 1,
  files: ["mean.ts"],
  exports: ["mean"],
  checks: [],
  starterFails: "",
  wrong: {},
};

describe("type errors of a submission", () => {
  test("carry the file, line and column of the learner's file", async () => {
    const notes = await checkTypes(SPEC, {
      "mean.ts":
        'import type { Table } from "taller";\n\nexport const mean = (t: Table): string =>\n  t.rowCount;\n',
    });
    expect(notes).toEqual([
      {
        file: "mean.ts",
        line: 4,
        column: 3,
        message: "TS2322: Type 'number' is not assignable to type 'string'.",
      },
    ]);
  });

  test("are none for code that is right, uses the door, another file of its own and what the sandbox has", async () => {
    const notes = await checkTypes(
      { ...SPEC, files: ["mean.ts", "sum.ts"] },
      {
        "mean.ts": [
          'import { readFileSync } from "node:fs";',
          'import { rowsOf, type Table } from "taller";',
          'import { sum } from "./sum.ts";',
          "export function mean(t: Table): number {",
          "  return sum(rowsOf(t).map((row) => Number(row.x))) / t.rowCount;",
          "}",
        ].join("\n"),
        "sum.ts": "export const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);\n",
      },
    );
    expect(notes).toEqual([]);
  });

  test("know express where the submission is a router", async () => {
    const notes = await checkTypes(
      { ...SPEC, kind: "router", files: ["router.ts"], checks: [] },
      {
        "router.ts":
          'import { Router } from "express";\nconst router = Router();\nrouter.get("/", (request, response) => { response.jason(request.path); });\nexport default router;\n',
      },
    );
    expect(notes.map(({ line, message }) => [line, message.slice(0, 6)])).toEqual([[3, "TS2551"]]);
  });

  test("leave syntax to the verdict", async () => {
    expect(await checkTypes(SPEC, { "mean.ts": "export const mean = (;\n" })).toEqual([]);
  });

  test("are not looked for in SQL", async () => {
    expect(
      await checkTypes({ ...SPEC, kind: "sql", checks: [] }, { "a.ts": "const a: string = 1;" }),
    ).toEqual([]);
  });

  test("keep the detail that the compiler puts on further lines", () => {
    const output = [
      "a.ts(1,7): error TS2322: Type 'A' is not assignable to type 'B'.",
      "  Property 'x' is missing in type 'A'.",
      "Found 1 error.",
    ].join("\n");
    expect(parseErrors(output)).toEqual([
      {
        file: "a.ts",
        line: 1,
        column: 7,
        message: "TS2322: Type 'A' is not assignable to type 'B'. Property 'x' is missing in type 'A'.",
      },
    ]);
  });
});
