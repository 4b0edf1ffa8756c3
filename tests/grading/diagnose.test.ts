import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { failed, failedSaying, judgeFacts, passed } from "../../src/grading/check-results.ts";
import type {
  Check,
  CheckContext,
  CheckResult,
  FilesSubmission,
  TsSubmission,
} from "../../src/grading/exercise.ts";
import type { GradableExercise } from "../../src/grading/gradable.ts";
import { grade } from "../../src/grading/grade.ts";
import { firstFailure, temporaryPlace } from "./toy.ts";

const place = await temporaryPlace();
const dir = await mkdtemp(join(tmpdir(), "taller-diagnose-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What the mistake of a submission is called, and on which data. */
async function mistakeOf(exercise: GradableExercise, text: string): Promise<string | undefined> {
  const [file = ""] = exercise.spec.files;
  const verdict = await grade({ ...place, exercise, submission: { [file]: text }, typeCheck: false });
  expect(verdict.state).toBe("failed");
  return firstFailure(verdict)?.mistake;
}

let exercises = 0;

/** An exercise whose submission is a list of words: nothing runs, the checks look at the words. */
function wordsExercise(
  run: (words: readonly string[], context: CheckContext<FilesSubmission>) => CheckResult,
  wrong: Readonly<Record<string, string>>,
  hidden: readonly number[] = [],
): GradableExercise {
  const check: Check<FilesSubmission> = {
    kind: "custom",
    id: "words",
    run: async (context) => {
      const files = await context.submission.read();
      const [words] = files["words.json"]?.documents ?? [];
      return run(Array.isArray(words) ? words.map(String) : [], context);
    },
  };
  const other: Check<FilesSubmission> = { kind: "custom", id: "other", run: async () => passed };
  return {
    id: `toy/words-${exercises++}`,
    dir,
    spec: {
      kind: "files",
      version: 1,
      files: ["words.json"],
      hidden: hidden.map((seed) => ({ seed })),
      checks: [check, other],
      starterFails: "words",
      wrong: Object.fromEntries(Object.keys(wrong).map((id) => [id, "words"])),
    },
    solution: { "words.json": '["right"]' },
    wrong: Object.fromEntries(Object.entries(wrong).map(([id, text]) => [id, { "words.json": text }])),
  };
}

const fact = (word: string) => ({ name: { es: word, en: word }, expected: "no", actual: word, holds: false });

describe("a mistake is recognised", () => {
  test("by the grader's own rule, when it names one", async () => {
    const exercise = wordsExercise(
      (words) =>
        words.includes("right")
          ? passed
          : failedSaying({ es: "no", en: "no" }, { mistake: words.length > 1 ? "many" : "few" }),
      { many: '["a", "b"]', few: '["a"]' },
    );
    expect(await mistakeOf(exercise, '["x", "y", "z"]')).toBe("many");
    expect(await mistakeOf(exercise, '["x"]')).toBe("few");
  });

  test("by the same facts, and by facts that are part of more; the larger part wins", async () => {
    const exercise = wordsExercise(
      (words) => judgeFacts("files", words.filter((word) => word !== "right").map(fact)),
      { one: '["a"]', two: '["a", "b"]' },
    );
    expect(await mistakeOf(exercise, '["a", "right"]')).toBe("one");
    expect(await mistakeOf(exercise, '["b", "c", "a"]')).toBe("two");
    expect(await mistakeOf(exercise, '["b"]')).toBeUndefined();
    expect(await mistakeOf(exercise, '["a", "c", "d", "e", "f"]')).toBeUndefined();
  });

  test("by the same value within the tolerance", async () => {
    const exercise = wordsExercise(
      ([word]) =>
        word === "right" ? passed : failed({ kind: "value", name: "n", expected: 1, actual: Number(word) }),
      { third: '["0.3333333333"]' },
    );
    expect(await mistakeOf(exercise, `["${1 / 3}"]`)).toBe("third");
    expect(await mistakeOf(exercise, '["0.34"]')).toBeUndefined();
  });

  test("by the same words only where they are said of one wrong answer", async () => {
    const says = (words: readonly string[]) =>
      words.includes("right") ? passed : failedSaying({ es: `${words.length}`, en: `${words.length}` });
    const apart = wordsExercise(says, { one: '["a"]', two: '["a", "b"]' });
    expect(await mistakeOf(apart, '["x", "y"]')).toBe("two");
    const alike = wordsExercise(says, { one: '["a"]', another: '["b"]' });
    expect(await mistakeOf(alike, '["x"]')).toBeUndefined();
    expect(await mistakeOf(alike, '["b"]')).toBe("another");
  });

  test("never as one that passes that check on that data", async () => {
    const exercise = wordsExercise(
      (words, context) =>
        context.case === "visible" && words.includes("late")
          ? passed
          : judgeFacts("files", words.filter((word) => word !== "right").map(fact)),
      { late: '["late"]', soon: '["soon"]' },
      [101],
    );
    expect(await mistakeOf(exercise, '["late", "right"]')).toBe("late");
    expect(await mistakeOf(exercise, '["soon", "right"]')).toBe("soon");
  });

  test("never as one that fails on data on which the submission passed", async () => {
    const exercise = wordsExercise(
      (words, context) =>
        context.case === "visible" && words.includes("late")
          ? passed
          : judgeFacts("files", words.filter((word) => word !== "late" && word !== "right").map(fact)),
      { always: '["a"]' },
      [101],
    );
    expect(await mistakeOf(exercise, '["late", "a"]')).toBeUndefined();
  });

  test("by what the other data say, when two are equal on the data that failed", async () => {
    const exercise = wordsExercise(
      (words, context) => {
        const kept = context.case === "visible" ? words.map((word) => word[0] ?? "") : words;
        return judgeFacts("files", kept.filter((word) => word !== "right").map(fact));
      },
      { "ends-in-x": '["ax"]', "ends-in-y": '["ay"]' },
      [101],
    );
    expect(await mistakeOf(exercise, '["ay"]')).toBe("ends-in-y");
    expect(await mistakeOf(exercise, '["ax" ]')).toBe("ends-in-x");
  });
});

describe("a mistake in TypeScript is recognised", () => {
  const spread = (body: string) => `export const spread = (xs: number[]) => { ${body} };\n`;
  const check: Check<TsSubmission> = {
    kind: "custom",
    id: "spread",
    run: async ({ submission, solution }) => {
      const data = [3, 1, 2, 10];
      const [given, expected] = [await submission.call("spread", data), await solution.call("spread", data)];
      return JSON.stringify(given) === JSON.stringify(expected)
        ? passed
        : failedSaying({ es: "No es eso.", en: "Not that." });
    },
  };
  const exercise: GradableExercise = {
    id: "toy/spread",
    dir,
    spec: {
      kind: "ts",
      version: 1,
      files: ["spread.ts"],
      exports: ["spread"],
      checks: [check],
      starterFails: "spread",
      wrong: { "text-order": "spread", "no-mean": "spread" },
    },
    solution: {
      "spread.ts": spread(
        "const s = [...xs].sort((a, b) => a - b); return { sorted: s, mean: xs.reduce((a, b) => a + b) / xs.length };",
      ),
    },
    wrong: {
      "text-order": {
        "spread.ts": spread(
          "return { sorted: [...xs].sort(), mean: xs.reduce((a, b) => a + b) / xs.length };",
        ),
      },
      "no-mean": {
        "spread.ts": spread("return { sorted: [...xs].sort((a, b) => a - b), mean: null };"),
      },
    },
  };

  test("by what its calls gave, though the check says the same of every failure", async () => {
    const text = spread("const copy = xs.slice(); copy.sort(); return { mean: 16 / 4, sorted: copy };");
    expect(await mistakeOf(exercise, text)).toBe("text-order");
  });

  test("when all that it gets wrong is wrong in the same way beside another fault", async () => {
    expect(await mistakeOf(exercise, spread("return { sorted: [...xs].sort(), mean: 0 };"))).toBe(
      "text-order",
    );
    expect(await mistakeOf(exercise, spread("return { sorted: [], mean: 1 };"))).toBeUndefined();
  });
});
