import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../core/errors.ts";
import type { Block, Course, Lesson, Module } from "../course.ts";
import { resolvePipeline } from "../ids.ts";
import { loadLesson, loadPipeline } from "../load.ts";
import { parsePipelineOptions } from "../pipeline-options.ts";
import { readExcerpt } from "../source-excerpt.ts";
import { type CourseFinding, finding, findingsOf } from "./finding.ts";

/** The id of the step that every lesson has: the same work on the real systems. */
export const CLUSTER_STEP = "on-a-real-cluster";

/** What a lesson's fences and inputs name is there, and what lies in the module is used. */
export async function checkReferences(course: Course, module: Module): Promise<CourseFinding[]> {
  const findings: CourseFinding[] = [];
  for (const lang of ["es", "en"] as const) {
    const file = module.lessonPaths?.[lang];
    if (file === undefined) continue;
    // A lesson that can't be read is a finding of `checkLanguages` already.
    const lesson = await loadLesson(module, lang).catch(() => undefined);
    if (lesson === undefined) continue;
    findings.push(...checkInputs(module, lesson, file));
    for (const step of lesson.steps)
      for (const block of step.blocks) findings.push(...(await checkBlock(course, module, block, file)));
    if (!lesson.steps.some((step) => step.id === CLUSTER_STEP))
      findings.push(
        finding("on-a-real-cluster", module.slug, file, {
          es: `Falta el paso «{#${CLUSTER_STEP}}»: lo mismo en un sistema real.`,
          en: `The step \`{#${CLUSTER_STEP}}\` is missing: the same on a real system.`,
        }),
      );
    if (lang === "es") findings.push(...(await checkUnused(module, lesson, file)));
  }
  return findings;
}

function checkInputs(module: Module, lesson: Lesson, file: string): CourseFinding[] {
  return Object.entries(lesson.inputs).flatMap(([name, input]) =>
    "sql" in input && !existsSync(join(module.dir, "sql", input.sql))
      ? [
          finding("references", module.slug, file, {
            es: `El input «${name}» nombra sql/${input.sql}, que no está.`,
            en: `The input "${name}" names sql/${input.sql}, which is not there.`,
          }),
        ]
      : [],
  );
}

async function checkBlock(
  course: Course,
  module: Module,
  block: Block,
  file: string,
): Promise<readonly CourseFinding[]> {
  if (block.kind === "prose" || block.kind === "quiz" || block.kind === "try") return [];
  const where = `${file}:${block.line}`;
  const missing = (what: string) =>
    finding("references", module.slug, where, { es: `No está ${what}.`, en: `There is no ${what}.` });
  if (block.kind === "exercise")
    return module.exercises.some((one) => one.slug === block.exercise)
      ? []
      : [missing(`exercises/N-${block.exercise}`)];
  const found = await findingsOf("references", module.slug, where, async () => {
    if (block.kind === "show") await readExcerpt(module, block);
    else if (block.what === "sql") {
      if (!existsSync(join(module.dir, "sql", block.file))) return [missing(`sql/${block.file}`)];
    } else {
      const pipeline = await loadPipeline(resolvePipeline(course, block.pipeline).pipeline.path);
      parsePipelineOptions(pipeline, block.options);
      if (block.step !== undefined && !pipeline.steps.some((step) => step.id === block.step))
        return [missing(`${block.pipeline}: ${block.step}`)];
    }
    return [];
  });
  // An error that names the missing file says less to the author than the fence that names it.
  return found.map((one) => ({ ...one, where, detail: one.detail }));
}

async function checkUnused(module: Module, lesson: Lesson, file: string): Promise<CourseFinding[]> {
  const blocks = lesson.steps.flatMap((step) => step.blocks);
  const findings: CourseFinding[] = [];
  for (const exercise of module.exercises)
    if (!blocks.some((block) => block.kind === "exercise" && block.exercise === exercise.slug))
      findings.push(
        finding("unused", module.slug, file, {
          es: `La lección no lleva al ejercicio «${exercise.slug}».`,
          en: `The lesson does not lead to the exercise "${exercise.slug}".`,
        }),
      );
  const texts = [await readFile(file, "utf8"), ...(await codeOf(join(module.dir, "pipelines")))];
  for (const name of (await namesIn(join(module.dir, "sql"))).filter((one) => one.endsWith(".sql")))
    if (!texts.some((text) => text.includes(name) || text.includes(`"${name.replace(/\.sql$/, "")}"`)))
      findings.push(
        finding("unused", module.slug, join(module.dir, "sql", name), {
          es: "Ni la lección ni un pipeline nombran este fichero.",
          en: "Neither the lesson nor a pipeline names this file.",
        }),
      );
  return findings;
}

async function codeOf(dir: string): Promise<string[]> {
  const names = (await namesIn(dir, true)).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  return Promise.all(names.map((name) => readFile(join(dir, name), "utf8")));
}

async function namesIn(dir: string, recursive = false): Promise<string[]> {
  try {
    return await readdir(dir, { recursive });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
