import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { diskError } from "../core/atomic-file.ts";
import { systemCode, UserError } from "../core/errors.ts";
import type { Course } from "./course.ts";
import { MODULE_FOLDER } from "./discovery.ts";
import { moduleTemplate } from "./new-module/template.ts";
import { isBuilt, isInside, ownPackageRoot } from "./own-package.ts";

export interface NewModule {
  readonly dir: string;
  /** Absolute paths, in the order in which an author reads them. */
  readonly files: readonly string[];
}

/**
 * Makes a module that passes `dev check` and changes nothing outside its own folder, which appears whole.
 * `name`: `09-topic`. Throws a UserError (usage) for a name that won't do, and for a number, a name or a
 * pipeline's id that the course has already.
 */
export async function createModule(input: {
  readonly course: Course;
  readonly name: string;
  /** Where the folder is made; default {@link authoringRoot}. */
  readonly parent?: string | undefined;
}): Promise<NewModule> {
  const { course, name } = input;
  const [, number = "", slug = ""] = MODULE_FOLDER.exec(name) ?? [];
  if (slug === "") throw badName(name);
  refuseTaken(course, number, slug);
  const parent = input.parent ?? authoringRoot(course);
  const dir = join(parent, name);
  if (existsSync(dir)) throw taken(name, dir);
  const template = moduleTemplate({ number, slug });
  try {
    const beside = await mkdtemp(join(parent, ".new-module-"));
    try {
      for (const [file, text] of Object.entries(template)) {
        await mkdir(dirname(join(beside, file)), { recursive: true });
        await writeFile(join(beside, file), text);
      }
      await rename(beside, dir);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  } catch (error) {
    if (systemCode(error) === "ENOTEMPTY" || systemCode(error) === "EEXIST") throw taken(name, dir);
    throw diskError(error, dir);
  }
  return { dir, files: Object.keys(template).map((file) => join(dir, file)) };
}

/** Where new modules of a course are written: its folder; for our own course in a clone `lessons/`, not the build. */
export function authoringRoot(course: Course): string {
  const root = ownPackageRoot();
  const source = join(root, "lessons");
  return isBuilt() && isInside(course.root, join(root, "dist")) && existsSync(source) ? source : course.root;
}

function refuseTaken(course: Course, number: string, slug: string): void {
  const module = course.modules.find((one) => one.number === number || one.slug === slug);
  if (module !== undefined) throw taken(`${number}-${slug}`, module.dir);
  for (const one of course.modules) {
    const pipeline = one.pipelines.find(({ id }) => id === slug);
    if (pipeline !== undefined) throw taken(slug, pipeline.path);
  }
}

function badName(name: string): UserError {
  return new UserError({
    fault: "usage",
    code: "bad-module-name",
    what: {
      es: `«${name}» no vale: un módulo se llama «NN-nombre», con minúsculas, cifras y guiones.`,
      en: `"${name}" will not do: a module is called \`NN-name\`, in lower case, with digits and hyphens.`,
    },
    next: [{ es: "taller dev new 09-tema", en: "taller dev new 09-topic" }],
  });
}

function taken(name: string, where: string): UserError {
  return new UserError({
    fault: "usage",
    code: "module-exists",
    what: {
      es: `«${name}» choca con lo que ya hay: número, nombre o pipeline.`,
      en: `"${name}" collides with what is there: number, name or pipeline.`,
    },
    where,
    next: [{ es: "elige otro número y otro nombre", en: "choose another number and another name" }],
  });
}
