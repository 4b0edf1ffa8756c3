import type { z } from "zod";
import type { Clock } from "../core/effects.ts";
import type { Emit } from "../core/events.ts";
import type { Lang, Text } from "../core/text.ts";
import type { Engine, EngineOptions } from "../engines/engine.ts";
import type { ServiceAddresses, ServiceName } from "../services/set/service.ts";

/** A module's runnable job, `pipelines/<id>.ts`: what `taller run <id>` runs and a lesson shows step by step. */
export interface Pipeline<S extends z.ZodObject = z.ZodObject, State = unknown> {
  /** Unique over the course. */
  readonly id: string;
  readonly title: Text;
  /** Become kebab-case flags with their descriptions. */
  readonly options: S;
  /** Tables that it reads; a missing one is made first, by its producer with defaults. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Services that it may open with {@link RunContext.openService}. */
  readonly services: readonly ServiceName[];
  /** What the steps share: made once per run. */
  readonly start: (context: RunContext<z.output<S>>) => Promise<State> | State;
  readonly steps: readonly PipelineStep<z.output<S>, State>[];
  /** The result for `--json`; the last line of stdout. */
  readonly report: (context: PipelineContext<z.output<S>, State>) => PipelineReport;
  /** The report for people; default none (the steps' own events say it). */
  readonly render?: ((context: PipelineContext<z.output<S>, State>) => void) | undefined;
}

export interface PipelineStep<O, State> {
  readonly id: string;
  readonly title: Text;
  readonly run: (context: PipelineContext<O, State>) => Promise<void>;
}

export interface RunContext<O> {
  readonly options: O;
  /** Opens the engine that `--engine` names; closed by the runner at the end. */
  readonly openEngine: (options?: EngineOptions) => Promise<Engine>;
  /**
   * The address of a service that the pipeline names: the real one that its `TALLER_` variable selects, else the
   * workspace's embedded one, which is started when nobody has yet. It stays up until the run is over.
   */
  readonly openService: <N extends ServiceName>(name: N) => Promise<ServiceAddresses[N]>;
  /** Gives back what it is given, and closes it when the run ends, however it ends: the last one first. */
  readonly closeAtEnd: <C extends { close(): Promise<void> }>(closable: C) => C;
  readonly dirs: PipelineDirs;
  /** Of files that a run writes for people to read; what it emits carries both languages. */
  readonly lang: Lang;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

export interface PipelineContext<O, State> extends RunContext<O> {
  readonly state: State;
}

/** Absolute paths. */
export interface PipelineDirs {
  readonly workspace: string;
  /** Generated data, `<workspace>/.taller/data`. */
  readonly data: string;
  /** Tables handed to other modules, `<workspace>/tables`. */
  readonly tables: string;
  /** Scratch of this run, on the same disk as `tables`; removed at the end. */
  readonly scratch: string;
  /** The module's own folder: `sql/…` lies under it. */
  readonly module: string;
}

/** `read = valid + rejected + duplicates` for a batch (docs/json.md). */
export interface PipelineReport {
  readonly rows: Readonly<Record<string, number>>;
  readonly [extra: string]: unknown;
}

/**
 * The default export of `pipelines/<id>.ts`. Write `options`, `start`, `steps` in this order: the types of
 * a step's context follow from the first two.
 */
export function definePipeline<S extends z.ZodObject, State>(
  pipeline: Pipeline<S, State>,
): Pipeline<S, State> {
  return pipeline;
}
