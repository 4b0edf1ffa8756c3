import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Block, Lesson, Module, Quiz } from "../course.ts";
import { loadLesson, loadTask } from "../load.ts";
import { type CourseFinding, finding, findingsOf } from "./finding.ts";

/** Both languages of a module's texts exist and have the same bones. */
export async function checkLanguages(module: Module): Promise<CourseFinding[]> {
  const findings: CourseFinding[] = [];
  for (const name of ["lesson", "cheatsheet"] as const) {
    const [es, en] = ["es", "en"].map((lang) => existsSync(join(module.dir, `${name}.${lang}.md`)));
    const isNeeded = name === "cheatsheet" && module.state === "ready";
    for (const [lang, isThere, other] of [
      ["es", es, en],
      ["en", en, es],
    ] as const)
      if (!isThere && (other || isNeeded))
        findings.push(
          finding("both-languages", module.slug, join(module.dir, `${name}.${lang}.md`), {
            es: "Falta este fichero.",
            en: "This file is missing.",
          }),
        );
  }
  findings.push(...(await findingsOf("readable", module.slug, module.dir, () => compareLessons(module))));
  for (const exercise of module.exercises)
    findings.push(
      ...(await findingsOf("readable", module.slug, exercise.dir, () => compareTasks(module, exercise))),
    );
  return findings;
}

async function compareLessons(module: Module): Promise<CourseFinding[]> {
  const [es, en] = [await loadLesson(module, "es"), await loadLesson(module, "en")];
  if (es === undefined || en === undefined) return [];
  const file = module.lessonPaths?.en ?? module.dir;
  const differ = (line: number | undefined, what: { es: string; en: string }) =>
    finding("both-languages", module.slug, line === undefined ? file : `${file}:${line}`, what);
  const findings: CourseFinding[] = [];
  for (const key of ["level", "minutes", "inputs"] as const)
    if (JSON.stringify(es[key]) !== JSON.stringify(en[key]))
      findings.push(
        differ(1, { es: `«${key}» no es igual en español.`, en: `\`${key}\` differs from the Spanish.` }),
      );
  const ids = (lesson: Lesson) => lesson.steps.map((step) => step.id).join(", ");
  if (ids(es) !== ids(en)) {
    const text = `es: ${ids(es)} · en: ${ids(en)}`;
    return [
      ...findings,
      differ(undefined, {
        es: `Los pasos no son los mismos. ${text}`,
        en: `The steps are not the same. ${text}`,
      }),
    ];
  }
  es.steps.forEach((step, index) => {
    const other = en.steps[index];
    const [ours, theirs] = [bones(step.blocks), bones(other?.blocks ?? [])];
    if (ours.join("\n") === theirs.join("\n")) return;
    const at = theirs.findIndex((bone, i) => bone !== ours[i]);
    const spanish = ours[at < 0 ? theirs.length : at] ?? "—";
    const english = theirs[at] ?? "—";
    findings.push(
      differ(other?.line, {
        es: `El paso «${step.id}» no tiene los mismos bloques. es: ${spanish} · en: ${english}`,
        en: `The step "${step.id}" has not the same blocks. es: ${spanish} · en: ${english}`,
      }),
    );
  });
  return findings;
}

/** The live blocks of a step without their texts: what both languages must share. */
function bones(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === "prose") return [];
    if (block.kind === "quiz") return [`quiz ${quizBones(block.quiz)}`];
    const { line: _line, ...rest } = block.kind === "try" ? { ...block, sample: undefined } : block;
    return [JSON.stringify(rest)];
  });
}

function quizBones(quiz: Quiz): string {
  const head = `${quiz.kind} ${quiz.id}`;
  switch (quiz.kind) {
    case "single":
    case "multiple":
    case "predict":
      return `${head} ${quiz.choices.map((choice) => (choice.isRight ? "x" : "-")).join("")}`;
    case "order":
      return `${head} ${quiz.items.length}`;
    case "number":
      return `${head} ${quiz.answer} ± ${quiz.tolerance} ${quiz.near.map(({ value }) => value).join(" ")}`;
  }
}

async function compareTasks(module: Module, exercise: Module["exercises"][number]): Promise<CourseFinding[]> {
  const [es, en] = [await loadTask(exercise, "es"), await loadTask(exercise, "en")];
  return (["checks", "mistakes"] as const).flatMap((part) => {
    const [ours, theirs] = [Object.keys(es[part]), Object.keys(en[part])].map((ids) => ids.sort().join(", "));
    if (ours === theirs) return [];
    return [
      finding("both-languages", module.slug, join(exercise.dir, "task.en.md"), {
        es: `«${part}» no son los mismos. es: ${ours} · en: ${theirs}`,
        en: `\`${part}\` are not the same. es: ${ours} · en: ${theirs}`,
      }),
    ];
  });
}
