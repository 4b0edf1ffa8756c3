import { join } from "node:path";
import type { Chart, NumberLabel } from "../core/events.ts";
import { type Cell, cellOf, type Table } from "../core/table.ts";
import { sliceTable } from "../core/table-build.ts";
import { type PlanSummary, type RunOptions, SqlError } from "../engines/engine.ts";
import { chartOfTable } from "./chart-of-table.ts";
import type { RunBlock } from "./course.ts";
import { courseError } from "./course-error.ts";
import type { LessonSession } from "./lesson-session.ts";
import type { PipelineRun } from "./run-pipeline.ts";
import { readExcerpt, type SourceExcerpt, stepExcerpt } from "./source-excerpt.ts";
import { splitStatements } from "./sql-text.ts";

interface Shown {
  /** What ran, from its real file; undefined where the fence hides it. */
  readonly source: SourceExcerpt | undefined;
  /** Of the last query, or of the pipeline; making the inputs is not in it. */
  readonly seconds: number;
  readonly label: NumberLabel;
}

/** What a block gave: data for whoever draws it. */
export type BlockResult =
  | (Shown & { readonly kind: "table"; readonly table: Table; readonly isCut: boolean })
  | (Shown & { readonly kind: "chart"; readonly chart: Chart; readonly table: Table })
  | (Shown & { readonly kind: "plan"; readonly plan: PlanSummary })
  | (Shown & {
      readonly kind: "value";
      readonly name: string;
      readonly value: Cell;
      readonly unit: string | undefined;
    })
  | (Shown & { readonly kind: "bytes"; readonly lines: readonly string[]; readonly isCut: boolean })
  | (Shown & { readonly kind: "reconciliation"; readonly reconciliation: Reconciliation })
  | (Shown & { readonly kind: "pipeline"; readonly run: PipelineRun });

/** `total = parts[0] + parts[1] + …`, or by how much it is not. */
export interface Reconciliation {
  readonly total: { readonly name: string; readonly value: number };
  readonly parts: readonly { readonly name: string; readonly value: number }[];
  /** `total − sum of the parts`; 0 when it reconciles. */
  readonly missing: number;
}

const DEFAULT_ROWS = { table: 20, chart: 2_000, bytes: 20, value: 1, reconciliation: 1, plan: 0 } as const;

/**
 * Executes a `run` block. What a pipeline's steps tell goes to `emit` as it comes. Throws a UserError with
 * file and line when the module's own SQL fails.
 */
export async function runBlock(
  session: LessonSession,
  block: RunBlock,
  options: RunOptions = {},
): Promise<BlockResult> {
  if (block.what === "pipeline") {
    const source = await stepExcerpt(session.module, block.pipeline, block.step).catch(() => undefined);
    const run = await session.run(block.pipeline, block.options, { ...options, untilStep: block.step });
    return { kind: "pipeline", run, source, seconds: run.seconds, label: "measured" };
  }
  const sql = await session.sqlFile(block.file);
  const source = block.isSourceHidden
    ? undefined
    : await readExcerpt(session.module, { file: `sql/${block.file}` });
  try {
    return await runSql(session, sql, block, source, options);
  } catch (error) {
    if (!(error instanceof SqlError) && !(error instanceof RangeError) && !(error instanceof TypeError))
      throw error;
    const line = error instanceof SqlError ? error.line : undefined;
    const file = join(session.module.dir, "sql", block.file);
    throw courseError({ code: "lesson-sql", what: error.message, file, line, cause: error });
  }
}

/**
 * Runs what a learner typed in a `try` or in `taller sql`: the rows of the last statement. Throws the
 * engine's SqlError for a mistake in it.
 */
export async function runTry(
  session: LessonSession,
  sql: string,
  options: RunOptions & { readonly maxRows?: number | undefined } = {},
): Promise<Extract<BlockResult, { kind: "table" }>> {
  const block = { view: "table", maxRows: options.maxRows } as const;
  const result = await runSql(session, sql, block, undefined, options);
  if (result.kind !== "table") throw new TypeError("a table was asked for");
  return result;
}

async function runSql(
  session: LessonSession,
  sql: string,
  block: Pick<Extract<RunBlock, { what: "sql" }>, "view" | "x" | "y" | "maxRows" | "label"> & {
    file?: string;
  },
  source: SourceExcerpt | undefined,
  options: RunOptions,
): Promise<BlockResult> {
  await session.prepare(sql, options);
  const engine = await session.engine();
  const statements = splitStatements(sql);
  const last = statements.at(-1);
  if (last === undefined) throw new RangeError("there is no statement");
  for (const statement of statements.slice(0, -1)) await engine.execute(statement, options);
  const { view, label = "measured" } = block;
  const began = session.clock.elapsed();
  const shown = () => ({ source, seconds: (session.clock.elapsed() - began) / 1000, label });
  if (view === "plan") {
    const plan = await engine.explain(last, { ...options, run: true });
    return { kind: "plan", plan, ...shown() };
  }
  const rows = block.maxRows ?? DEFAULT_ROWS[view];
  // One more than is shown tells whether something was cut.
  const fetched = await engine.query(last, { ...options, maxRows: rows + 1 });
  const done = shown();
  const table = sliceTable(fetched, 0, rows);
  const isCut = fetched.rowCount > rows;
  switch (view) {
    case "table":
      return { kind: "table", table, isCut, ...done };
    case "chart":
      return { kind: "chart", chart: chartOfTable(table, block.file ?? "", block), table, ...done };
    case "bytes":
      return { kind: "bytes", lines: firstColumn(table), isCut, ...done };
    case "value": {
      const { field, value } = onlyCell(table);
      return { kind: "value", name: field.name, value, unit: field.unit, ...done };
    }
    case "reconciliation":
      return { kind: "reconciliation", reconciliation: reconcile(table), ...done };
  }
}

function firstColumn(table: Table): string[] {
  const [field] = table.fields;
  const [column] = table.columns;
  if (field === undefined || column === undefined) throw new RangeError("view=bytes needs a column");
  return Array.from({ length: table.rowCount }, (_, row) => String(cellOf(field, column, row) ?? "NULL"));
}

function onlyCell(table: Table) {
  const [field] = table.fields;
  const [column] = table.columns;
  if (field === undefined || column === undefined || table.rowCount < 1)
    throw new RangeError("view=value needs a row with a column");
  return { field, value: cellOf(field, column, 0) };
}

function reconcile(table: Table): Reconciliation {
  if (table.rowCount < 1) throw new RangeError("view=reconciliation needs a row");
  const numbers = table.fields.map((field, index) => {
    const column = table.columns[index];
    const value = column === undefined ? Number.NaN : Number(cellOf(field, column, 0));
    if (!Number.isFinite(value)) throw new TypeError(`view=reconciliation: "${field.name}" is no number`);
    return { name: field.name, value };
  });
  const [total, ...parts] = numbers;
  if (total === undefined || parts.length === 0)
    throw new RangeError("view=reconciliation needs a total and its parts");
  return { total, parts, missing: total.value - parts.reduce((sum, part) => sum + part.value, 0) };
}
