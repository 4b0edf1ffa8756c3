import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LoadedExercise } from "../../src/course/course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import {
  copyOutExercise,
  inspectExercise,
  listBackups,
  readSubmission,
  resetExercise,
  undoReset,
} from "../../src/course/exercise-files.ts";
import { loadExercise, loadTask } from "../../src/course/load.ts";
import { findWorkspaceFolder, makeWorkspace, readSavedLang, saveLang } from "../../src/course/workspace.ts";
import { tempFolder, toyRoot } from "./toy.ts";

async function openToy(lang: "es" | "en" = "es") {
  const workspace = join(await tempFolder(), "ws");
  const [module] = (await discoverCourse(toyRoot)).modules;
  const folder = module?.exercises.find((one) => one.slug === "big");
  if (module === undefined || folder === undefined) throw new Error("the toy course lacks its exercise");
  const exercise = await loadExercise(folder);
  const copyOut = async (as: LoadedExercise = exercise, inLang = lang) =>
    copyOutExercise({ workspace, module, exercise: as, task: await loadTask(folder, inLang), lang: inLang });
  return { workspace, module, exercise, copyOut };
}

/** The same exercise after an update of the course. */
function newVersion(exercise: LoadedExercise): LoadedExercise {
  return {
    ...exercise,
    spec: { ...exercise.spec, version: exercise.spec.version + 1 },
    starter: { "big.sql": "-- the new starter\n" },
  };
}

function read(workspace: string, name: string): Promise<string> {
  return readFile(join(workspace, "01-toy", "1-big", name), "utf8");
}

test("a workspace is found by flag, by variable, around the current folder, and else in it", async () => {
  const root = await tempFolder();
  const made = join(root, "mine");
  await makeWorkspace(made);
  const inside = join(made, "01-toy", "1-big");
  await mkdir(inside, { recursive: true });
  const env = { TALLER_WORKSPACE: "from-env" };

  expect(await findWorkspaceFolder({ flag: "x", env, cwd: inside })).toBe(join(inside, "x"));
  expect(await findWorkspaceFolder({ env, cwd: root })).toBe(join(root, "from-env"));
  expect(await findWorkspaceFolder({ env: {}, cwd: inside })).toBe(made);
  expect(await findWorkspaceFolder({ env: {}, cwd: root })).toBe(join(root, "taller-workspace"));
});

test("the language chosen for a workspace is kept, and none is known before", async () => {
  const root = join(await tempFolder(), "ws");
  expect(await readSavedLang(root)).toBeUndefined();
  await makeWorkspace(root);
  expect(await readSavedLang(root)).toBeUndefined();
  await saveLang(root, "en");
  await makeWorkspace(root);

  expect(await readSavedLang(root)).toBe("en");
});

test("a copied exercise has its starter and the task in the language, and counts as untouched", async () => {
  const { workspace, exercise, copyOut } = await openToy("en");
  const copy = await copyOut();

  expect(copy).toMatchObject({ state: "untouched", isTaskChanged: false });
  expect(await read(workspace, "big.sql")).toBe(exercise.starter["big.sql"]);
  expect(await read(workspace, "README.md")).toContain("# The big ones");
  expect(await readdir(copy.dir)).toEqual(["README.md", "big.sql"]);
});

test("an edited file is never written over, and a README that is ours follows the language", async () => {
  const { workspace, copyOut } = await openToy();
  const { dir } = await copyOut();
  await writeFile(join(dir, "big.sql"), "SELECT 1");
  const copy = await copyOut(undefined, "en");

  expect(copy.state).toBe("edited");
  expect(await read(workspace, "big.sql")).toBe("SELECT 1");
  expect(await read(workspace, "README.md")).toContain("# The big ones");
});

test("an edited README is left alone", async () => {
  const { workspace, copyOut } = await openToy();
  const { dir } = await copyOut();
  await writeFile(join(dir, "README.md"), "my notes");
  await copyOut(undefined, "en");

  expect(await read(workspace, "README.md")).toBe("my notes");
});

