import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { playLesson } from "../../src/cli/player/player.ts";
import { openScreen, type Screen } from "../../src/cli/ui/terminal.ts";
import type { ExerciseActions } from "../../src/cli/watch/exercise-actions.ts";
import { systemClock } from "../../src/core/effects.ts";
import type { Lang } from "../../src/core/text.ts";
import { discoverCourse } from "../../src/course/discovery.ts";
import { openLessonSession } from "../../src/course/lesson-session.ts";
import { loadLesson, loadTask } from "../../src/course/load.ts";
import { findDataset } from "../../src/data/datasets.ts";
import { openEngine } from "../../src/engines/open.ts";

const toy = join(dirname(fileURLToPath(import.meta.url)), "..", "fixtures", "course");
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-print-"));
  await cp(toy, join(folder, "course"), { recursive: true });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Prints the toy lesson with its real engine; what would write or ask throws. */
async function print(options: { lang?: Lang; step?: string; from?: string; isThere?: boolean } = {}) {
  const { lang = "en" } = options;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const screen: Screen = openScreen({
    streams: { stdin: new PassThrough(), stdout, stderr },
    env: { LANG: "C.UTF-8" },
    lang,
  });
  const course = await discoverCourse(join(folder, "course"));
  const module = course.modules[0];
  const lesson = module === undefined ? undefined : await loadLesson(module, lang);
  if (module === undefined || lesson === undefined) throw new Error("the toy course has no lesson");
  const workspace = join(folder, "workspace");
  const session = openLessonSession({
    course,
    module,
    lesson,
    dirs: { workspace, data: join(workspace, "data"), tables: join(workspace, "tables") },
    clock: systemClock,
    openEngine: (engine) => openEngine("duckdb", engine),
    findDataset,
  });
  const refuse = () => Promise.reject(new Error("a printed lesson writes and asks nothing"));
  const exercises: ExerciseActions = {
    view: async (id) => {
      const exercise = module.exercises.find((one) => one.id === id || one.slug === id);
      if (exercise === undefined) throw new Error(`no exercise ${id}`);
      return {
        id: exercise.id,
        name: `01/${exercise.slug}`,
        moduleTitle: module.title[lang],
        task: await loadTask(exercise, lang),
        files: [`/ws/${exercise.slug}`],
        shownFiles: [`ws/${exercise.slug}`],
        isThere: options.isThere === true,
        hasTables: true,
        state: "untouched",
        hintsShown: 0,
      };
    },
    grade: async (exercise) => ({
      exercise,
      version: 1,
      passed: false,
      state: "failed",
      seconds: 0,
      typeErrors: [],
      checks: [{ id: "rows", passed: false }],
    }),
    open: refuse,
    hint: refuse,
    maySeeSolution: refuse,
    diff: refuse,
    solution: refuse,
    reset: refuse,
    undo: refuse,
  };
  try {
    const outcome = await playLesson({
      screen,
      session,
      lesson,
      exercises,
      progress: { resumeAt: "filter", entered: refuse, answered: refuse },
      step: options.step,
      from: options.from,
      env: {},
      historyPath: join(folder, "history"),
      signal: new AbortController().signal,
    });
    return {
      outcome,
      out: String(stdout.read() ?? "").replaceAll("\u00a0", " "),
      err: String(stderr.read() ?? ""),
      lesson,
    };
  } finally {
    await session.close();
  }
}

describe("a lesson without a terminal", () => {
  test("plays every block and prints what a learner would see, in both languages", async () => {
    const en = await print();
    expect(en.outcome.exitCode).toBe(0);
    for (const [index, step] of en.lesson.steps.entries()) {
      expect(en.out).toContain(`step ${index + 1} of ${en.lesson.steps.length}`);
      expect(en.out).toContain(step.title);
    }
    expect(en.out).toMatch(/│ 5 │ +4 │/);
    expect(en.out).toContain("1 (right): Yes: NULL is not a value.");
    expect(en.out).toContain("your file:    ws/big");
    expect(en.out).toContain("taller check 01/big");
    const es = await print({ lang: "es" });
    expect(es.out).toContain("paso 1 de");
    expect(es.out).toContain("1 (correcta): Sí: NULL no es un valor.");
  });

  test("writes nothing: no file, no progress, no history", async () => {
    const { outcome } = await print();
    expect(outcome.isFinished).toBe(true);
    expect((await readdir(folder)).filter((name) => name === "history")).toEqual([]);
  });

  test("grades an exercise only when its file is there", async () => {
    expect((await print({ step: "filter" })).out).not.toContain("not passed");
    expect((await print({ step: "filter", isThere: true })).out).toContain("not passed");
  });

  test("names a block that fails, plays the others, and says so by the exit code", async () => {
    await writeFile(join(folder, "course", "01-toy", "sql", "count.sql"), "SELECT nothing FROM numbers");
    const { outcome, out, err, lesson } = await print();
    expect(outcome.exitCode).toBe(1);
    expect(err).toContain("1 block failed:");
    expect(err).toMatch(/step "count", block run, line \d+ of the lesson/);
    expect(err).toContain("nothing");
    expect(out).toContain(`step ${lesson.steps.length} of ${lesson.steps.length}`);
  });

  test("plays one step, by id or by number, or all from one", async () => {
    const one = await print({ step: "filter" });
    expect(one.out).toContain("step 2 of");
    expect(one.out).not.toContain("step 1 of");
    expect(one.out).not.toContain("step 3 of");
    expect((await print({ step: "2" })).out).toContain("step 2 of");
    const from = await print({ from: "filter" });
    expect(from.out).not.toContain("step 1 of");
    expect(from.out).toContain("step 3 of");
  });

  test("refuses a step that is not there, and names those that are", async () => {
    await expect(print({ step: "nowhere" })).rejects.toMatchObject({
      code: "no-such-step",
      fault: "usage",
      next: expect.arrayContaining([{ es: "--step count", en: "--step count" }]),
    });
  });
});
