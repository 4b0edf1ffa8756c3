import { expect, test } from "vitest";
import { grade } from "../../src/grading/grade.ts";
import { firstFailure, temporaryPlace, toyExercise } from "./toy.ts";

const place = await temporaryPlace();

test.for(["big", "mean"])("%s", async (slug) => {
  const exercise = await toyExercise(slug);
  for (const files of [exercise.solution, ...Object.values(exercise.right)]) {
    const v = await grade({ ...place, exercise, submission: files });
    expect(v.passed).toBe(true);
  }
  for (const [id, files] of [["starter", exercise.starter] as const, ...Object.entries(exercise.wrong)]) {
    const v = await grade({ ...place, exercise, submission: files });
    const f = firstFailure(v);
      slug,
      id,
      v.state,
      v.seconds,
      f?.id,
      f?.mistake,
      f?.case,
      JSON.stringify(f?.failure?.reason).slice(0, 300),
      v.problem,
    );
  }
});
