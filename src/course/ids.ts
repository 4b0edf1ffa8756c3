import { distance } from "fastest-levenshtein";
import { UserError } from "../core/errors.ts";
import type { Text } from "../core/text.ts";
import type { Course, ExerciseFolder, Module, PipelineFile } from "./course.ts";

export interface FoundExercise {
  readonly module: Module;
  readonly exercise: ExerciseFolder;
}

export interface FoundPipeline {
  readonly module: Module;
  readonly pipeline: PipelineFile;
}

/** A module by `01`, `1`, `etl` or `01-etl`. Throws a UserError (usage) that suggests the nearest. */
export function resolveModule(course: Course, id: string): Module {
  const found = findModule(course, id);
  if (found !== undefined) return found;
  throw unknownId({
    code: "unknown-module",
    what: { es: `No hay ningún módulo «${id}».`, en: `There is no module "${id}".` },
    given: id,
    known: course.modules.flatMap((module) => [
      module.slug,
      module.number,
      `${module.number}-${module.slug}`,
    ]),
    all: { es: "taller list", en: "taller list" },
  });
}

/**
 * An exercise by `01/clean`, `etl/clean`, `01/1`, or `clean` when only one module has it. Throws a
 * UserError (usage) that suggests the nearest, or lists those that share the short name.
 */
export function resolveExercise(course: Course, id: string): FoundExercise {
  const all = course.modules.flatMap((module) => module.exercises.map((exercise) => ({ module, exercise })));
  const [first = "", second, ...rest] = id.replaceAll("\\", "/").replace(/\/$/, "").split("/");
  const known = all.map(({ exercise }) => exercise.id);
  const unknown = () =>
    unknownId({
      code: "unknown-exercise",
      what: { es: `No hay ningún ejercicio «${id}».`, en: `There is no exercise "${id}".` },
      given: id,
      known: [
        ...known,
        ...all.map(({ module, exercise }) => `${module.number}/${exercise.slug}`),
        ...all.map(({ exercise }) => exercise.slug),
      ],
      all: { es: "taller list", en: "taller list" },
    });
  if (rest.length > 0) throw unknown();
  if (second !== undefined) {
    const module = findModule(course, first);
    const exercise = module?.exercises.find((one) => isNamed(one, second));
    if (module === undefined || exercise === undefined) throw unknown();
    return { module, exercise };
  }
  const matches = all.filter(({ exercise }) => exercise.slug === first);
  const [only, another] = matches;
  if (only === undefined) throw unknown();
  if (another === undefined) return only;
  throw new UserError({
    fault: "usage",
    code: "ambiguous-exercise",
    what: {
      es: `«${id}» es el nombre de varios ejercicios: ${matches.map((m) => m.exercise.id).join(", ")}.`,
      en: `"${id}" names several exercises: ${matches.map((m) => m.exercise.id).join(", ")}.`,
    },
    next: [{ es: `escribe, por ejemplo: ${only.exercise.id}`, en: `type, for example: ${only.exercise.id}` }],
  });
}

/** A pipeline by its id. Throws a UserError (usage) that suggests the nearest. */
export function resolvePipeline(course: Course, id: string): FoundPipeline {
  const all = course.modules.flatMap((module) => module.pipelines.map((pipeline) => ({ module, pipeline })));
  const found = all.find(({ pipeline }) => pipeline.id === id);
  if (found !== undefined) return found;
  throw unknownId({
    code: "unknown-pipeline",
    what: { es: `No hay ningún pipeline «${id}».`, en: `There is no pipeline "${id}".` },
    given: id,
    known: all.map(({ pipeline }) => pipeline.id),
    all: { es: "taller run --list", en: "taller run --list" },
  });
}

/** The shortest name that resolves to this exercise: `clean` when unique, else `etl/clean`. */
export function shortExerciseId(course: Course, exercise: ExerciseFolder): string {
  const sameSlug = course.modules.flatMap((module) =>
    module.exercises.filter((one) => one.slug === exercise.slug),
  );
  return sameSlug.length === 1 ? exercise.slug : exercise.id;
}

/** The known word that is fewest edits away, if it is near enough to be what was meant. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const folded = given.toLowerCase();
  let best: { word: string; edits: number } | undefined;
  for (const word of known) {
    const edits = distance(folded, word.toLowerCase());
    if (best === undefined || edits < best.edits) best = { word, edits };
  }
  if (best === undefined) return undefined;
  return best.edits <= Math.max(2, Math.floor(Math.max(given.length, best.word.length) / 2))
    ? best.word
    : undefined;
}

function findModule(course: Course, id: string): Module | undefined {
  const number = /^\d{1,2}$/.test(id) ? id.padStart(2, "0") : undefined;
  return course.modules.find(
    (module) => module.slug === id || module.number === number || `${module.number}-${module.slug}` === id,
  );
}

function isNamed(exercise: ExerciseFolder, name: string): boolean {
  return (
    exercise.slug === name ||
    String(exercise.number) === name ||
    `${exercise.number}-${exercise.slug}` === name
  );
}

function unknownId(input: {
  readonly code: string;
  readonly what: Text;
  readonly given: string;
  readonly known: readonly string[];
  readonly all: Text;
}): UserError {
  const near = nearest(input.given, input.known);
  return new UserError({
    fault: "usage",
    code: input.code,
    what: input.what,
    next: [
      ...(near === undefined ? [] : [{ es: `¿Querías decir «${near}»?`, en: `Did you mean "${near}"?` }]),
      { es: `todos: ${input.all.es}`, en: `all of them: ${input.all.en}` },
    ],
  });
}
