import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../core/effects.ts";
import { systemCode, throwIfCancelled, UserError } from "../core/errors.ts";
import type { Emit } from "../core/events.ts";
import type { Lang } from "../core/text.ts";
import { type Engine, type EngineOptions, SqlError } from "../engines/engine.ts";
import { recoverTarget } from "../engines/folder-swap.ts";
import type { ServiceAddresses, ServiceName } from "../services/set/service.ts";
import type { Course } from "./course.ts";
import { courseError } from "./course-error.ts";
import { acquireLock } from "./file-lock.ts";
import { type FoundPipeline, nearest, resolvePipeline } from "./ids.ts";
import { loadPipeline } from "./load.ts";
import type { Pipeline, PipelineDirs, PipelineReport } from "./pipeline.ts";
import { parsePipelineOptions } from "./pipeline-options.ts";
import { makeScratch } from "./scratch.ts";

export interface RunPipelineInput {
  readonly course: Course;
  /** Its id, or what `resolvePipeline` found. */
  readonly pipeline: string | FoundPipeline;
  /** As a command line or a fence gives them; the pipeline's schema parses them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The last step to run; default all. */
  readonly untilStep?: string | undefined;
  readonly dirs: Pick<PipelineDirs, "workspace" | "data" | "tables">;
  /** Default Spanish. */
  readonly lang?: Lang | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly openEngine: (options?: EngineOptions) => Promise<Engine>;
  /** Absent where no pipeline with services is run. */
  readonly openService?: OpenService | undefined;
}

/** Finds or starts a service; `close` says that this run needs it no more. */
export type OpenService = <N extends ServiceName>(
  name: N,
) => Promise<{ readonly address: ServiceAddresses[N]; close(): Promise<void> }>;

export interface PipelineRun {
  readonly pipeline: string;
  /** What the schema made of the raw options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly steps: readonly { readonly id: string; readonly seconds: number }[];
  /** Tables that were missing and were made first, by which pipeline. */
  readonly produced: readonly { readonly table: string; readonly pipeline: string }[];
  /** Undefined when the run ended at a step before the last. */
  readonly report: PipelineReport | undefined;
}

/**
 * Runs a pipeline: first the producers of tables that it reads and that are not there; then its steps, one
 * after the other, while it holds a lock on every table that it writes. Engines that it opened are closed,
 * its scratch folder is removed and the locks are released however it ends.
 *
 * Throws a UserError for options that won't do, for an unknown step and for a table that no pipeline makes;
 * CancelledError when the signal stops it.
 */
export async function runPipeline(input: RunPipelineInput): Promise<PipelineRun> {
  return runWithProducers(input, []);
}

async function runWithProducers(input: RunPipelineInput, above: readonly string[]): Promise<PipelineRun> {
  const found =
    typeof input.pipeline === "string" ? resolvePipeline(input.course, input.pipeline) : input.pipeline;
  const pipeline = await loadPipeline(found.pipeline.path);
  const options = parsePipelineOptions(pipeline, input.options);
  const steps = stepsUntil(pipeline, input.untilStep);
  const produced = await produceMissing(input, pipeline, [...above, pipeline.id]);
  const release = await lockTables(input, pipeline);
  try {
    const run = await runSteps(input, {
      pipeline,
      options,
      steps,
      module: dirname(dirname(found.pipeline.path)),
    });
    return { pipeline: pipeline.id, options, produced, ...run };
  } finally {
    release();
  }
}

function stepsUntil(pipeline: Pipeline, untilStep: string | undefined): Pipeline["steps"] {
  if (untilStep === undefined) return pipeline.steps;
  const index = pipeline.steps.findIndex((step) => step.id === untilStep);
  if (index >= 0) return pipeline.steps.slice(0, index + 1);
  const ids = pipeline.steps.map((step) => step.id);
  throw new UserError({
    fault: "usage",
    code: "unknown-step",
    what: {
      es: `El pipeline «${pipeline.id}» no tiene el paso «${untilStep}»: tiene ${ids.join(", ")}.`,
      en: `The pipeline "${pipeline.id}" has no step "${untilStep}": it has ${ids.join(", ")}.`,
    },
    next: [
      {
        es: `¿Querías decir «${nearest(untilStep, ids) ?? ids[0]}»?`,
        en: `Did you mean "${nearest(untilStep, ids) ?? ids[0]}"?`,
      },
    ],
  });
}

async function produceMissing(
  input: RunPipelineInput,
  pipeline: Pipeline,
  above: readonly string[],
): Promise<{ table: string; pipeline: string }[]> {
  const produced: { table: string; pipeline: string }[] = [];
  for (const table of pipeline.reads) {
    if (pipeline.writes.includes(table) || (await hasTable(input.dirs.tables, table))) continue;
    const producer = await findProducer(input.course, table);
    if (producer === undefined || above.includes(producer.pipeline.id))
      throw noProducer(pipeline, table, above);
    const id = producer.pipeline.id;
    input.emit({
      kind: "note",
      text: {
        es: `Falta la tabla «${table}»: la hace primero «${id}», con sus valores por defecto.`,
        en: `The table "${table}" is missing: "${id}" makes it first, with its defaults.`,
      },
    });
    await runWithProducers({ ...input, pipeline: producer, options: {}, untilStep: undefined }, above);
    if (!(await hasTable(input.dirs.tables, table)))
      throw courseError({
        code: "table-not-written",
        what: {
          es: `«${id}» declara que escribe «${table}», pero no la ha escrito.`,
          en: `"${id}" declares that it writes "${table}", but has not written it.`,
        },
        file: producer.pipeline.path,
      });
    produced.push({ table, pipeline: id });
  }
  return produced;
}

