import { describe, expect, test } from "vitest";
import { grade } from "../../src/grading/grade.ts";
import { firstFailure, temporaryPlace, toyExercise } from "./toy.ts";

const place = await temporaryPlace();

describe.each(["big", "mean", "answer", "layout", "hello", "resume"])("the toy exercise %s", async (slug) => {
  const exercise = await toyExercise(slug);

  test.each(["solution", ...Object.keys(exercise.right)])("passes its right answer %s", async (name) => {
    const submission = exercise.right[name] ?? exercise.solution;
    const verdict = await grade({ ...place, exercise, submission });
    expect(verdict).toMatchObject({ exercise: exercise.id, passed: true, state: "passed", typeErrors: [] });
    expect(verdict.checks.map(({ passed }) => passed)).not.toContain(null);
  });

  test("fails the untouched starter by the declared check", async () => {
    const verdict = await grade({ ...place, exercise, submission: exercise.starter });
    expect(verdict.state).toBe("failed");
    expect(firstFailure(verdict)?.id).toBe(exercise.spec.starterFails);
  });

  test.each(Object.keys(exercise.wrong))("recognises the mistake %s", async (mistake) => {
    const verdict = await grade({ ...place, exercise, submission: exercise.wrong[mistake] ?? {} });
    expect(verdict).toMatchObject({ passed: false, state: "failed" });
    expect(firstFailure(verdict)).toMatchObject({ id: exercise.spec.wrong[mistake], mistake });
  });
});
