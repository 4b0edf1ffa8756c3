import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import type { ExerciseFolder, Task } from "../../src/course/course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadExercise, loadTask } from "../../src/course/load.ts";
import type { GradingPlace } from "../../src/grading/gradable.ts";
import { grade } from "../../src/grading/grade.ts";
import type { ProvableExercise, TaskIds } from "../../src/grading/prove.ts";
import type { CheckOutcome, Verdict } from "../../src/grading/verdict.ts";

const COURSE = join(import.meta.dirname, "..", "fixtures", "course");

/** An exercise of the toy course, or of another one. */
export async function toyExercise(slug: string, root = COURSE): Promise<ProvableExercise> {
  const folder = await toyFolder(slug, root);
  const loaded = await loadExercise(folder);
  return { id: folder.id, dir: folder.dir, ...loaded };
}

/** The ids that its task texts name. */
export async function toyTexts(slug: string, root = COURSE): Promise<TaskIds> {
  const folder = await toyFolder(slug, root);
  const [es, en] = await Promise.all([loadTask(folder, "es"), loadTask(folder, "en")]);
  const idsOf = (task: Task) => ({ checks: Object.keys(task.checks), mistakes: Object.keys(task.mistakes) });
  return { es: idsOf(es), en: idsOf(en) };
}

interface Replacement {
  readonly replace: string;
  readonly with: string;
}

/** Changes to a copy of a toy exercise: file → new text, what to replace in it, or null to remove it. */
export type Edits = Readonly<Record<string, string | null | Replacement | readonly Replacement[]>>;

/** A course of its own that holds only a changed copy of one toy exercise. */
export async function brokenCourse(slug: string, edits: Edits): Promise<string> {
  const { dir } = await toyFolder(slug, COURSE);
  const root = await mkdtemp(join(tmpdir(), "taller-broken-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const copy = join(root, "01-toy", "exercises", basename(dir));
  await cp(join(COURSE, "course.yaml"), join(root, "course.yaml"));
  await cp(dir, copy, { recursive: true });
  for (const [file, edit] of Object.entries(edits)) {
    const path = join(copy, file);
    if (edit === null) await rm(path);
    else if (typeof edit === "string") await writeFile(path, edit);
    else await writeFile(path, replaceAll(await readFile(path, "utf8"), [edit].flat()));
  }
  return root;
}

function replaceAll(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((before, one) => {
    if (!before.includes(one.replace)) throw new RangeError(`there is no ${one.replace}`);
    return before.replace(one.replace, one.with);
  }, text);
}

async function toyFolder(slug: string, root: string): Promise<ExerciseFolder> {
  const course = await discoverCourse(root);
  const folder = course.modules.flatMap((module) => module.exercises).find((one) => one.slug === slug);
  if (folder === undefined) throw new RangeError(`the toy course has no exercise ${slug}`);
  return folder;
}

/** Folders of this test file, removed at its end. */
export async function temporaryPlace(): Promise<GradingPlace> {
  const folder = await mkdtemp(join(tmpdir(), "taller-grading-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return { cacheFolder: join(folder, "cache"), dataFolder: join(folder, "data"), clock: systemClock };
}

/** Grades a text as the exercise's only file. */
export function gradeText(place: GradingPlace, exercise: ProvableExercise, text: string): Promise<Verdict> {
  const [file = ""] = exercise.spec.files;
  return grade({ ...place, exercise, submission: { [file]: text } });
}

/** The first failed check of a verdict. */
export function firstFailure(verdict: Verdict): CheckOutcome | undefined {
  return verdict.checks.find((check) => check.passed === false);
}
