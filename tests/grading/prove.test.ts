import { expect, test } from "vitest";
import { proveExercise } from "../../src/grading/prove.ts";
import { temporaryPlace, toyExercise, toyTexts } from "./toy.ts";

const place = await temporaryPlace();

// The other kinds cost more processes: tests/grading/variants.test.ts grades them once, `dev check` proves them.
test.for(["big", "mean", "answer", "layout"])(
  "the toy exercise %s is proven",
  { timeout: 300_000 },
  async (slug) => {
    const [exercise, texts] = [await toyExercise(slug), await toyTexts(slug)];
    const report = await proveExercise({ ...place, exercise, texts });
    expect(report.findings).toEqual([]);
    const { right, wrong } = exercise;
    const graded = 2 + Object.keys(right).length + Object.keys(wrong).length;
    expect(report.variants.length).toBe(exercise.spec.kind === "sql" ? graded + 1 : graded);
  },
);
