import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatType, rowsOf } from "../../core/table.ts";
import { resolveModule } from "../../course/ids.ts";
import { openLessonSession } from "../../course/lesson-session.ts";
import { loadLesson } from "../../course/load.ts";
import { runTry } from "../../course/run-block.ts";
import { isWorkspace, workspaceDirs } from "../../course/workspace.ts";
import { findDataset } from "../../data/datasets.ts";
import { SqlError } from "../../engines/engine.ts";
import { openEngine } from "../../engines/open.ts";
import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { sessionSource } from "../player/lesson-sql.ts";
import { runSqlPrompt } from "../player/sql-prompt.ts";
import { renderTable } from "../ui/table.ts";
import { textOption } from "./options.ts";

/** `taller sql [module]`: a prompt on the module's tables; `-c SQL` runs one statement, and stdin is read when piped. */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const course = await context.course();
  const first = course.modules.find((module) => module.state === "ready") ?? course.modules[0];
  const module = resolveModule(course, input.args[0] ?? first?.number ?? "01");
  const lesson = await loadLesson(module, context.lang);
  const own = await context.workspaceFolder();
  const isTemporary = !isWorkspace(own);
  const workspace = isTemporary ? await mkdtemp(join(tmpdir(), "taller-sql-")) : own;
  const { data, tables, state } = workspaceDirs(workspace);
  const session = openLessonSession({
    course,
    module,
    lesson: lesson ?? { inputs: {} },
    dirs: { workspace, data, tables },
    clock: context.clock,
    openEngine: (options) => openEngine("duckdb", options),
    findDataset,
  });
  try {
    const command = textOption(input, "command");
    if (command !== undefined) return await runOne(context, session, command);
    return await runSqlPrompt({
      screen: context.screen,
      source: sessionSource(session),
      historyPath: join(state, "sql-history"),
      signal: context.signal,
    });
  } finally {
    await session.close();
    if (isTemporary) await rm(workspace, { recursive: true, force: true });
  }
}

async function runOne(
  context: CliContext,
  session: Parameters<typeof runTry>[0],
  sql: string,
): Promise<number> {
  try {
    const { table } = await runTry(session, sql, {
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
