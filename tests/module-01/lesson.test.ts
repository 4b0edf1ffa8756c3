import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LANGS } from "../../src/core/text.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadLesson } from "../../src/course/load.ts";

const course = await discoverCourse(join(import.meta.dirname, "..", "..", "lessons"));

describe.each(LANGS)("lesson 01 in %s", (lang) => {
  test("it has nine to twelve steps, and each makes the learner do something", async () => {
    const steps = (await etlLesson(lang)).steps;
    expect(steps.length).toBeGreaterThanOrEqual(9);
    expect(steps.length).toBeLessThanOrEqual(12);
    expect(steps.filter(({ blocks }) => blocks.every(({ kind }) => kind === "prose"))).toEqual([]);
  });

  test("it asks every kind of question", async () => {
    const blocks = (await etlLesson(lang)).steps.flatMap(({ blocks: all }) => all);
    const kinds = new Set(blocks.flatMap((block) => (block.kind === "quiz" ? [block.quiz.kind] : [])));
    expect([...kinds].sort()).toEqual(["multiple", "number", "order", "predict", "single"]);
  });

  test("it leads to the six exercises in their order", async () => {
    const blocks = (await etlLesson(lang)).steps.flatMap(({ blocks: all }) => all);
    expect(blocks.flatMap((block) => (block.kind === "exercise" ? [block.exercise] : []))).toEqual([
      "clean",
      "quarantine",
      "dedupe",
      "partition",
      "rerun-a-day",
      "read-a-plan",
    ]);
  });
});

async function etlLesson(lang: (typeof LANGS)[number]) {
  const module = course.modules.find(({ slug }) => slug === "etl");
  const lesson = module === undefined ? undefined : await loadLesson(module, lang);
  if (lesson === undefined) throw new Error("module 01 has no lesson");
  return lesson;
}
