import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../core/effects.ts";
import { systemCode } from "../core/errors.ts";
import { silent } from "../core/events.ts";
import type { Field } from "../core/table.ts";
import type { Dataset, DatasetFiles } from "../data/dataset.ts";
import {
  type CsvDialect,
  type Engine,
  type EngineOptions,
  quoteName,
  type RunOptions,
  type Source,
} from "../engines/engine.ts";
import type { Course, Lesson, LessonInput, Module } from "./course.ts";
import { courseError } from "./course-error.ts";
import { loadPipeline } from "./load.ts";
import type { PipelineDirs } from "./pipeline.ts";
import { findProducer, hasTable, type OpenService, type PipelineRun, runPipeline } from "./run-pipeline.ts";

export interface LessonSessionInput {
  readonly course: Course;
  readonly module: Module;
  readonly lesson: Pick<Lesson, "inputs">;
  readonly dirs: Pick<PipelineDirs, "workspace" | "data" | "tables">;
  readonly clock: Clock;
  readonly openEngine: (options?: EngineOptions) => Promise<Engine>;
  /** For pipelines that need services. */
  readonly openService?: OpenService | undefined;
  readonly findDataset: (name: string) => Dataset | Promise<Dataset>;
}

/** A lesson's engine with its inputs, for `runBlock`, `try` and `taller sql`. Nothing is opened before it is asked for. */
export interface LessonSession {
  readonly course: Course;
  readonly module: Module;
  readonly clock: Clock;
  /** Names of the inputs, in the order of the front matter. */
  readonly inputs: readonly string[];
  engine(): Promise<Engine>;
  /** Makes the inputs that a SQL text names readable (and those that they need); all of them without a text. */
  prepare(sql: string | undefined, options?: RunOptions): Promise<void>;
  /** Runs a pipeline on the session's folders; tables that it wrote are read anew afterwards. */
  run(
    pipeline: string,
    options: Readonly<Record<string, string>>,
    run: RunOptions & { readonly untilStep?: string | undefined },
  ): Promise<PipelineRun>;
  /** The text of a file of the module's `sql/`. */
  sqlFile(name: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens a session; close it at the end. */
export function openLessonSession(input: LessonSessionInput): LessonSession {
  const { course, module, lesson, dirs, clock } = input;
  const ready = new Map<string, Promise<void>>();
  let opened: Promise<Engine> | undefined;
  const engine = () => {
    opened ??= input.openEngine();
    return opened;
  };
  const sqlFile = (name: string) => readSqlFile(module, name);

  const run: LessonSession["run"] = async (pipeline, options, { untilStep, signal, emit }) => {
    const result = await runPipeline({
      course,
      pipeline,
      options,
      untilStep,
      dirs,
      clock,
      signal: signal ?? new AbortController().signal,
      emit: emit ?? silent,
      openEngine: input.openEngine,
      openService: input.openService,
    });
    for (const [name, one] of Object.entries(lesson.inputs)) if ("table" in one) ready.delete(name);
    return result;
  };

  const prepareOne = async (name: string, one: LessonInput, options: RunOptions): Promise<void> => {
    if ("sql" in one) {
      const query = await sqlFile(one.sql);
      await prepare(query, options, name);
      await (await engine()).execute(
        `CREATE OR REPLACE TEMP VIEW ${quoteName(name)} AS ${stripEnd(query)}`,
        options,
      );
    } else if ("table" in one) {
      await makeTable(one.table, options);
      const source = await tableSource(join(dirs.tables, one.table));
      await (await engine()).register(name, source, options);
    } else {
      const dataset = await input.findDataset(one.dataset);
      const files = await dataset.materialise({ ...one, folder: dirs.data, ...options });
      await registerDataset(await engine(), name, one, files, options);
    }
  };

  const makeTable = async (table: string, { signal, emit = silent }: RunOptions): Promise<void> => {
    if (await hasTable(dirs.tables, table)) return;
    const producer = await findProducer(course, table);
    if (producer === undefined) {
      throw courseError({
        code: "no-producer",
        what: {
          es: `La lección lee la tabla «${table}», y ningún pipeline del curso la hace.`,
          en: `The lesson reads the table "${table}", and no pipeline of the course makes it.`,
        },
        file: module.lessonPaths?.es ?? module.dir,
      });
    }
    const { title } = await loadPipeline(producer.pipeline.path);
    emit({
      kind: "note",
      text: {
        es: `Falta la tabla «${table}»: la hace primero «${producer.pipeline.id}» (${title.es}).`,
        en: `The table "${table}" is missing: "${producer.pipeline.id}" makes it first (${title.en}).`,
      },
    });
    await run(producer.pipeline.id, {}, { signal, emit });
  };

  /** `above`: only inputs that stand above this one may be named by its query. */
  const prepare = async (
    sql: string | undefined,
    options: RunOptions = {},
    above?: string,
  ): Promise<void> => {
    for (const [name, one] of Object.entries(lesson.inputs)) {
      if (name === above) return;
      if (sql !== undefined && !names(sql, name)) continue;
      let preparing = ready.get(name);
      if (preparing === undefined) {
        preparing = prepareOne(name, one, options);
        ready.set(name, preparing);
        // A failed (or cancelled) preparation is tried again by the next block.
        preparing.catch(() => ready.delete(name));
      }
      await preparing;
    }
  };

  return {
    course,
    module,
    clock,
    inputs: Object.keys(lesson.inputs),
    engine,
    prepare,
    run,
    sqlFile,
    close: async () => {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

/**
 * A dataset's files as they are: every column of a CSV is text, nothing is guessed. `lines`, and messages always:
 * each line, unread, in one column `text`.
 */
export function datasetSource(files: DatasetFiles, as: "rows" | "lines" = "rows"): Source {
  const { format, paths } = files;
  if (format === "parquet") return { kind: "parquet", paths };
  const isLines = as === "lines" || format === "jsonl";
  const names = !isLines ? files.fields.map((field) => field.name) : ["text"];
  const fields: Field[] = names.map((name) => ({ name, type: { kind: "string" }, nullable: true }));
  const dialect: CsvDialect = !isLines
    ? { delimiter: ",", quote: '"', escape: '"', hasHeader: true, ...files.csv }
    : // A character that no text file holds, so that a line stays whole.
      { delimiter: "\u0001", quote: "", escape: "", hasHeader: false };
  return { kind: "csv", paths, dialect, fields };
}

/** The Parquet files of a table's folder, partitions and all. */
export async function tableSource(folder: string): Promise<Source> {
  const files = (await readdir(folder, { recursive: true })).filter(
    (name) => name.endsWith(".parquet") && !/(^|[\\/])[._]/.test(name),
  );
  return {
    kind: "parquet",
    paths: files.sort().map((name) => join(folder, name)),
    hivePartitions: files.some((name) => name.includes("=")),
  };
}

/** Generated data has the rows that were asked for; a file that ships is cut. */
async function registerDataset(
  engine: Engine,
  name: string,
  input: Extract<LessonInput, { dataset: string }>,
  files: DatasetFiles,
  options: RunOptions,
): Promise<void> {
  const source = datasetSource(files, input.as);
  if (files.format !== "parquet" || input.rows === undefined) {
    await engine.register(name, source, options);
    return;
  }
  const whole = `${name}_file`;
  await engine.register(whole, source, options);
  await engine.execute(
    `CREATE OR REPLACE TEMP VIEW ${quoteName(name)} AS SELECT * FROM ${quoteName(whole)} LIMIT ${input.rows}`,
    options,
  );
}

/** True when a SQL text may name this input (or its rejects): a word of it, whatever its case. */
function names(sql: string, input: string): boolean {
  return new RegExp(`(?<![\\w$])${input}(?:_rejects)?(?![\\w$])`, "i").test(sql);
}

/** A query without what ends it, so that it can stand inside another statement. */
function stripEnd(query: string): string {
  return query.trim().replace(/;\s*$/, "");
}

async function readSqlFile(module: Module, name: string): Promise<string> {
  const path = join(module.dir, "sql", name);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw courseError({
      code: "missing-file",
      what: {
        es: "La lección nombra un fichero que no está.",
        en: "The lesson names a file that is not there.",
      },
      file: path,
      cause: error,
    });
  }
}
