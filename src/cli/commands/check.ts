import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import { formatNumber } from "../../core/numbers.ts";
import { verbatim } from "../../core/text.ts";
import type { SubmissionFiles } from "../../course/course.ts";
import { exerciseState } from "../../course/progress.ts";
import { grade } from "../../grading/grade.ts";
import type { Verdict } from "../../grading/verdict.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { type Learner, namedOrCurrent, type OpenedExercise, openLearner } from "../learner.ts";
import { renderVerdict } from "../ui/verdict.ts";
import { userCacheFolder } from "../user-cache.ts";
import { verdictJson } from "../verdict-json.ts";
import { gradeSubmissions } from "./check-submissions.ts";
import { listOption, textOption } from "./options.ts";

/** `taller check [exercise…] [--all] [--file PATH…] [--submissions DIR --csv]`. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const learner = await openLearner(context);
  const files = listOption(input, "file");
  const submissions = textOption(input, "submissions");
  if (submissions !== undefined)
    return gradeSubmissions(context, learner, { dir: submissions, exercises: input.args });
  if (files.length > 0) return checkFiles(context, learner, { named: input.args, files });
  const ids = input.options.all === true ? await begunExercises(learner) : await chosen(learner, input.args);
  const results: { verdict: Verdict; opened: OpenedExercise }[] = [];
  for (const id of ids) {
    const opened = await learner.load(id);
    const view = await learner.open(id);
    context.busy({ es: `corrijo ${view.name}`, en: `checking ${view.name}` });
    const verdict = await learner.grade(id, { signal: context.signal, emit: context.emit });
    context.idle();
    results.push({ verdict, opened });
    printVerdict(context, { verdict, opened, files: view.shownFiles });
    if (ids.length === 1) printNext(context, verdict, view.name);
  }
  return finish(context, results, input.options.all === true || ids.length > 1);
}

function finish(
  context: CliContext,
  results: readonly { verdict: Verdict; opened: OpenedExercise }[],
  isMany: boolean,
): number {
  const passed = results.filter(({ verdict }) => verdict.passed).length;
  const look = context.screen.look();
  if (context.isJson) {
    const verdicts = results.map(({ verdict, opened }) => verdictJson(verdict, opened.task, look));
    context.result(isMany ? { results: verdicts, passed, failed: results.length - passed } : verdicts[0]);
  } else if (isMany) {
    const [ok, all] = [formatNumber(passed, context.lang), formatNumber(results.length, context.lang)];
    context.print(context.lang === "es" ? `\n ${ok} de ${all} pasados` : `\n ${ok} of ${all} passed`);
  }
  if (passed === results.length) return 0;
  return !isMany && results[0]?.verdict.state === "timeout" ? 4 : 1;
}

/** Grades files where they lie: no workspace is read or made. */
async function checkFiles(
  context: CliContext,
  learner: Learner,
  given: { readonly named: readonly string[]; readonly files: readonly string[] },
): Promise<number> {
  const [named, another] = given.named;
  if (named === undefined || another !== undefined) {
    throw new UserError({
      fault: "usage",
      code: "one-exercise",
      what: { es: "--file pide un ejercicio, y solo uno.", en: "--file takes one exercise, and only one." },
      next: [verbatim("taller check 01/clean --file mine.sql")],
    });
  }
  const opened = await learner.load(named);
  const submission = await readFiles(opened, given.files);
  const cache = userCacheFolder(context.env);
  context.busy({ es: `corrijo ${opened.name}`, en: `checking ${opened.name}` });
  const verdict = await gradeFiles(context, opened, { submission, cache });
  context.idle();
  printVerdict(context, { verdict, opened, files: given.files });
  return finish(context, [{ verdict, opened }], false);
}

/** A grading that belongs to no workspace. */
export function gradeFiles(
  context: CliContext,
  opened: OpenedExercise,
  given: { readonly submission: SubmissionFiles; readonly cache: string },
): Promise<Verdict> {
  const { exercise } = opened;
  return grade({
    exercise: { ...exercise, id: exercise.folder.id, dir: exercise.folder.dir },
    submission: given.submission,
    cacheFolder: join(given.cache, "cache"),
    dataFolder: join(given.cache, "data"),
    clock: context.clock,
    signal: context.signal,
    emit: context.emit,
  });
}

/** One file for one name of the exercise, whatever the file is called; several by their names. */
async function readFiles(opened: OpenedExercise, paths: readonly string[]): Promise<SubmissionFiles> {
  const { files } = opened.exercise.spec;
  const entries: [string, string][] = [];
  for (const path of paths) {
    const [only] = files;
    const name =
      files.length === 1 && paths.length === 1 ? only : files.find((file) => file === basename(path));
    if (name === undefined) {
      throw new UserError({
        fault: "usage",
        code: "which-file",
        what: {
          es: `${opened.name} pide estos ficheros: ${files.join(", ")}. «${basename(path)}» no es ninguno.`,
          en: `${opened.name} takes these files: ${files.join(", ")}. "${basename(path)}" is none of them.`,
        },
      });
    }
    entries.push([name, await readText(path)]);
  }
  return Object.fromEntries(entries);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(resolve(path), "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT" && code !== "EISDIR" && code !== "EACCES") throw error;
    throw new UserError({
      fault: code === "EACCES" ? "environment" : "usage",
      code: "no-such-file",
      what: { es: "No puedo leer ese fichero.", en: "I can't read that file." },
      where: resolve(path),
      cause: error,
    });
  }
}

function printVerdict(
  context: CliContext,
  shown: { verdict: Verdict; opened: OpenedExercise; files: readonly string[] },
): void {
  if (context.isJson) return;
  const { verdict, opened, files } = shown;
  context.print(
    `\n${renderVerdict({ verdict, task: opened.task, name: opened.name, files }, context.screen.look())}`,
  );
}

/** What to type after this verdict. */
function printNext(context: CliContext, verdict: Verdict, name: string): void {
  if (context.isJson) return;
  const es = context.lang === "es";
  const next = verdict.passed ? "taller next" : `taller hint ${name}`;
  const word = verdict.passed ? (es ? "siguiente" : "next") : es ? "una pista" : "a hint";
  context.print(`\n ${word}:  ${next}`);
}

async function begunExercises(learner: Learner): Promise<string[]> {
  const state = await learner.progress.read();
  const begun: string[] = [];
  for (const module of learner.course.modules) {
    for (const folder of module.exercises) {
      const view = await learner.view(folder.id);
      const { exercise } = await learner.load(folder.id);
      if (
        view.isThere &&
        (view.state !== "untouched" || exerciseState(state, folder.id, exercise.spec.version) !== "untouched")
      )
        begun.push(folder.id);
    }
  }
  if (begun.length > 0) return begun;
  throw new UserError({
    fault: "usage",
    code: "nothing-begun",
    what: { es: "Aún no has empezado ningún ejercicio.", en: "You have not begun any exercise yet." },
    next: [verbatim("taller next")],
  });
}

/** A module stands for all its exercises. */
async function chosen(learner: Learner, named: readonly string[]): Promise<string[]> {
  if (named.length === 0) return [await namedOrCurrent(learner, undefined)];
  const ids: string[] = [];
  for (const name of named) {
    const module = learner.course.modules.find(
      (one) => one.number === name || one.slug === name || `${one.number}-${one.slug}` === name,
    );
    if (module !== undefined) ids.push(...module.exercises.map((exercise) => exercise.id));
    else ids.push(await namedOrCurrent(learner, name));
  }
  return [...new Set(ids)];
}
