import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatType, rowsOf } from "../../core/table.ts";
import { resolveModule } from "../../course/ids.ts";
import { openLessonSession } from "../../course/lesson-session.ts";
import { loadLesson } from "../../course/load.ts";
import { isWorkspace, workspaceDirs } from "../../course/workspace.ts";
import { findDataset } from "../../data/datasets.ts";
import { SqlError } from "../../engines/engine.ts";
import { openEngine } from "../../engines/open.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { gradingRequest, openLearner } from "../learner.ts";
import { serviceOpener } from "../open-service.ts";
import { exerciseSource } from "../player/exercise-sql.ts";
import { sessionSource } from "../player/lesson-sql.ts";
import { runSqlPrompt, type SqlSource } from "../player/sql-prompt.ts";
import { renderTable } from "../ui/table.ts";
import { textOption } from "./options.ts";

/**
 * `taller sql [module or exercise]`: a prompt on the tables of a module's lesson, or on an exercise's visible
 * data; `-c SQL` runs one statement, and stdin is read when piped.
 */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const named = input.args[0];
  return named !== undefined && (await isExercise(context, named))
    ? onExercise(context, input, named)
    : onModule(context, input);
}

/** A name that a module has is the module's; an unknown one is reported as a module's. */
async function isExercise(context: CliContext, named: string): Promise<boolean> {
  if (named.includes("/")) return true;
  const course = await context.course();
  const isModule = course.modules.some(
    ({ number, slug }) => [slug, `${number}-${slug}`].includes(named) || Number(number) === Number(named),
  );
  return !isModule && course.modules.some(({ exercises }) => exercises.some(({ slug }) => slug === named));
}

async function onExercise(context: CliContext, input: CommandInput, named: string): Promise<number> {
  return withWorkspace(context, async (workspace) => {
    const learner = await openLearner(context);
    const { module, exercise } = await learner.load(named);
    const engine = await openEngine("duckdb");
    try {
      const request = gradingRequest(context, { workspace }, exercise);
      const place = { ...request, signal: context.signal, emit: context.emit };
      const source = await exerciseSource({ ...request, moduleNumber: module.number, place, engine });
      return await answer(context, input, { source, workspace });
    } finally {
      await engine.close();
    }
  });
}

async function onModule(context: CliContext, input: CommandInput): Promise<number> {
  const course = await context.course();
  const first = course.modules.find((module) => module.state === "ready") ?? course.modules[0];
  const module = resolveModule(course, input.args[0] ?? first?.number ?? "01");
  const lesson = await loadLesson(module, context.lang);
  return withWorkspace(context, async (workspace) => {
    const { data, tables } = workspaceDirs(workspace);
    const session = openLessonSession({
      course,
      module,
      lesson: lesson ?? { inputs: {} },
      dirs: { workspace, data, tables },
      clock: context.clock,
      openEngine: (options) => openEngine("duckdb", options),
      openService: serviceOpener(context, workspace),
      findDataset,
    });
    try {
      return await answer(context, input, { source: sessionSource(session), workspace });
    } finally {
      await session.close();
    }
  });
}

/** The learner's folder; where there is none yet, one that goes at the end. */
async function withWorkspace(
  context: CliContext,
  work: (workspace: string) => Promise<number>,
): Promise<number> {
  const own = await context.workspaceFolder();
  if (isWorkspace(own)) return work(own);
  const folder = await mkdtemp(join(tmpdir(), "taller-sql-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function answer(
  context: CliContext,
  input: CommandInput,
  on: { readonly source: SqlSource; readonly workspace: string },
): Promise<number> {
  const command = textOption(input, "command");
  if (command !== undefined) return runOne(context, on.source, command);
  return runSqlPrompt({
    screen: context.screen,
    source: on.source,
    historyPath: join(workspaceDirs(on.workspace).state, "sql-history"),
    signal: context.signal,
  });
}

async function runOne(context: CliContext, source: SqlSource, sql: string): Promise<number> {
  try {
    const { table } = await source.query(sql, {
      signal: context.signal,
      maxRows: context.isJson ? 1_000_000 : 200,
    });
    if (context.isJson) {
      const columns = table.fields.map((field) => ({ name: field.name, type: formatType(field.type) }));
      const rows = rowsOf(table).map((row) => table.fields.map((field) => row[field.name] ?? null));
      context.result({ columns, rows, rowCount: table.rowCount });
    } else context.print(renderTable(table, context.screen.look(), { maxRows: 200 }));
    return 0;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (context.isJson)
      context.result({ error: { code: error.code, message: error.message, line: error.line } });
    context.screen.note(` ${error.message}`);
    return 1;
  }
}
