import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode, UserError } from "../../core/errors.ts";
import { fieldsOf, tableFromRows } from "../../core/table-build.ts";
import { verbatim } from "../../core/text.ts";
import { loadLesson } from "../../course/load.ts";
import { exerciseState, lessonStep } from "../../course/progress.ts";
import { makeWorkspace } from "../../course/workspace.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, openLearner } from "../learner.ts";
import { stateWords } from "../texts/watch.ts";
import { renderTable } from "../ui/table.ts";

/** `taller progress [export|import|merge] [file]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const [action, file] = input.args;
  if (action === undefined) return show(context, learner);
  if (action === "export") return exportLog(context, learner, file);
  if (action === "import" || action === "merge") return mergeLog(context, learner, { action, file });
  throw new UserError({
    fault: "usage",
    code: "unknown-action",
    what: {
      es: `No conozco «progress ${action}». Hay: export, import, merge.`,
      en: `There is no "progress ${action}". There are: export, import, merge.`,
    },
    next: [verbatim("taller progress")],
  });
}

async function show(context: CliContext, learner: Learner): Promise<number> {
  const state = await learner.progress.read();
  const exercises = [];
  const lessons = [];
  for (const module of learner.course.modules) {
    const lesson = await loadLesson(module, context.lang);
    const step = lessonStep(state, module.slug);
    if (lesson !== undefined) {
      const reached = state.lessons[module.slug]?.steps.length ?? 0;
      lessons.push({
        id: module.slug,
        step: step ?? null,
        reached,
        steps: lesson.steps.length,
        finished: reached >= lesson.steps.length,
      });
    }
    for (const folder of module.exercises) {
      const { exercise, name } = await learner.load(folder.id);
      const found = state.exercises[folder.id];
      exercises.push({
        id: folder.id,
        name,
        state: exerciseState(state, folder.id, exercise.spec.version),
        attempts: found?.attempts ?? 0,
        hints: found?.hints[String(exercise.spec.version)] ?? 0,
      });
    }
  }
  if (context.isJson) {
    context.result({ exercises, lessons });
    return 0;
  }
  const { lang } = context;
  for (const lesson of lessons) {
    const words =
      lang === "es"
        ? `lección ${lesson.id}: ${lesson.reached} de ${lesson.steps} pasos`
        : `lesson ${lesson.id}: ${lesson.reached} of ${lesson.steps} steps`;
    context.print(` ${words}`);
  }
  const names =
    lang === "es" ? ["ejercicio", "estado", "fallos", "pistas"] : ["exercise", "state", "failed", "hints"];
  const [name = "", word = "", attempts = "", hints = ""] = names;
  const fields = fieldsOf({
    [name]: { kind: "string" },
    [word]: { kind: "string" },
    [attempts]: { kind: "int32" },
    [hints]: { kind: "int32" },
  });
  const rows = exercises.map((one) => ({
    [name]: one.name,
    [word]: stateWords(one.state, lang),
    [attempts]: one.attempts,
    [hints]: one.hints,
  }));
  context.print(renderTable(tableFromRows(fields, rows), context.screen.look(), { maxRows: rows.length }));
  return 0;
}

async function exportLog(context: CliContext, learner: Learner, file: string | undefined): Promise<number> {
  const log = await learner.progress.export();
  if (file === undefined || file === "-") {
    context.screen.write(log);
    return 0;
  }
  const path = resolve(file);
  await writeFileAtomic(path, log);
  const events = log.split("\n").filter((line) => line !== "").length;
  if (context.isJson) context.result({ path, events });
  context.print(context.lang === "es" ? ` ${events} sucesos en ${path}` : ` ${events} events in ${path}`);
  return 0;
}

async function mergeLog(
  context: CliContext,
  learner: Learner,
  given: { readonly action: string; readonly file: string | undefined },
): Promise<number> {
  if (given.file === undefined) {
    throw new UserError({
      fault: "usage",
      code: "missing-file",
      what: { es: "¿Qué fichero?", en: "Which file?" },
      next: [verbatim(`taller progress ${given.action} progress.jsonl`)],
    });
  }
  const path = resolve(given.file);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "EISDIR") throw error;
    throw new UserError({
      fault: "usage",
      code: "no-such-file",
      what: { es: "Ese fichero no está.", en: "That file is not there." },
      where: path,
      cause: error,
    });
  });
  await makeWorkspace(learner.workspace);
  const merged = await learner.progress.merge(text);
  if (context.isJson) context.result(merged);
  const { lang } = context;
  context.print(
    lang === "es"
      ? ` ${merged.added} sucesos nuevos, ${merged.known} ya estaban, ${merged.ignored} líneas que no lo son`
      : ` ${merged.added} new events, ${merged.known} were here, ${merged.ignored} lines are none`,
  );
  return merged.added + merged.known === 0 && merged.ignored > 0 ? 1 : 0;
}
