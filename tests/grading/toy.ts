import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
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
