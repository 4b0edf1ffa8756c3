import { mkdir, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { type Text, verbatim } from "../../core/text.ts";
import { checkCourse } from "../../course/check-course.ts";
import type { Course, ExerciseFolder } from "../../course/course.ts";
import { resolveExercise } from "../../course/ids.ts";
import { loadExercise, loadTask } from "../../course/load.ts";
import { createModule } from "../../course/new-module.ts";
import { findDataset } from "../../data/datasets.ts";
import { openEngine } from "../../engines/open.ts";
import { proveExercise } from "../../grading/prove.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { formatSeconds } from "../ui/numbers.ts";
import { userCacheFolder } from "../user-cache.ts";
import { textOption } from "./options.ts";

/** `taller dev check [exercise…]`, `taller dev new NN-slug` and `taller dev vectors FILE…`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [action, ...names] = input.args;
  if (action === "check") return check(context, names);
  if (action === "new") return create(context, names, textOption(input, "course"));
  if (action === "vectors") return (await import("./dev-vectors.ts")).run(context, input);
  throw new UserError({
    fault: "usage",
    code: "unknown-action",
    what: {
      es: `No conozco «dev ${action}». Hay: new, check, vectors.`,
      en: `There is no "dev ${action}". There are: new, check, vectors.`,
    },
    next: [verbatim("taller dev check"), verbatim("taller dev new 09-tema")],
  });
}

async function create(
  context: CliContext,
  names: readonly string[],
  course: string | undefined,
): Promise<number> {
  const [name] = names;
  if (name === undefined) {
    throw new UserError({
      fault: "usage",
      code: "missing-name",
      what: { es: "¿Cómo se llama el módulo?", en: "What is the module called?" },
      next: [verbatim("taller dev new 09-tema")],
    });
  }
  const { dir, files } = await createModule({ course: await courseFor(context, course), name });
  if (context.isJson) context.result({ dir, files });
  context.print(` ${dir}`);
  for (const file of files) context.print(`   ${file}`);
  context.print(`   taller dev check${course === undefined ? "" : ` --course ${course}`}`);
  return 0;
}

/** A folder that is not there yet, or is empty, is where a course begins. */
async function courseFor(context: CliContext, folder: string | undefined): Promise<Course> {
  if (folder === undefined) return context.course();
  const root = resolve(folder);
  await mkdir(root, { recursive: true });
  const names = await readdir(root);
  if (names.length > 0) return context.course();
  return { root, title: verbatim(basename(root)), paths: [], modules: [] };
}

interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly message: string;
}

/** Everything that holds of a course, or of some exercises of it: exit 1 when something does not. */
async function check(context: CliContext, names: readonly string[]): Promise<number> {
  const startedMs = context.clock.elapsed();
  const course = await context.course();
  const cache = userCacheFolder(context.env);
  const findings: Finding[] = [];
  if (names.length === 0) {
    const found = await checkCourse({
      course,
      clock: context.clock,
      signal: context.signal,
      emit: context.emit,
      openEngine: (options) => openEngine("duckdb", options),
      findDataset,
    });
    findings.push(
      ...found.map((one) => ({ rule: one.rule, where: one.where, message: one.detail[context.lang] })),
    );
  }
  const folders =
    names.length === 0
      ? course.modules.flatMap((module) => module.exercises)
      : names.map((name) => resolveExercise(course, name).exercise);
  let variants = 0;
  for (const folder of folders) {
    context.busy(verbatim(folder.id));
    const report = await prove(context, folder, cache);
    context.idle();
    variants += report.variants;
    findings.push(...report.findings);
    const word = report.findings.length === 0 ? proven[context.lang] : notProven[context.lang];
    context.print(
      ` ${word.padEnd(11)} ${folder.id.padEnd(28)} ${report.variants} ${variantsWord[context.lang]} · ${formatSeconds(report.seconds, context.lang)}`,
    );
  }
  for (const finding of findings)
    context.print(`\n ${finding.where}\n   [${finding.rule}] ${finding.message}`);
  const seconds = (context.clock.elapsed() - startedMs) / 1000;
  if (context.isJson)
    context.result({ ok: findings.length === 0, findings, exercises: folders.length, variants, seconds });
  const end = endWords(findings.length, folders.length, variants);
  context.print(`\n ${end[context.lang]} · ${formatSeconds(seconds, context.lang)}`);
  return findings.length === 0 ? 0 : 1;
}

const proven = { es: "probado", en: "proven" } as const;
const notProven = { es: "NO PROBADO", en: "NOT PROVEN" } as const;
const variantsWord = { es: "variantes", en: "variants" } as const;

function endWords(findings: number, exercises: number, variants: number): Text {
  if (findings === 0) {
    return {
      es: `todo se cumple: ${exercises} ejercicios, ${variants} variantes`,
      en: `all holds: ${exercises} exercises, ${variants} variants`,
    };
  }
  return { es: `${findings} cosas no se cumplen`, en: `${findings} things do not hold` };
}

async function prove(
  context: CliContext,
  folder: ExerciseFolder,
  cache: string,
): Promise<{ findings: Finding[]; variants: number; seconds: number }> {
  const [exercise, es, en] = await Promise.all([
    loadExercise(folder),
    loadTask(folder, "es"),
    loadTask(folder, "en"),
  ]);
  const idsOf = (task: typeof es) => ({
    checks: Object.keys(task.checks),
    mistakes: Object.keys(task.mistakes),
  });
  const report = await proveExercise({
    exercise: { ...exercise, id: folder.id, dir: folder.dir },
    texts: { es: idsOf(es), en: idsOf(en) },
    cacheFolder: join(cache, "cache"),
    dataFolder: join(cache, "data"),
    clock: context.clock,
    signal: context.signal,
  });
  const findings = report.findings.map((one) => ({
    rule: one.rule,
    where: one.variant === undefined ? folder.dir : `${folder.dir} · ${one.variant}`,
    message: one.detail[context.lang],
  }));
  return { findings, variants: report.variants.length, seconds: report.seconds };
}
