import { join } from "node:path";
import {
  type Engine,
  quoteName,
  type RunContext,
  type RunOptions,
  type SourceReport,
  throwIfCancelled,
  type WriteReport,
} from "taller/author";
import type { Input, Job, JobSql } from "./jobs.ts";

/** What the command line may ask; the pipeline's schema parses it. */
export interface EtlOptions {
  readonly rows: number;
  readonly seed: number;
  readonly variant: "plain" | "noise" | "leaky";
  readonly input?: string | undefined;
  readonly schema?: string | undefined;
  readonly partitionBy?: string | undefined;
  readonly codec: "zstd" | "snappy" | "gzip" | "lz4" | "uncompressed";
  readonly compare: "yes" | "no";
  readonly dryRun: boolean;
}

/** What the command line leaves out, for the module's smaller pipelines. */
export const defaultOptions: EtlOptions = {
  rows: 200_000,
  seed: 7,
  variant: "plain",
  codec: "zstd",
  compare: "yes",
  dryRun: false,
};

export type EtlContext = RunContext<EtlOptions>;

/** What the steps share and fill in. */
export interface EtlRun {
  readonly options: EtlOptions;
  readonly engine: Engine;
  readonly job: Job;
  readonly tablePath: string;
  readonly rejectsPath: string;
  /** For calls that are too short to show progress. */
  readonly quiet: RunOptions;
  input: Input | undefined;
  source: SourceReport | undefined;
  /** What is in the file, counted apart from the engine. */
  counted: { readonly records: number; readonly rejected: number } | undefined;
  checked: WriteReport | undefined;
  rejected: WriteReport | undefined;
  written: WriteReport | undefined;
  /** Set by the report. */
  counts: Counts | undefined;
}

/** `read = valid + rejected + duplicates`, each counted for itself. */
export interface Counts {
  readonly read: number;
  readonly valid: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
}

/** What the engine may use before it spills. Buffers beside it bring the process to some 0.7 GB (measured, 5 M rows). */
const MEMORY_BYTES = 512 * 1024 * 1024;

export async function startRun(context: EtlContext, job: Job): Promise<EtlRun> {
  return {
    options: context.options,
    engine: await context.openEngine({ memoryBytes: MEMORY_BYTES }),
    job,
    tablePath: join(context.dirs.tables, job.table),
    rejectsPath: join(context.dirs.workspace, "rejected", job.table),
    quiet: { signal: context.signal },
    input: undefined,
    source: undefined,
    counted: undefined,
    checked: undefined,
    rejected: undefined,
    written: undefined,
    counts: undefined,
  };
}

/** The job's queries, with those that depend on what the file turned out to hold. */
export function queries({ job, input }: EtlRun): JobSql {
  return { ...job.sql, ...input?.sql };
}

/** Gives a query a name that the next one reads from. Nothing runs. */
export async function view(run: EtlRun, name: string, sql: string): Promise<void> {
  throwIfCancelled(run.quiet.signal);
  await run.engine.execute(`CREATE OR REPLACE TEMP VIEW ${quoteName(name)} AS\n${sql}`, run.quiet);
}

/** A step that an earlier one fills in. */
export function done<T>(value: T | undefined, step: string): T {
  if (value === undefined) throw new Error(`the step ${step} has not run`);
  return value;
}

/** For tables that people read. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
