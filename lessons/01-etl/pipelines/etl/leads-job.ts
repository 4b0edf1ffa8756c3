import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type CsvSource, findDataset } from "taller/author";
import type { Input, Job, JobSql } from "./jobs.ts";
import type { EtlContext } from "./run.ts";

/** How "no value" is written in the leads, beside the empty field: the reader makes NULL of them. */
const NULL_TEXTS = ["NA", "N/A", "-", "null"];

/** The module's own queries over leads: those of the generator, or a file with the same header. */
export async function leadsJob(context: EtlContext, path: string | undefined): Promise<Job> {
  const { rows, seed, variant } = context.options;
  return {
    kind: "leads",
    table: "leads-clean",
    partitionBy: ["source"],
    columns: findDataset("leads").card.fields.map(({ name }) => name),
    sql: await readQueries(join(context.dirs.module, "sql")),
    open: () => (path === undefined ? generate(context) : openFile(path)),
    describe: async () => path ?? `leads (rows ${rows}, seed ${seed}, variant ${variant})`,
  };
}

async function generate(context: EtlContext): Promise<Input> {
  const { rows, seed, variant } = context.options;
  const files = await findDataset("leads").materialise({
    folder: context.dirs.data,
    rows,
    seed,
    variant,
    signal: context.signal,
    emit: context.emit,
  });
  const names = files.fields.map(({ name }) => name);
  return {
    source: leadsSource(files.paths, names),
    sizeBytes: files.sizeBytes,
    ledgerPath: files.ledgerPath,
  };
}

async function openFile(path: string): Promise<Input> {
  const names = findDataset("leads").card.fields.map(({ name }) => name);
  return { source: leadsSource([path], names), sizeBytes: (await stat(path)).size };
}

/** Every column as text: types are the next query's work, so that what can't be read is rejected and not lost. */
function leadsSource(paths: readonly string[], names: readonly string[]): CsvSource {
  return {
    kind: "csv",
    paths,
    dialect: { delimiter: ",", quote: '"', escape: '"', hasHeader: true, nullTexts: NULL_TEXTS },
    fields: names.map((name) => ({ name, type: { kind: "string" }, nullable: true })),
    isLazy: true,
  };
}

async function readQueries(folder: string): Promise<JobSql> {
  const read = (name: string) => readFile(join(folder, `${name}.sql`), "utf8");
  const [clean, check, structural, rejected, valid, dedupe, reasons, duplicates] = await Promise.all([
    read("clean"),
    read("check"),
    read("structural"),
    read("rejected"),
    read("valid"),
    read("dedupe"),
    read("reasons"),
    read("duplicates"),
  ]);
  return { clean, check, structural, rejected, valid, dedupe, reasons, duplicates };
}
