import { relative } from "node:path";
import { createTwoFilesPatch } from "diff";
import { UserError } from "../core/errors.ts";
import { verbatim } from "../core/text.ts";
import type { Course, ExerciseFolder, LoadedExercise, Module, Task } from "../course/course.ts";
import {
  copyOutExercise,
  inspectExercise,
  readSubmission,
  resetExercise,
  undoReset,
} from "../course/exercise-files.ts";
import { resolveExercise } from "../course/ids.ts";
import { loadExercise, loadTask } from "../course/load.ts";
import { exerciseState, hintsShown, openProgress, type ProgressStore } from "../course/progress.ts";
import { makeWorkspace, workspaceDirs } from "../course/workspace.ts";
import { grade } from "../grading/grade.ts";
import type { Verdict } from "../grading/verdict.ts";
import type { CliContext } from "./context.ts";
import type { ExerciseActions, ExerciseView } from "./watch/exercise-actions.ts";

/** A learner at work on a course: what the commands, the player and the watch screen share. */
export interface Learner extends ExerciseActions {
  readonly course: Course;
  readonly workspace: string;
  readonly progress: ProgressStore;
  load(id: string): Promise<OpenedExercise>;
  /** True when the solution may be shown without asking: it was passed or shown before. */
  maySeeSolution(id: string): Promise<boolean>;
}

export interface OpenedExercise {
  readonly module: Module;
  readonly exercise: LoadedExercise;
  readonly task: Task;
  /** `01/clean` */
  readonly name: string;
}

/** Opens the learner's side of a course. Nothing is written before something has to be. */
export async function openLearner(context: CliContext): Promise<Learner> {
  const course = await context.course();
  const workspace = await context.workspaceFolder();
  const progress = openProgress(workspace, { clock: context.clock });

  const loaded = new Map<string, Promise<OpenedExercise>>();
  /** Once per process: the list of the watch screen asks for every exercise at every key. */
  const load = async (id: string): Promise<OpenedExercise> => {
    const { module, exercise: folder } = resolveExercise(course, id);
    const known = loaded.get(folder.id) ?? loadFolder(module, folder);
    loaded.set(folder.id, known);
    return known;
  };
  const loadFolder = async (module: Module, folder: ExerciseFolder): Promise<OpenedExercise> => {
    const [exercise, task] = await Promise.all([loadExercise(folder), loadTask(folder, context.lang)]);
    return { module, exercise, task, name: `${module.number}/${folder.slug}` };
  };

  const view = async (id: string): Promise<ExerciseView> => {
    const { module, exercise, task, name } = await load(id);
    const [copy, state] = await Promise.all([inspectExercise(workspace, module, exercise), progress.read()]);
    const { version } = exercise.spec;
    const status = exerciseState(state, exercise.folder.id, version);
    return {
      id: exercise.folder.id,
      name,
      moduleTitle: module.title[context.lang],
      task,
      files: copy.files,
      shownFiles: copy.files.map((file) => relative(process.cwd(), file) || file),
      isThere: copy.state !== "missing",
      hasTables: Object.keys(exercise.spec.inputs ?? {}).length > 0,
      state: copy.isTaskChanged
        ? "task-changed"
        : status === "untouched" && copy.state === "edited"
          ? "started"
          : status,
      hintsShown: hintsShown(state, exercise.folder.id, version),
    };
  };

  const open = async (id: string): Promise<ExerciseView> => {
    const { module, exercise, task } = await load(id);
    await makeWorkspace(workspace);
    await copyOutExercise({ workspace, module, exercise, task, lang: context.lang });
    return view(id);
  };

  return {
    course,
    workspace,
    progress,
    load,
    view,
    open,
    grade: async (id, options) => {
      const { module, exercise } = await load(id);
      const submission = await readSubmission(workspace, module, exercise);
      const verdict = await grade({
        ...gradingRequest(context, { workspace }, exercise),
        submission,
        ...options,
      });
      await rememberVerdict(progress, verdict);
      return verdict;
    },
    hint: async (id) => {
      const { exercise, task } = await load(id);
      const { version } = exercise.spec;
      const level = hintsShown(await progress.read(), exercise.folder.id, version) + 1;
      const markdown = task.hints[level - 1];
      if (markdown === undefined) return undefined;
      await progress.record({ kind: "hint", exercise: exercise.folder.id, version, level });
      return { index: level - 1, markdown };
    },
    diff: async (id) => {
      const { module, exercise } = await load(id);
      const mine = await readSubmission(workspace, module, exercise);
      const patches = exercise.spec.files
        .filter((name) => mine[name] !== exercise.solution[name])
        .map((name) =>
          createTwoFilesPatch(
            name,
            name,
            mine[name] ?? "",
            exercise.solution[name] ?? "",
            words.mine[context.lang],
            words.solution[context.lang],
          ),
        );
      if (patches.length === 0) return undefined;
      await rememberReveal(progress, exercise);
      return patches.join("\n");
    },
    solution: async (id) => {
      const { exercise } = await load(id);
      await rememberReveal(progress, exercise);
      return exercise.solution;
    },
    maySeeSolution: async (id) => {
      const { exercise } = await load(id);
      const state = await progress.read();
      const { version } = exercise.spec;
      const status = exerciseState(state, exercise.folder.id, version);
      const isShown = state.exercises[exercise.folder.id]?.reveals.includes(version) === true;
      return isShown || status === "passed" || status === "passed-with-solution";
    },
    reset: async (id) => {
      const { module, exercise } = await load(id);
      await makeWorkspace(workspace);
      const { isTaskChanged } = await inspectExercise(workspace, module, exercise);
      const { backup } = await resetExercise(
        workspace,
        module,
        exercise,
        isTaskChanged ? "beside" : "replace",
      );
      await progress.record({ kind: "reset", exercise: exercise.folder.id, version: exercise.spec.version });
      return { backup };
    },
    undo: async (id) => {
      const { module, exercise } = await load(id);
      await undoReset(workspace, module, exercise);
    },
  };
}

