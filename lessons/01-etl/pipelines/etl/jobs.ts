import type { Source } from "taller/author";
import { csvJob } from "./csv-job.ts";
import { datasetJob } from "./dataset-job.ts";
import { leadsJob } from "./leads-job.ts";
import type { EtlContext } from "./run.ts";

/** What a run reads and what it makes of it. */
export interface Job {
  readonly kind: "leads" | "csv" | "parquet";
  /** The name of the table that it leaves. */
  readonly table: string;
  /** Partition columns where the command line names none. */
  readonly partitionBy: readonly string[];
  /** Of the table that it leaves. */
  readonly columns: readonly string[];
  readonly sql: JobSql;
  /** Finds the file, or makes it. */
  open(context: EtlContext): Promise<Input>;
  /** What would be read, in a line, without making or reading it. */
  describe(): Promise<string>;
}

/** The queries, each over the views above it: raw, texts, clean, checked, structural, rejected, valid, newest. */
export interface JobSql {
  readonly clean: string;
  readonly check: string;
  readonly structural: string;
  readonly rejected: string;
  readonly valid: string;
  readonly dedupe: string;
  /** Two columns: reason, row_count. */
  readonly reasons: string;
  /** One number. */
  readonly duplicates: string;
}

export interface Input {
  readonly source: Source;
  readonly sizeBytes: number;
  /** The source's rejects, where the engine does not find them itself. */
  readonly rejects?: Source | undefined;
  /** Records of the file, where something else than the engine has counted them. */
  readonly records?: number | undefined;
  /** Replaces the queries, where they depend on what the file turned out to hold. */
  readonly sql?: Partial<JobSql> | undefined;
  /** The generator's own count of what it planted. */
  readonly ledgerPath?: string | undefined;
}

/** The generated leads, a dataset by its name, or somebody's CSV. */
export async function findJob(context: EtlContext): Promise<Job> {
  const { input } = context.options;
  if (input === undefined || input === "leads") return leadsJob(context, undefined);
  if (/^[a-z][a-z0-9-]*$/.test(input)) return datasetJob(input);
  return csvJob(context, input);
}
