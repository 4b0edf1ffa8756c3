import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discoverCourse, ownCourseRoot } from "../../src/course/discovery.ts";
import { copyToy, tempFolder, toyRoot } from "./toy.ts";

test("a course is its title, paths and modules with their exercises and pipelines", async () => {
  const course = await discoverCourse(toyRoot);

  expect(course.title).toEqual({ es: "Taller de prueba", en: "Toy workshop" });
  expect(course.paths).toMatchObject([{ id: "all", modules: ["toy"] }]);
  expect(course.modules).toMatchObject([
    { number: "01", slug: "toy", state: "ready", level: "beginner", title: { en: "Toy module" } },
  ]);
  expect(course.modules[0]?.pipelines.map((pipeline) => pipeline.id)).toEqual(["count"]);
  expect(course.modules[0]?.exercises.map(({ id, number }) => `${number} ${id}`).slice(0, 2)).toEqual([
    "1 toy/big",
    "2 toy/mean",
  ]);
});

test("our own course is found beside the code", async () => {
  expect((await discoverCourse(ownCourseRoot())).title.en).toBe("Data workshop");
});

test("a folder of modules without course.yaml is a course, and so is one module's folder", async () => {
  const root = await copyToy();
  await rm(join(root, "course.yaml"));

  expect((await discoverCourse(root)).modules.map((module) => module.slug)).toEqual(["toy"]);
  expect((await discoverCourse(join(root, "01-toy"))).modules.map((module) => module.dir)).toEqual([
    join(root, "01-toy"),
  ]);
});

test("a folder without a course is a usage error", async () => {
  const folder = await tempFolder();

  await expect(discoverCourse(folder)).rejects.toMatchObject({ fault: "usage", code: "no-course" });
  await expect(discoverCourse(join(folder, "absent"))).rejects.toMatchObject({ code: "no-course" });
});

test("a module without a lesson has pipelines only", async () => {
  const root = await copyToy();
  await rm(join(root, "01-toy", "lesson.en.md"));

  expect((await discoverCourse(root)).modules).toMatchObject([
    { state: "pipelines-only", title: { es: "toy", en: "toy" }, level: undefined },
  ]);
});

test("exercises stand in the order of their numbers, not of their names", async () => {
  const root = await copyToy();
  const exercises = join(root, "01-toy", "exercises");
  await rename(join(exercises, "1-big"), join(exercises, "10-big"));

  expect((await discoverCourse(root)).modules[0]?.exercises.at(-1)?.id).toBe("toy/big");
});

test("two modules of one number are refused", async () => {
  const root = await copyToy();
  await cp(join(root, "01-toy"), join(root, "01-twin"), { recursive: true });

  await expect(discoverCourse(root)).rejects.toMatchObject({ code: "twin-modules" });
});

test.each([
  ["title: { es: A }", 1],
  ["title: { es: A, en: B }\npath: []", 2],
  ["title: { es: A, en: B }\npaths:\n  - id: All", 3],
  ["title: { es: A, en: B }\ntitle: { es: A, en: B }", 2],
  ["title: [", 1],
])("a course.yaml that says %j is refused at its line", async (text, line) => {
  const root = await tempFolder();
  await mkdir(join(root, "01-a"));
  await writeFile(join(root, "course.yaml"), text);

  await expect(discoverCourse(root)).rejects.toMatchObject({ where: `${join(root, "course.yaml")}:${line}` });
});
