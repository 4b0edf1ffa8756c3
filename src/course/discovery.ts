import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { systemCode, UserError } from "../core/errors.ts";
import { type Text, verbatim } from "../core/text.ts";
import type { Course, ExerciseFolder, Level, Module, PipelineFile } from "./course.ts";
import { courseError } from "./course-error.ts";
import { readFrontMatter, readYaml } from "./read-yaml.ts";
import { courseSchema } from "./schema/course-schema.ts";
import { lessonSchema } from "./schema/lesson-schema.ts";

/** Where the package's own course lies: `lessons/` from source, `dist/lessons/` from the build. */
export function ownCourseRoot(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), "..", "..", "lessons");
}

/**
 * Finds a course under a folder: `course.yaml` and the folders `NN-slug`, or, without a `course.yaml`, only
 * such folders, or one of them itself. Reads front matter, runs nothing; what lies in a module against the
 * rules is found by `checkCourse`. Throws a UserError for a folder that holds no course.
 */
export async function discoverCourse(root: string): Promise<Course> {
  const folder = resolve(root);
  const names = await listFolder(folder);
  if (names === undefined) throw noCourse(folder);
  const single = MODULE_FOLDER.exec(basename(folder));
  if (!names.includes("course.yaml")) {
    if (single !== null && names.some((name) => MODULE_PARTS.includes(name))) {
      const module = await discoverModule(folder);
      return { root: dirname(folder), title: module.title, paths: [], modules: [module] };
    }
    if (!names.some((name) => MODULE_FOLDER.test(name))) throw noCourse(folder);
  }
  const modules = await Promise.all(
    names
      .filter((name) => MODULE_FOLDER.test(name))
      .sort()
      .map((name) => discoverModule(join(folder, name))),
  );
  refuseTwins(modules);
  if (!names.includes("course.yaml"))
    return { root: folder, title: verbatim(basename(folder)), paths: [], modules };
  const file = join(folder, "course.yaml");
  const data = readYaml({ text: await readFile(file, "utf8"), file, schema: courseSchema });
  return { root: folder, title: data.title, paths: data.paths, modules };
}

/** `01-etl`. */
export const MODULE_FOLDER = /^(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)$/;
/** `1-clean`. */
export const EXERCISE_FOLDER = /^([1-9]\d?)-([a-z0-9]+(?:-[a-z0-9]+)*)$/;

const MODULE_PARTS = ["lesson.es.md", "lesson.en.md", "pipelines", "exercises", "sql"];

async function discoverModule(dir: string): Promise<Module> {
  const [, number = "", slug = ""] = MODULE_FOLDER.exec(basename(dir)) ?? [];
  const lessonPaths = bothLanguages(dir, "lesson");
  const [exercises, pipelines] = await Promise.all([findExercises(dir, slug), findPipelines(dir)]);
  const heads =
    lessonPaths === undefined
      ? undefined
      : await Promise.all([lessonHead(lessonPaths.es), lessonHead(lessonPaths.en)]);
  return {
    number,
    slug,
    dir,
    title: heads === undefined ? verbatim(slug) : { es: heads[0].title, en: heads[1].title },
    level: heads?.[0].level,
    state: lessonPaths === undefined ? "pipelines-only" : "ready",
    exercises,
    pipelines,
    lessonPaths,
    cheatsheetPaths: bothLanguages(dir, "cheatsheet"),
  };
}

async function lessonHead(path: string): Promise<{ title: string; level: Level }> {
  return readFrontMatter(await readFile(path, "utf8"), path, lessonSchema).data;
}

async function findExercises(moduleDir: string, moduleSlug: string): Promise<ExerciseFolder[]> {
  const dir = join(moduleDir, "exercises");
  const found = ((await listFolder(dir)) ?? []).flatMap((name) => {
    const match = EXERCISE_FOLDER.exec(name);
    if (match === null) return [];
    const slug = match[2] ?? "";
    return [{ id: `${moduleSlug}/${slug}`, number: Number(match[1]), slug, dir: join(dir, name) }];
  });
  return found.sort((a, b) => a.number - b.number || (a.slug < b.slug ? -1 : 1));
}

async function findPipelines(moduleDir: string): Promise<PipelineFile[]> {
  const dir = join(moduleDir, "pipelines");
  return ((await listFolder(dir)) ?? [])
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .sort()
    .map((name) => ({ id: name.slice(0, -3), path: join(dir, name) }));
}

function bothLanguages(dir: string, name: string): Text | undefined {
  const paths = { es: join(dir, `${name}.es.md`), en: join(dir, `${name}.en.md`) };
  return existsSync(paths.es) && existsSync(paths.en) ? paths : undefined;
}

/** Two modules of one number or slug: every id would name two things. */
function refuseTwins(modules: readonly Module[]): void {
  for (const key of ["number", "slug"] as const) {
    const seen = new Map<string, Module>();
    for (const module of modules) {
      const twin = seen.get(module[key]);
      if (twin !== undefined)
        throw courseError({
          code: "twin-modules",
          what: {
            es: `Dos módulos comparten «${module[key]}»: ${basename(twin.dir)} y ${basename(module.dir)}.`,
            en: `Two modules share "${module[key]}": ${basename(twin.dir)} and ${basename(module.dir)}.`,
          },
          file: module.dir,
        });
      seen.set(module[key], module);
    }
  }
}

async function listFolder(dir: string): Promise<string[] | undefined> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function noCourse(folder: string): UserError {
  return new UserError({
    fault: "usage",
    code: "no-course",
    what: {
      es: "Aquí no hay un curso: falta course.yaml o alguna carpeta «NN-nombre».",
      en: "There is no course here: course.yaml or a folder `NN-name` is missing.",
    },
    where: folder,
    next: [{ es: "taller list --course CARPETA", en: "taller list --course FOLDER" }],
  });
}