test("a file that was there before us is the learner's", async () => {
  const { workspace, copyOut } = await openToy();
  await mkdir(join(workspace, "01-toy", "1-big"), { recursive: true });
  await writeFile(join(workspace, "01-toy", "1-big", "big.sql"), "mine");
  const copy = await copyOut();

  expect(copy.state).toBe("edited");
  expect(await read(workspace, "big.sql")).toBe("mine");
});

test("a deleted file comes back as the starter", async () => {
  const { workspace, module, exercise, copyOut } = await openToy();
  const { dir } = await copyOut();
  await rm(join(dir, "big.sql"));
  expect((await inspectExercise(workspace, module, exercise)).state).toBe("missing");
  await copyOut();

  expect(await readSubmission(workspace, module, exercise)).toEqual(exercise.starter);
});

test("reset keeps what was written, undo brings it back, and a second undo is a redo", async () => {
  const { workspace, module, exercise, copyOut } = await openToy();
  const { dir } = await copyOut();
  await writeFile(join(dir, "big.sql"), "SELECT mine");
  const result = await resetExercise(workspace, module, exercise);
  expect(await read(workspace, "big.sql")).toBe(exercise.starter["big.sql"]);
  expect(await readFile(join(result.backup ?? "", "big.sql"), "utf8")).toBe("SELECT mine");

  await undoReset(workspace, module, exercise);
  expect(await read(workspace, "big.sql")).toBe("SELECT mine");
  await undoReset(workspace, module, exercise);
  expect(await read(workspace, "big.sql")).toBe(exercise.starter["big.sql"]);
  await undoReset(workspace, module, exercise);
  expect(await read(workspace, "big.sql")).toBe("SELECT mine");
});

test("a backup keeps the bytes of a file that is not UTF-8", async () => {
  const { workspace, module, exercise, copyOut } = await openToy();
  const { dir } = await copyOut();
  const latin1 = Buffer.from("-- espa\xf1ol", "latin1");
  await writeFile(join(dir, "big.sql"), latin1);
  await resetExercise(workspace, module, exercise);
  await undoReset(workspace, module, exercise);

  expect(await readFile(join(dir, "big.sql"))).toEqual(latin1);
});

test("undo without a backup is a usage error", async () => {
  const { workspace, module, exercise, copyOut } = await openToy();
  await copyOut();
  await resetExercise(workspace, module, exercise);

  expect(await listBackups(workspace, exercise)).toEqual([]);
  await expect(undoReset(workspace, module, exercise)).rejects.toMatchObject({
    fault: "usage",
    code: "nothing-to-undo",
  });
});

test("an untouched copy follows a new version; an edited one says that the task changed", async () => {
  const { workspace, exercise, copyOut } = await openToy();
  const { dir } = await copyOut();
  const updated = newVersion(exercise);
  expect(await copyOut(updated)).toMatchObject({ state: "untouched", isTaskChanged: false });
  expect(await read(workspace, "big.sql")).toBe("-- the new starter\n");

  await writeFile(join(dir, "big.sql"), "SELECT mine");
  const later = newVersion(updated);
  expect(await copyOut(later)).toMatchObject({ state: "edited", isTaskChanged: true });
  expect(await copyOut(later)).toMatchObject({ state: "edited", isTaskChanged: true });
  expect(await read(workspace, "big.sql")).toBe("SELECT mine");
});

test("the new starter of a changed task is offered beside the learner's file", async () => {
  const { workspace, module, exercise, copyOut } = await openToy();
  const { dir } = await copyOut();
  await writeFile(join(dir, "big.sql"), "SELECT mine");
  const updated = newVersion(exercise);
  const { files } = await resetExercise(workspace, module, updated, "beside");

  expect(files).toEqual([join(dir, "big.new.sql")]);
  expect(await read(workspace, "big.new.sql")).toBe("-- the new starter\n");
  expect(await read(workspace, "big.sql")).toBe("SELECT mine");
  expect((await inspectExercise(workspace, module, updated)).isTaskChanged).toBe(false);
});
