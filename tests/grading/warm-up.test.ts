import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { warmUp } from "../../src/grading/warm-up.ts";
import { firstFailure, gradeText, temporaryPlace, toyExercise } from "./toy.ts";

const place = await temporaryPlace();

test("a warm cache holds all that a failing verdict compares with", async () => {
  const exercise = await toyExercise("answer");
  await warmUp({ ...place, exercise });
  const files = async () => (await readdir(place.cacheFolder, { recursive: true })).length;
  const warm = await files();
  expect(warm).toBeGreaterThan(0);
  const verdict = await gradeText(place, exercise, "rows: 1 250\nmean: 250,0\nhas_nulls: no\n");
  expect(firstFailure(verdict)).toMatchObject({ id: "mean", mistake: "null-as-zero" });
  expect(await files()).toBe(warm);
});