/** What grading an exercise needs beside the submission. */
export function gradingRequest(
  context: CliContext,
  learner: Pick<Learner, "workspace">,
  exercise: LoadedExercise,
) {
  const { cache, data } = workspaceDirs(learner.workspace);
  return {
    exercise: { ...exercise, id: exercise.folder.id, dir: exercise.folder.dir },
    cacheFolder: cache,
    dataFolder: data,
    clock: context.clock,
  };
}

const words = {
  mine: { es: "lo tuyo", en: "yours" },
  solution: { es: "la solución", en: "the solution" },
} as const;

/** An attempt or a pass; a grading that ended by a limit or an error is an attempt too. */
async function rememberVerdict(progress: ProgressStore, verdict: Verdict): Promise<void> {
  const { exercise, version } = verdict;
  if (verdict.passed) {
    await progress.record({ kind: "pass", exercise, version });
    return;
  }
  const failed = verdict.checks.find((check) => check.passed === false);
  await progress.record({
    kind: "attempt",
    exercise,
    version,
    failed: failed?.id ?? verdict.problem?.kind,
    mistake: failed?.mistake,
  });
}

async function rememberReveal(progress: ProgressStore, exercise: LoadedExercise): Promise<void> {
  const { id } = exercise.folder;
  const { version } = exercise.spec;
  const state = await progress.read();
  if (state.exercises[id]?.reveals.includes(version) === true) return;
  await progress.record({ kind: "reveal", exercise: id, version });
}

/** What comes next: the exercise worked on last that is not passed, else the first not passed, in the course's order. */
export async function currentExercise(learner: Learner): Promise<string | undefined> {
  const state = await learner.progress.read();
  const open: { id: string; lastTime: number }[] = [];
  for (const module of learner.course.modules) {
    for (const folder of module.exercises) {
      const { exercise } = await learner.load(folder.id);
      const status = exerciseState(state, folder.id, exercise.spec.version);
      if (status === "passed" || status === "passed-with-solution") continue;
      open.push({ id: folder.id, lastTime: state.exercises[folder.id]?.lastTime ?? 0 });
    }
  }
  const touched = open.filter((one) => one.lastTime > 0).sort((a, b) => b.lastTime - a.lastTime);
  return (touched[0] ?? open[0])?.id;
}

/** The exercise that a command names, or the current one. Throws a UserError when all are passed. */
export async function namedOrCurrent(learner: Learner, named: string | undefined): Promise<string> {
  if (named !== undefined) return resolveExercise(learner.course, named).exercise.id;
  const id = await currentExercise(learner);
  if (id !== undefined) return id;
  throw new UserError({
    fault: "usage",
    code: "nothing-left",
    what: {
      es: "Has superado todos los ejercicios que hay.",
      en: "You have passed every exercise there is.",
    },
    next: [verbatim("taller list")],
  });
}
