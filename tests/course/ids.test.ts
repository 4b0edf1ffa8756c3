import { expect, test } from "vitest";
import type { Course, Module } from "../../src/course/course.ts";
import { nearest, resolveExercise, resolveModule, shortExerciseId } from "../../src/course/ids.ts";

function module(number: string, slug: string, exercises: readonly string[]): Module {
  return {
    number,
    slug,
    dir: `/course/${number}-${slug}`,
    title: { es: slug, en: slug },
    level: "beginner",
    state: "ready",
    exercises: exercises.map((name, index) => ({
      id: `${slug}/${name}`,
      number: index + 1,
      slug: name,
      dir: `/course/${number}-${slug}/exercises/${index + 1}-${name}`,
    })),
    pipelines: [],
    lessonPaths: undefined,
    cheatsheetPaths: undefined,
  };
}

const course: Course = {
  root: "/course",
  title: { es: "x", en: "x" },
  paths: [],
  modules: [module("01", "etl", ["clean", "dedupe"]), module("02", "scoring", ["leak", "clean"])],
};

test.each(["01", "1", "etl", "01-etl"])("%s is a module", (id) => {
  expect(resolveModule(course, id).slug).toBe("etl");
});

test.each(["01/dedupe", "etl/dedupe", "dedupe", "01/2", "1/2", "etl/2-dedupe", "01-etl/dedupe"])(
  "%s is an exercise",
  (id) => {
    expect(resolveExercise(course, id).exercise.id).toBe("etl/dedupe");
  },
);

test("a short name that two modules share is refused with the full ones", () => {
  expect(() => resolveExercise(course, "clean")).toThrow(
    expect.objectContaining({
      code: "ambiguous-exercise",
      fault: "usage",
      message: expect.stringContaining("etl/clean, scoring/clean"),
    }),
  );
});

test.each([
  ["dedup", "dedupe"],
  ["01/claen", "01/clean"],
  ["elt/clean", "etl/clean"],
])("the typo %s suggests %s", (typo, meant) => {
  expect(() => resolveExercise(course, typo)).toThrow(
    expect.objectContaining({
      fault: "usage",
      next: expect.arrayContaining([expect.objectContaining({ en: `Did you mean "${meant}"?` })]),
    }),
  );
});

test("a module's typo suggests the nearest, and nonsense suggests none", () => {
  expect(() => resolveModule(course, "scorin")).toThrow(
    expect.objectContaining({
      next: expect.arrayContaining([expect.objectContaining({ es: "¿Querías decir «scoring»?" })]),
    }),
  );
  expect(nearest("zzzzzzzzzzzz", ["etl", "scoring"])).toBeUndefined();
});

test("the shortest id of an exercise is its slug only when no other module has it", () => {
  const [etl] = course.modules;
  expect(etl?.exercises.map((exercise) => shortExerciseId(course, exercise))).toEqual([
    "etl/clean",
    "dedupe",
  ]);
});
