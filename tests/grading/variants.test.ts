import { describe, expect, test } from "vitest";
import { openMemoryCache } from "../../src/grading/cache.ts";
import { grade } from "../../src/grading/grade.ts";
import { firstFailure, temporaryPlace, toyExercise } from "./toy.ts";

// A process a case: on a busy machine these take their time.
const timeout = 180_000;

describe.for(["hello", "resume"])("the toy exercise %s", async (slug) => {
  const exercise = await toyExercise(slug);
  const place = { ...(await temporaryPlace()), outcomes: openMemoryCache(), exercise, typeCheck: false };

  test.for(["solution", ...Object.keys(exercise.right)])("passes %s", { timeout }, async (name) => {
    const submission = exercise.right[name] ?? exercise.solution;
    const verdict = await grade({ ...place, submission });
    expect(verdict).toMatchObject({ passed: true, state: "passed" });
    expect(verdict.checks.map(({ passed }) => passed)).not.toContain(null);
  });

  test("fails the untouched starter by the declared check", { timeout }, async () => {
    const verdict = await grade({ ...place, submission: exercise.starter });
    expect(verdict.state).toBe("failed");
    expect(firstFailure(verdict)?.id).toBe(exercise.spec.starterFails);
  });

  test.for(Object.keys(exercise.wrong))("recognises the mistake %s", { timeout }, async (mistake) => {
    const verdict = await grade({ ...place, submission: exercise.wrong[mistake] ?? {} });
    expect(verdict).toMatchObject({ passed: false, state: "failed" });
    expect(firstFailure(verdict)).toMatchObject({ id: exercise.spec.wrong[mistake], mistake });
  });
});

test("the toy exercise upsert, on PostgreSQL, passes right and recognises a second run that adds again", {
  timeout,
}, async () => {
  const exercise = await toyExercise("upsert");
  const mistake = "adds-again";
  const place = {
    ...(await temporaryPlace()),
    outcomes: openMemoryCache(),
    exercise: { ...exercise, wrong: { [mistake]: exercise.wrong[mistake] ?? {} } },
  };
  const right = await grade({ ...place, submission: exercise.solution });
  expect(right).toMatchObject({ passed: true, state: "passed" });
  const wrong = await grade({ ...place, submission: exercise.wrong[mistake] ?? {}, only: ["visible"] });
  expect(firstFailure(wrong)).toMatchObject({ id: "rerun", mistake, failure: { reason: { kind: "rows" } } });
});
