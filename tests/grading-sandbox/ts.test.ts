import { afterAll, describe, expect, test } from "vitest";
import { defineExercise } from "../../src/grading/exercise.ts";
import { endPrestart, openSubmission, prepareSubmission } from "../../src/grading/kinds/open.ts";

const spec = defineExercise({
  kind: "ts",
  version: 1,
  files: ["clean.ts"],
  exports: ["clean"],
  checks: [],
  starterFails: "",
  wrong: {},
});

async function call(source: string, ...args: unknown[]): Promise<unknown> {
  const prepared = await prepareSubmission(spec, { "clean.ts": source });
  const opened = openSubmission({ spec, prepared, inputs: {} });
  try {
    return await opened.handle.call("clean", ...args);
  } finally {
    await opened.close();
    await prepared.close();
  }
}

afterAll(endPrestart);

describe("kind ts", () => {
  test("a function's result crosses as data", async () => {
    const source = `export async function clean(rows: number[]): Promise<{ sum: bigint }> {
      return { sum: BigInt(rows.reduce((a, b) => a + b, 0)) };
    }`;
    expect(await call(source, [1, 2, 3])).toEqual({ sum: 6n });
  });
});
