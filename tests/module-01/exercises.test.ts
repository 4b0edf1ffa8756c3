import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import type { Task } from "../../src/course/course.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { loadExercise, loadTask } from "../../src/course/load.ts";
import { proveExercise } from "../../src/grading/prove.ts";

const course = await discoverCourse(join(import.meta.dirname, "..", "..", "lessons"));
const exercises = course.modules.find(({ slug }) => slug === "etl")?.exercises ?? [];
const folder = await mkdtemp(join(tmpdir(), "taller-module-01-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const place = { cacheFolder: join(folder, "cache"), dataFolder: join(folder, "data"), clock: systemClock };

/** Nine or ten variants, each graded twice in processes of their own: minutes on a busy machine. */
const PROOF_MS = 300_000;

const idsOf = ({ checks, mistakes }: Task) => ({
  checks: Object.keys(checks),
  mistakes: Object.keys(mistakes),
});

test.for(exercises.map((exercise) => [exercise.slug, exercise] as const))(
  "%s is proven",
  async ([, exercise]) => {
    const [loaded, es, en] = await Promise.all([
      loadExercise(exercise),
      loadTask(exercise, "es"),
      loadTask(exercise, "en"),
    ]);
    const report = await proveExercise({
      ...place,
      exercise: { id: exercise.id, dir: exercise.dir, ...loaded },
      texts: { es: idsOf(es), en: idsOf(en) },
    });
    expect(report.findings).toEqual([]);
  },
  PROOF_MS,
);
