import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import type { Course, LoadedExercise, Module } from "../../course/course.ts";
import { inspectExercise } from "../../course/exercise-files.ts";
import { nearest, resolveModule } from "../../course/ids.ts";
import { type ExerciseState, exerciseState, type Progress } from "../../course/progress.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, openLearner } from "../learner.ts";
import { stateWords } from "../texts/watch.ts";
import { textOption } from "./options.ts";

interface Listed {
  readonly module: Module;
  readonly exercises: readonly {
    readonly exercise: LoadedExercise;
    readonly title: string;
    readonly state: ExerciseState;
    readonly files: readonly string[];
  }[];
}

/** `taller list`: modules and exercises with their state, by module, state, level or path. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const state = await learner.progress.read();
  const wanted = textOption(input, "state");
  const listed: Listed[] = [];
  for (const module of chosenModules(learner.course, input)) {
    const one = await listModule(learner, state, module);
    listed.push(
      wanted === undefined
        ? one
        : { ...one, exercises: one.exercises.filter((exercise) => exercise.state === wanted) },
    );
  }
  if (context.isJson) context.result({ modules: listed.map((one) => asJson(one, context.lang)) });
  else for (const one of listed) print(context, one);
  return 0;
}

async function listModule(learner: Learner, state: Progress, module: Module): Promise<Listed> {
  const exercises = await Promise.all(
    module.exercises.map(async (folder) => {
      const { exercise, task } = await learner.load(folder.id);
      const copy = await inspectExercise(learner.workspace, module, exercise);
      const folded = exerciseState(state, folder.id, exercise.spec.version);
      const isBegun = folded === "untouched" && copy.state === "edited";
      return {
        exercise,
        title: task.title,
        state: copy.isTaskChanged ? ("task-changed" as const) : isBegun ? ("started" as const) : folded,
        files: copy.files,
      };
    }),
  );
  return { module, exercises };
}

function chosenModules(course: Course, input: CommandInput): readonly Module[] {
  const moduleId = textOption(input, "module");
  const level = textOption(input, "level");
  const pathId = textOption(input, "path");
  if (moduleId !== undefined) return [resolveModule(course, moduleId)];
  const path = course.paths.find((one) => one.id === pathId);
  if (pathId !== undefined && path === undefined) {
    const ids = course.paths.map((one) => one.id);
    throw new UserError({
      fault: "usage",
      code: "unknown-path",
      what: {
        es: `No hay recorrido «${pathId}». Hay: ${ids.join(", ")}.`,
        en: `There is no path "${pathId}". There are: ${ids.join(", ")}.`,
      },
      next: [
        {
          es: `taller list --path ${nearest(pathId, ids) ?? ids[0]}`,
          en: `taller list --path ${nearest(pathId, ids) ?? ids[0]}`,
        },
      ],
    });
  }
  return course.modules
    .filter((module) => path === undefined || path.modules.includes(module.slug))
    .filter((module) => level === undefined || module.level === level);
}

function print(context: CliContext, { module, exercises }: Listed): void {
  const { lang } = context;
  const { colors, isPlain, isUnicode } = context.screen.look();
  const only = lang === "es" ? "solo pipelines" : "pipelines only";
  const level = module.level === undefined ? "" : ` · ${levelWord(module.level, lang)}`;
  context.print(
    ` ${colors.bold(`${module.number} · ${module.title[lang]}`)}${level}${module.state === "ready" ? "" : ` · ${only}`}`,
  );
  const pipelines = module.pipelines.map((pipeline) => `taller run ${pipeline.id}`).join(" · ");
  const lesson = module.state === "ready" ? [`taller lesson ${module.number}`] : [];
  context.print(`   ${colors.dim([...lesson, pipelines].filter((text) => text !== "").join(" · "))}`);
  const width =
    Math.max(0, ...exercises.map(({ exercise }) => exercise.folder.slug.length)) + module.number.length + 1;
  const wordWidth = Math.max(0, ...exercises.map(({ state }) => stateWords(state, lang).length));
  for (const { exercise, title, state } of exercises) {
    const isPassed = state === "passed" || state === "passed-with-solution";
    const mark = isPlain
      ? ""
      : isPassed
        ? isUnicode
          ? "✓ "
          : "+ "
        : state === "untouched"
          ? "  "
          : isUnicode
            ? "· "
            : ". ";
    const word = stateWords(state, lang).padEnd(wordWidth);
    const name = `${module.number}/${exercise.folder.slug}`.padEnd(width);
    context.print(
      `   ${isPassed ? colors.green(mark) : mark}${name}  ${isPassed ? colors.green(word) : word}  ${colors.dim(title)}`,
    );
  }
}

export function levelWord(level: NonNullable<Module["level"]>, lang: "es" | "en"): string {
  const es = { beginner: "inicial", intermediate: "intermedio", advanced: "avanzado" };
  return lang === "es" ? es[level] : level;
}

function asJson({ module, exercises }: Listed, lang: "es" | "en"): unknown {
  return {
    id: module.number,
    slug: module.slug,
    title: module.title[lang],
    level: module.level ?? null,
    state: module.state,
    pipelines: module.pipelines.map((pipeline) => pipeline.id),
    exercises: exercises.map(({ exercise, title, state, files }) => {
      const { dir, id } = exercise.folder;
      const pathsOf = (base: string) =>
        exercise.spec.files.map((name) => variantPath(exercise, dir, base, name));
      return {
        id,
        kind: exercise.spec.kind,
        version: exercise.spec.version,
        title,
        state,
        files,
        task: join(dir, `task.${lang}.md`),
        starter: pathsOf("starter"),
        solution: pathsOf("solution"),
        right: Object.fromEntries(
          Object.keys(exercise.right).map((name) => [name, pathsOf(join("right", name))]),
        ),
        wrong: Object.fromEntries(
          Object.keys(exercise.wrong).map((name) => [name, pathsOf(join("wrong", name))]),
        ),
      };
    }),
  };
}

/** A variant is one file (`starter.sql`) or a folder with the files' names. */
function variantPath(exercise: LoadedExercise, dir: string, base: string, name: string): string {
  if (exercise.spec.files.length > 1) return join(dir, base, name);
  const dot = name.lastIndexOf(".");
  return join(dir, dot > 0 ? `${base}${name.slice(dot)}` : base);
}