/** The pipeline of the course that makes a table; undefined when none does. */
export async function findProducer(course: Course, table: string): Promise<FoundPipeline | undefined> {
  for (const module of course.modules) {
    for (const pipeline of module.pipelines) {
      if ((await loadPipeline(pipeline.path)).writes.includes(table)) return { module, pipeline };
    }
  }
  return undefined;
}

/** True when a table lies in the workspace: it is written whole or not at all, so its folder is enough. */
export async function hasTable(tables: string, table: string): Promise<boolean> {
  // A writer that was killed between its two renames left the table under another name.
  await recoverTarget(join(tables, table));
  try {
    return (await readdir(join(tables, table))).length > 0;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Locks the tables in the order of their names, so that two runs never wait for each other. */
async function lockTables(input: RunPipelineInput, pipeline: Pipeline): Promise<() => void> {
  const releases: (() => void)[] = [];
  const releaseAll = () => {
    for (const release of releases.splice(0)) release();
  };
  try {
    for (const table of [...pipeline.writes].sort()) {
      const path = join(input.dirs.tables, ".locks", `${table}.lock`);
      const onWait = (holder: { task: string; pid: number }) =>
        input.emit({
          kind: "warning",
          text: {
            es: `«${holder.task}» (proceso ${holder.pid}) está escribiendo la tabla «${table}»: espero a que termine. Ctrl-C lo deja. Cerrojo: ${path}`,
            en: `"${holder.task}" (process ${holder.pid}) is writing the table "${table}": waiting for it to end. Ctrl-C gives up. Lock: ${path}`,
          },
        });
      releases.push(await acquireLock({ path, task: pipeline.id, signal: input.signal, onWait }));
    }
    return releaseAll;
  } catch (error) {
    releaseAll();
    throw error;
  }
}

async function runSteps(
  input: RunPipelineInput,
  run: {
    readonly pipeline: Pipeline;
    readonly options: Record<string, unknown>;
    readonly steps: Pipeline["steps"];
    readonly module: string;
  },
): Promise<Pick<PipelineRun, "seconds" | "steps" | "report">> {
  const { clock, signal, emit, dirs } = input;
  const { pipeline, steps } = run;
  const began = clock.elapsed();
  const scratch = await makeScratch(join(dirs.tables, ".scratch"), pipeline.id);
  const engines: Engine[] = [];
  const services: { close(): Promise<void> }[] = [];
  const closables: { close(): Promise<void> }[] = [];
  try {
    const context = {
      options: run.options,
      dirs: { ...dirs, scratch: scratch.dir, module: run.module },
      lang: input.lang ?? "es",
      clock,
      signal,
      emit,
      openEngine: async (options?: EngineOptions) => {
        const engine = await input.openEngine({ spillFolder: join(scratch.dir, "spill"), ...options });
        engines.push(engine);
        return engine;
      },
      openService: async <N extends ServiceName>(name: N): Promise<ServiceAddresses[N]> => {
        if (!pipeline.services.includes(name))
          throw new RangeError(`"${pipeline.id}" opens ${name}, which its \`services\` do not name`);
        if (input.openService === undefined)
          throw new Error(`nobody opens services for "${pipeline.id}" here`);
        const service = await input.openService(name);
        services.push(service);
        return service.address;
      },
      closeAtEnd: <C extends { close(): Promise<void> }>(closable: C): C => {
        closables.unshift(closable);
        return closable;
      },
    };
    const whole = { ...context, state: await pipeline.start(context) };
    const times: { id: string; seconds: number }[] = [];
    for (const step of steps) {
      throwIfCancelled(signal);
      emit({ kind: "step-started", step: step.id, title: step.title });
      const stepBegan = clock.elapsed();
      await step.run(whole);
      const seconds = (clock.elapsed() - stepBegan) / 1000;
      times.push({ id: step.id, seconds });
      emit({ kind: "step-finished", step: step.id, seconds });
    }
    throwIfCancelled(signal);
    const isWhole = steps.length === pipeline.steps.length;
    const report = isWhole ? pipeline.report(whole) : undefined;
    if (isWhole) pipeline.render?.(whole);
    return { seconds: (clock.elapsed() - began) / 1000, steps: times, report };
  } catch (error) {
    throw outOfMemory(error) ?? error;
  } finally {
    // What a pipeline opened may need its engines and services to the end.
    for (const closable of closables) await Promise.allSettled([closable.close()]);
    await Promise.allSettled([...engines, ...services].map((one) => one.close()));
    await scratch.remove();
  }
}

/** An engine that needs more than it may have is no bug: the data, or what was asked of it, is too wide. */
function outOfMemory(error: unknown): UserError | undefined {
  if (!(error instanceof SqlError) || !/out.?of.?memory/i.test(error.code)) return undefined;
  return new UserError({
    fault: "environment",
    code: "engine-out-of-memory",
    what: {
      es: "Al motor no le basta la memoria que puede usar. Las tablas que había siguen como estaban.",
      en: "The engine needs more memory than it may use. The tables that were there are as they were.",
    },
    where: error.message.split("\n")[0],
    next: [
      {
        es: "prueba con menos columnas, o con menos particiones",
        en: "try fewer columns, or fewer partitions",
      },
    ],
    cause: error,
  });
}

function noProducer(pipeline: Pipeline, table: string, above: readonly string[]): UserError {
  return new UserError({
    fault: "data",
    code: "no-producer",
    what: {
      es: `«${pipeline.id}» necesita la tabla «${table}», y ningún pipeline del curso la hace${above.length > 1 ? " sin pasar por él mismo" : ""}.`,
      en: `"${pipeline.id}" needs the table "${table}", and no pipeline of the course makes it${above.length > 1 ? " without itself" : ""}.`,
    },
    where: `${basename(pipeline.id)}.ts: reads`,
  });
}
