import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadExercise, loadLesson, loadPipeline, loadTask } from "../../src/course/load.ts";
import { loadDefault } from "../../src/course/load-module.ts";
import { copyToy, tempFolder, toyRoot } from "./toy.ts";

test("a course outside the repo, in a read-only folder without node_modules, loads", async () => {
  const root = await copyToy();
  await chmod(join(root, "01-toy", "pipelines"), 0o555);
  const course = await discoverCourse(root);
  const [module] = course.modules;
  const pipeline = await loadPipeline(module?.pipelines[0]?.path ?? "");
  await chmod(join(root, "01-toy", "pipelines"), 0o755);

  expect(pipeline.id).toBe("count");
  expect(pipeline.options.parse({ rows: "12" })).toEqual({ rows: 12 });
});

test("an exercise gives its spec, starter, solution and variants by workspace name", async () => {
  const course = await discoverCourse(toyRoot);
  const folder = course.modules[0]?.exercises.find((one) => one.slug === "big");
  if (folder === undefined) throw new Error("the toy course lacks its exercise");

  const exercise = await loadExercise(folder);

  expect(exercise.spec.kind).toBe("sql");
  expect(exercise.starter["big.sql"]).toContain("SELECT");
  expect(Object.keys(exercise.wrong)).toEqual(Object.keys(exercise.spec.wrong).sort());
});

test("lesson and task of the toy course parse in both languages", async () => {
  const course = await discoverCourse(toyRoot);
  const module = course.modules[0];
  if (module === undefined) throw new Error("the toy course lacks its module");

  for (const lang of ["es", "en"] as const) {
    const lesson = await loadLesson(module, lang);
    expect(lesson?.steps.map((step) => step.id)).toEqual([
      "count",
      "filter",
      "pipeline",
      "practice",
      "on-a-real-cluster",
    ]);
    for (const folder of module.exercises) expect((await loadTask(folder, lang)).hints).toHaveLength(3);
  }
});

test("a class that a course file imports from the door is the running one", async () => {
  const file = join(await tempFolder(), "thrower.ts");
  await writeFile(
    file,
    `import { UserError } from "taller/author";
export default () => { throw new UserError({ fault: "data", code: "x", what: { es: "a", en: "b" } }); };`,
  );

  const thrower = await loadDefault(file);

  expect(thrower).toBeTypeOf("function");
  expect(thrower).toThrow(UserError);
});

test.each([
  ["a syntax error", "export default {\n  kind: ,\n};", 2],
  [
    "an error while it is imported",
    'const a: unknown = 1;\n\nthrow new Error("boom");\nexport default a;',
    3,
  ],
  ["an import that the door lacks", 'import { nothing } from "taller";\nexport default nothing;', 1],
  ["a package that is not installed", 'import x from "not-a-package-of-ours";\nexport default x;', 1],
])("%s in a course file names file and line", async (_name, text, line) => {
  const file = join(await tempFolder(), "broken.ts");
  await writeFile(file, text);

  await expect(loadDefault(file)).rejects.toMatchObject({
    name: "UserError",
    code: "course-code",
    where: `${file}:${line}`,
  });
});

test("a changed file is loaded again, an unchanged one is the same object", async () => {
  const folder = await tempFolder();
  const file = join(folder, "value.ts");
  await writeFile(file, 'import { value } from "./part.ts";\nexport default { value };');
  await writeFile(join(folder, "part.ts"), "export const value = 1;");
  const first = await loadDefault(file);
  const again = await loadDefault(file);
  await writeFile(join(folder, "part.ts"), "export const value = 12;");
  const changed = await loadDefault(file);

  expect(again).toBe(first);
  expect(changed).toEqual({ value: 12 });
  expect(await readdir(folder)).toEqual(["part.ts", "value.ts"]);
});

test("a course file finds what lies beside it", async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, "data.txt"), "hello");
  const file = join(folder, "reader.ts");
  await writeFile(
    file,
    `import { readFileSync } from "node:fs";
import { join } from "node:path";
const read = (place: string | URL) => readFileSync(place, "utf8");
export default [read(new URL("./data.txt", import.meta.url)), read(join(import.meta.dirname, "data.txt"))];`,
  );

  expect(await loadDefault(file)).toEqual(["hello", "hello"]);
});

test("an unknown key of an exercise is refused by name", async () => {
  const root = await copyToy();
  const dir = join(root, "01-toy", "exercises", "9-odd");
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, "exercise.ts"),
    `export default { kind: "sql", version: 1, files: ["a.sql"], checks: [{ kind: "schema", id: "schema" }],
  starterFails: "schema", wrong: {}, hiden: [] };`,
  );
  const folder = { id: "toy/odd", number: 9, slug: "odd", dir };

  await expect(loadExercise(folder)).rejects.toMatchObject({ message: expect.stringContaining("hiden") });
});
