import { type Dirent, existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import type { Course, ExerciseFolder, Module } from "../course.ts";
import { EXERCISE_FOLDER, MODULE_FOLDER } from "../discovery.ts";
import { loadExercise } from "../load.ts";
import { type CourseFinding, finding, findingsOf } from "./finding.ts";

/** Files that lie in a course's folder beside the modules. */
const COURSE_FILES = ["course.yaml", "package.json", "package-lock.json", "node_modules", "tsconfig.json"];
const MODULE_FILES = ["lesson.es.md", "lesson.en.md", "cheatsheet.es.md", "cheatsheet.en.md"];
const MODULE_FOLDERS = ["pipelines", "sql", "exercises"];

/** Everything in a course's own folder that the layout does not know. */
export async function checkCourseLayout(course: Course): Promise<CourseFinding[]> {
  if (!existsSync(join(course.root, "course.yaml"))) return [];
  const entries = await list(course.root);
  return entries
    .filter(({ name }) => !COURSE_FILES.includes(name) && !MODULE_FOLDER.test(name) && !isDocument(name))
    .map(({ name }) =>
      finding("layout", undefined, join(course.root, name), {
        es: "Un curso tiene course.yaml y carpetas «NN-nombre», nada más.",
        en: "A course has course.yaml and folders `NN-name`, nothing else.",
      }),
    );
}

/** Everything in a module that the layout does not know. */
export async function checkModuleLayout(module: Module): Promise<CourseFinding[]> {
  const unknown = (path: string, detail: { es: string; en: string }) =>
    finding("layout", module.slug, path, detail);
  const findings: CourseFinding[] = [];
  for (const entry of await list(module.dir)) {
    const isKnown = entry.isDirectory()
      ? MODULE_FOLDERS.includes(entry.name)
      : MODULE_FILES.includes(entry.name);
    if (!isKnown)
      findings.push(
        unknown(join(module.dir, entry.name), {
          es: `Un módulo tiene ${MODULE_FILES.join(", ")} y las carpetas ${MODULE_FOLDERS.join(", ")}.`,
          en: `A module has ${MODULE_FILES.join(", ")} and the folders ${MODULE_FOLDERS.join(", ")}.`,
        }),
      );
  }
  for (const entry of await list(join(module.dir, "sql")))
    if (entry.isDirectory() || extname(entry.name) !== ".sql")
      findings.push(
        unknown(join(module.dir, "sql", entry.name), {
          es: "En «sql/» solo hay ficheros .sql.",
          en: "`sql/` holds .sql files only.",
        }),
      );
  findings.push(...(await checkPipelineFolder(module)));
  for (const entry of await list(join(module.dir, "exercises")))
    if (!entry.isDirectory() || !EXERCISE_FOLDER.test(entry.name))
      findings.push(
        unknown(join(module.dir, "exercises", entry.name), {
          es: "Un ejercicio es una carpeta «N-nombre», con N de 1 a 99.",
          en: "An exercise is a folder `N-name`, N from 1 to 99.",
        }),
      );
  for (const exercise of module.exercises) findings.push(...(await checkExerciseLayout(module, exercise)));
  return findings;
}

/** `<id>.ts`, and the parts of pipeline `<id>` in `<id>/`. */
async function checkPipelineFolder(module: Module): Promise<CourseFinding[]> {
  const dir = join(module.dir, "pipelines");
  const ids = module.pipelines.map((pipeline) => pipeline.id);
  const entries = await list(dir);
  return entries
    .filter((entry) => (entry.isDirectory() ? !ids.includes(entry.name) : !isCode(entry.name)))
    .map((entry) =>
      finding("layout", module.slug, join(dir, entry.name), {
        es: "En «pipelines/» hay un fichero <id>.ts por pipeline; sus partes van en la carpeta <id>/.",
        en: "`pipelines/` holds one file <id>.ts a pipeline; its parts lie in the folder <id>/.",
      }),
    );
}

async function checkExerciseLayout(
  module: Module,
  exercise: ExerciseFolder,
): Promise<readonly CourseFinding[]> {
  return findingsOf("readable", module.slug, exercise.dir, async () => {
    const { inputs = {} } = (await loadExercise(exercise)).spec;
    const queries = Object.values(inputs).flatMap((one) =>
      "sql" in one && one.sql !== undefined ? [one.sql] : [],
    );
    const files = ["task.es.md", "task.en.md", "exercise.ts", "exercise.js", "exercise.d.ts", ...queries];
    const entries = await list(exercise.dir);
    return entries
      .filter(
        ({ name }) => !files.includes(name) && !/^(?:(?:starter|solution)(?:\..*)?|right|wrong)$/.test(name),
      )
      .map(({ name }) =>
        finding("layout", module.slug, join(exercise.dir, name), {
          es: "Un ejercicio tiene task.es.md, task.en.md, exercise.ts, starter, solution, right/, wrong/ y el SQL que nombren sus inputs.",
          en: "An exercise has task.es.md, task.en.md, exercise.ts, starter, solution, right/, wrong/ and the SQL that its inputs name.",
        }),
      );
  });
}

/** Two exercises of one number, or of one name, in a module. */
export function checkExerciseNumbers(module: Module): CourseFinding[] {
  return module.exercises.flatMap((exercise, index) => {
    const twin = module.exercises
      .slice(0, index)
      .find((other) => other.number === exercise.number || other.slug === exercise.slug);
    if (twin === undefined) return [];
    return [
      finding("ids", module.slug, exercise.dir, {
        es: `Comparte número o nombre con ${basename(twin.dir)}.`,
        en: `It shares its number or name with ${basename(twin.dir)}.`,
      }),
    ];
  });
}

async function list(dir: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith("."));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Of a build too: the compiled file and its types lie beside the source. */
function isCode(name: string): boolean {
  return /\.(?:ts|js)$/.test(name);
}

function isDocument(name: string): boolean {
  return /^(?:README|LICENSE|NOTICE|CHANGELOG)/.test(name);
}
