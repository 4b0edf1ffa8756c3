import { expect, test } from "vitest";
import { proveExercise } from "../../src/grading/prove.ts";
import { temporaryPlace, toyExercise, toyTexts } from "./toy.ts";

const place = await temporaryPlace();

test.for(["big", "mean", "answer", "layout", "hello", "resume"])(
  "the toy exercise %s is proven",
  async (slug) => {
    const report = await proveExercise({
      ...place,
      exercise: await toyExercise(slug),
      texts: await toyTexts(slug),
    });
    expect(report.findings).toEqual([]);
  },
);
