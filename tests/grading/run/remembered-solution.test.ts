import { describe, expect, test } from "vitest";
import { openMemoryCache } from "../../../src/grading/cache.ts";
import type { TsExercise } from "../../../src/grading/exercise.ts";
import { openSubmission, prepareSubmission, type SubmissionError } from "../../../src/grading/kinds/open.ts";
import { rememberSolution, SolutionError } from "../../../src/grading/run/remembered-solution.ts";

const spec: TsExercise = {
  kind: "ts",
  version: 1,
  files: ["count.ts"],
  exports: ["add", "fail"],
  checks: [],
  starterFails: "",
  wrong: {},
};
const prepared = await prepareSubmission(spec, {
  "count.ts":
    "let n = 0;\nexport const add = (by: number) => (n += by);\nexport const fail = () => { throw new Error('no'); };\n",
});
const cache = openMemoryCache();

/** What the calls gave, and whether a process was started for them. */
async function ask(key: string, calls: readonly number[]): Promise<{ given: unknown[]; started: number }> {
  let started = 0;
  const solution = await rememberSolution({
    kind: "ts",
    exercise: "toy/count",
    case: "visible",
    key,
    cache,
    open: async () => {
      started++;
      return openSubmission({ spec, prepared, inputs: {} });
    },
  });
  const given: unknown[] = [];
  for (const by of calls) given.push(await solution.handle.call("add", by));
  await solution.close();
  return { given, started };
}

describe("the solution's answers", () => {
  test("come from the cache for the same calls in the same order, from a process for new ones", async () => {
    expect(await ask("a", [1, 2])).toEqual({ given: [1, 3], started: 1 });
    expect(await ask("a", [1, 2])).toEqual({ given: [1, 3], started: 0 });
    expect(await ask("a", [1, 2, 4])).toEqual({ given: [1, 3, 7], started: 1 });
    expect(await ask("a", [2, 1])).toEqual({ given: [2, 3], started: 1 });
    expect(await ask("b", [1, 2])).toEqual({ given: [1, 3], started: 1 });
  });

  test("are no answers when it fails: that is the exercise's fault", async () => {
    const solution = await rememberSolution({
      kind: "ts",
      exercise: "toy/count",
      case: "visible",
      key: "c",
      cache,
      open: async () => openSubmission({ spec, prepared, inputs: {} }),
    });
    const failure = await solution.handle.call("fail").catch((error: unknown) => error);
    await solution.close();
    expect(failure).toBeInstanceOf(SolutionError);
    expect((failure as SolutionError).cause as SubmissionError).toMatchObject({ problem: { kind: "threw" } });
  });
});
