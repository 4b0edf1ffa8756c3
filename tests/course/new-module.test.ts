import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { checkCourse } from "../../src/course/check-course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadExercise, loadTask } from "../../src/course/load.ts";
import { createModule } from "../../src/course/new-module.ts";
import { openEngine } from "../../src/engines/open.ts";
import { proveExercise } from "../../src/grading/prove.ts";
import { tempFolder, toyRoot } from "./toy.ts";

async function makeCourse() {
  const root = join(await tempFolder(), "course");
  await mkdir(root);
  await writeFile(join(root, "course.yaml"), "title: { es: Curso, en: Course }\n");
  const { dir, files } = await createModule({ course: await discoverCourse(root), name: "09-topic" });
  return { root, dir, files, course: await discoverCourse(root) };
}

test("a new module passes every check of the course, and lies in its own folder only", async () => {
  const { root, dir, files, course } = await makeCourse();
  const findings = await checkCourse({
    course,
    clock: systemClock,
    openEngine: (options) => openEngine("duckdb", options),
    findDataset: (name) => {
      throw new Error(`a new module reads no dataset ${name}`);
    },
  });

  expect(findings).toEqual([]);
  expect(await readdir(root)).toEqual(["09-topic", "course.yaml"]);
  expect(files.every((file) => file.startsWith(dir))).toBe(true);
  expect(course.modules).toMatchObject([{ number: "09", slug: "topic", state: "ready", level: "beginner" }]);
});

test("a new module's exercise is proven", async () => {
  const { course } = await makeCourse();
  const folder = course.modules[0]?.exercises[0];
  if (folder === undefined) throw new Error("the new module has no exercise");
  const { spec, starter, solution, right, wrong } = await loadExercise(folder);
  const ids = async (lang: "es" | "en") => {
    const { checks, mistakes } = await loadTask(folder, lang);
    return { checks: Object.keys(checks), mistakes: Object.keys(mistakes) };
  };
  const place = await tempFolder();
  const report = await proveExercise({
    exercise: { id: folder.id, dir: folder.dir, spec, starter, solution, right, wrong },
    texts: { es: await ids("es"), en: await ids("en") },
    cacheFolder: join(place, "cache"),
    dataFolder: join(place, "data"),
    clock: systemClock,
  });

  expect(report.findings).toEqual([]);
});

test.each(["topic", "9-topic", "09-Topic", "09-../up", ""])("the name %j is refused", async (name) => {
  await expect(createModule({ course: await discoverCourse(toyRoot), name })).rejects.toMatchObject({
    code: "bad-module-name",
  });
});

test.each(["01-other", "02-toy", "03-count"])("%s collides with the toy course", async (name) => {
  await expect(createModule({ course: await discoverCourse(toyRoot), name })).rejects.toMatchObject({
    code: "module-exists",
  });
});
