import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { systemCode, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { SubmissionFiles } from "../../course/course.ts";
import type { Verdict } from "../../grading/verdict.ts";
import type { CliContext } from "../context.ts";
import type { Learner, OpenedExercise } from "../learner.ts";
import { userCacheFolder } from "../user-cache.ts";
import { gradeFiles } from "./check.ts";

/**
 * For teachers: `DIR/<student>/` holds files as a workspace does (`01-etl/1-clean/clean.sql`), or as they were
 * handed in (`clean.sql`, `1-clean/clean.sql`). One CSV line per student and exercise; exit 0 when all were graded.
 */
export async function gradeSubmissions(
  context: CliContext,
  learner: Learner,
  given: { readonly dir: string; readonly exercises: readonly string[] },
): Promise<number> {
  const root = resolve(given.dir);
  const students = await studentsOf(root);
  const exercises = await wanted(learner, given.exercises);
  const cache = userCacheFolder(context.env);
  const lines: Line[] = [];
  for (const student of students) {
    for (const opened of exercises) {
      const submission = await findSubmission(join(root, student), opened);
      if (submission === undefined) {
        lines.push({
          student,
          exercise: opened.exercise.folder.id,
          version: opened.exercise.spec.version,
          state: "missing",
          seconds: 0,
        });
        continue;
      }
      context.busy({ es: `${student}: ${opened.name}`, en: `${student}: ${opened.name}` });
      lines.push(lineOf(student, await gradeFiles(context, opened, { submission, cache })));
      context.idle();
    }
  }
  if (context.isJson) context.result({ results: lines });
  else context.print([HEADER, ...lines.map(csvLine)].join("\n"));
  return 0;
}

interface Line {
  readonly student: string;
  readonly exercise: string;
  readonly version: number;
  readonly state: string;
  readonly firstFailedCheck?: string | undefined;
  readonly mistake?: string | undefined;
  readonly seconds: number;
}

const HEADER = "student,exercise,version,state,first_failed_check,mistake,seconds";

function lineOf(student: string, verdict: Verdict): Line {
  const failed = verdict.checks.find((check) => check.passed === false);
  return {
    student,
    exercise: verdict.exercise,
    version: verdict.version,
    state: verdict.state,
    firstFailedCheck: failed?.id ?? verdict.problem?.kind,
    mistake: failed?.mistake,
    seconds: verdict.seconds,
  };
}

function csvLine(line: Line): string {
  const cells = [
    line.student,
    line.exercise,
    String(line.version),
    line.state,
    line.firstFailedCheck ?? "",
    line.mistake ?? "",
    line.seconds.toFixed(2),
  ];
  return cells.map(csvCell).join(",");
}

/** A spreadsheet must not take a student's folder name for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function studentsOf(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name);
    if (names.length > 0) return names.sort();
  } catch (error) {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") throw error;
  }
  throw new UserError({
    fault: "usage",
    code: "no-submissions",
    what: { es: "Aquí no hay carpetas de alumnos.", en: "There are no students' folders here." },
    where: root,
    next: [verbatim("DIR/ana/01-etl/1-clean/clean.sql")],
  });
}

async function wanted(learner: Learner, named: readonly string[]): Promise<OpenedExercise[]> {
  const all = learner.course.modules.flatMap((module) => module.exercises.map((exercise) => exercise.id));
  return Promise.all((named.length === 0 ? all : named).map((id) => learner.load(id)));
}

/** Undefined when none of the exercise's files is there; then it counts as not handed in. */
async function findSubmission(student: string, opened: OpenedExercise): Promise<SubmissionFiles | undefined> {
  const { module, exercise } = opened;
  const folder = basename(exercise.folder.dir);
  const places = [join(basename(module.dir), folder), folder, exercise.folder.slug, "."];
  for (const place of places) {
    const found: [string, string][] = [];
    for (const name of exercise.spec.files) {
      const text = await readIfThere(join(student, place, name));
      if (text !== undefined) found.push([name, text]);
    }
    if (found.length > 0) return Object.fromEntries(found);
  }
  return undefined;
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  });
}
