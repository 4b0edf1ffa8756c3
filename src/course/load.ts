import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { z } from "zod";
import { systemCode } from "../core/errors.ts";
import type { Lang } from "../core/text.ts";
import type { Exercise } from "../grading/exercise.ts";
import type { ExerciseFolder, Lesson, LoadedExercise, Module, SubmissionFiles, Task } from "./course.ts";
import { courseError } from "./course-error.ts";
import { parseLesson } from "./lesson-markdown.ts";
import { loadDefault } from "./load-module.ts";
import type { Pipeline } from "./pipeline.ts";
import { describeIssue } from "./read-yaml.ts";
import { exerciseSchema } from "./schema/exercise-schema.ts";
import { pipelineSchema } from "./schema/pipeline-schema.ts";
import { parseTask } from "./task-markdown.ts";

/** What an exercise is: its spec, starter, solution and variants. Throws a UserError that names the file to mend. */
export async function loadExercise(folder: ExerciseFolder): Promise<LoadedExercise> {
  const spec = await loadSpec(folder);
  const [starter, solution, right, wrong] = await Promise.all([
    readNamed(folder.dir, "starter", spec.files),
    readNamed(folder.dir, "solution", spec.files),
    readVariants(join(folder.dir, "right"), spec.files),
    readVariants(join(folder.dir, "wrong"), spec.files),
  ]);
  return { folder, spec, starter, solution, right, wrong };
}

/** What `exercise.ts` says, without the files beside it. */
export async function loadSpec(folder: ExerciseFolder): Promise<Exercise> {
  return loadChecked(join(folder.dir, "exercise.ts"), exerciseSchema);
}

/** An exercise's task in one language. */
export async function loadTask(folder: ExerciseFolder, lang: Lang): Promise<Task> {
  const path = join(folder.dir, `task.${lang}.md`);
  return parseTask(await readText(path), path);
}

/** A module's lesson in one language; undefined for a module that has only pipelines. */
export async function loadLesson(module: Module, lang: Lang): Promise<Lesson | undefined> {
  const path = module.lessonPaths?.[lang];
  return path === undefined ? undefined : parseLesson(await readText(path), path);
}

/** A pipeline, by its file `pipelines/<id>.ts`. */
export async function loadPipeline(file: string): Promise<Pipeline> {
  return loadChecked(file, pipelineSchema);
}

async function loadChecked<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const exported = await loadDefault(file);
  const parsed = schema.safeParse(exported);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw courseError({
    code: "schema",
    what: issue === undefined ? parsed.error.message : describeIssue(issue),
    file,
    cause: parsed.error,
  });
}

/** `starter.sql` or `starter/…`: the contents by workspace name. */
async function readNamed(dir: string, name: string, files: readonly string[]): Promise<SubmissionFiles> {
  const entries = (await readdir(dir)).filter((entry) => entry === name || entry.startsWith(`${name}.`));
  const [only, another] = entries;
  if (only === undefined || another !== undefined) {
    throw courseError({
      code: "exercise-files",
      what:
        only === undefined
          ? {
              es: `Falta «${name}»: un fichero o una carpeta con ${files.join(", ")}.`,
              en: `\`${name}\` is missing: one file, or a folder with ${files.join(", ")}.`,
            }
          : {
              es: `«${name}» está más de una vez: ${entries.join(", ")}.`,
              en: `\`${name}\` is there more than once: ${entries.join(", ")}.`,
            },
      file: dir,
    });
  }
  return readSubmission(join(dir, only), files);
}

async function readVariants(dir: string, files: readonly string[]): Promise<Record<string, SubmissionFiles>> {
  const entries = await readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const variants: Record<string, SubmissionFiles> = {};
  for (const entry of entries.sort()) {
    const name = entry.replace(/\..*$/, "");
    if (Object.hasOwn(variants, name))
      throw courseError({
        code: "exercise-files",
        what: `the variant "${name}" is there twice`,
        file: join(dir, entry),
      });
    variants[name] = await readSubmission(join(dir, entry), files);
  }
  return variants;
}

async function readSubmission(path: string, files: readonly string[]): Promise<SubmissionFiles> {
  const [first = ""] = files;
  if (!(await stat(path)).isDirectory()) {
    const wanted = extname(first);
    if (files.length !== 1 || (wanted !== "" && extname(path) !== wanted)) {
      throw courseError({
        code: "exercise-files",
        what: {
          es: `Este fichero no puede ser ${files.join(", ")}: usa la misma extensión, o una carpeta.`,
          en: `This file can't be ${files.join(", ")}: use the same extension, or a folder.`,
        },
        file: path,
      });
    }
    return { [first]: await readText(path) };
  }
  const found = await readdir(path);
  const extra = found.find((name) => !files.includes(name));
  const missing = files.find((name) => !found.includes(name));
  if (extra !== undefined || missing !== undefined) {
    throw courseError({
      code: "exercise-files",
      what: {
        es: missing === undefined ? `Sobra «${extra}».` : `Falta «${missing}».`,
        en: missing === undefined ? `"${extra}" is too many.` : `"${missing}" is missing.`,
      },
      file: path,
    });
  }
  const texts = await Promise.all(files.map((name) => readText(join(path, name))));
  return Object.fromEntries(files.map((name, index) => [name, texts[index] ?? ""]));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw courseError({
      code: "missing-file",
      what: { es: "Falta este fichero del curso.", en: "This file of the course is missing." },
      file: path,
      cause: error,
    });
  }
}
