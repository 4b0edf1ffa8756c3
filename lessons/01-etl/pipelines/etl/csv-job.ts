import { mkdir, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import {
  type CsvInspection,
  fieldsOf,
  findContract,
  findDataset,
  formatType,
  inspectCsv,
  normaliseCsv,
  readSchemaFile,
  systemCode,
  tableFromRows,
  writeSchemaFile,
} from "taller/author";
import { asItIs } from "./dataset-job.ts";
import type { Input, Job } from "./jobs.ts";
import { leadsJob } from "./leads-job.ts";
import type { EtlContext } from "./run.ts";

/** Somebody's CSV: its dialect and types are found, written to a file that can be edited, and then held to. */
export async function csvJob(context: EtlContext, input: string): Promise<Job> {
  const path = resolve(input);
  const schema =
    context.options.schema === undefined ? undefined : await readSchemaFile(resolve(context.options.schema));
  const inspection = await inspectCsv(path, { schema, signal: context.signal });
  if (schema === undefined && isLeads(inspection)) return leadsJob(context, path);
  const table = tableName(path);
  const columns = inspection.columns.filter(({ isSelected }) => isSelected).map(({ name }) => name);
  return {
    kind: "csv",
    table,
    partitionBy: [],
    columns,
    sql: asItIs(columns),
    open: () => openCsv(context, inspection, table),
    describe: async () => `${path} (${inspection.encoding}, ${JSON.stringify(inspection.dialect.delimiter)})`,
  };
}

async function openCsv(context: EtlContext, inspection: CsvInspection, table: string): Promise<Input> {
  const folder = join(context.dirs.scratch, "csv");
  await mkdir(folder, { recursive: true });
  const found = await normaliseCsv(inspection.path, inspection, {
    folder,
    signal: context.signal,
    emit: context.emit,
  });
  for (const text of [...inspection.notes, ...found.notes]) context.emit({ kind: "note", text });
  showColumns(context, found.inspection);
  if (context.options.schema === undefined) await offerSchema(context, found.inspection, table);
  return {
    source: { ...found.source, isLazy: true },
    sizeBytes: inspection.sizeBytes,
    records: found.records,
    rejects: found.rejectsSource,
    sql: {
      clean: found.typedSelect("texts"),
      ...(found.rejectsSource === undefined
        ? {}
        : { structural: 'SELECT reason, line, "column", text FROM raw_rejects' }),
    },
  };
}

/** What was found of the file, so that a wrong guess is seen before the table is used. */
function showColumns(context: EtlContext, { encoding, dialect, columns }: CsvInspection): void {
  const { delimiter, quote } = dialect;
  const shown = `${encoding}, ${JSON.stringify(delimiter)}${quote === "" ? "" : `, ${quote}`}`;
  context.emit({
    kind: "table",
    title: { es: `Columnas (${shown})`, en: `Columns (${shown})` },
    table: tableFromRows(
      fieldsOf({
        column: { kind: "string" },
        header: { kind: "string" },
        type: { kind: "string" },
        format: { kind: "string" },
      }),
      columns
        .filter(({ isSelected }) => isSelected)
        .map(({ name, source, type, format }) => ({
          column: name,
          header: source,
          type: formatType(type),
          format: format ?? null,
        })),
    ),
    label: "measured",
  });
}

/** Leaves what was found where it can be edited; a file that is there, edited perhaps, stays. */
async function offerSchema(context: EtlContext, inspection: CsvInspection, table: string): Promise<void> {
  const path = join(context.dirs.workspace, "schemas", `${table}.yaml`);
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    },
  );
  if (!isThere) await writeSchemaFile(path, inspection, context.lang);
  context.emit({
    kind: "note",
    text: {
      es: `${isThere ? "Hay un esquema de antes" : "El esquema deducido está"} en ${path}: edítalo y pásalo con --schema.`,
      en: `${isThere ? "There is a schema from before" : "The schema that was found is"} in ${path}: edit it and pass it with --schema.`,
    },
  });
}

function isLeads(inspection: CsvInspection): boolean {
  const names = findDataset("leads").card.fields.map(({ name }) => name);
  const { dialect, encoding, compression } = inspection;
  return (
    encoding === "utf-8" &&
    compression === "none" &&
    dialect.delimiter === "," &&
    dialect.skipLines === 0 &&
    inspection.columns.map(({ source }) => source).join() === names.join()
  );
}

/** `Ventas 2024.csv.gz` → `ventas-2024`; never the name of a table that other modules read. */
function tableName(path: string): string {
  const bare = basename(path)
    .replace(/\.gz$/i, "")
    .replace(new RegExp(`\\${extname(path.replace(/\.gz$/i, ""))}$`), "");
  const name = bare
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (name === "" || findContract(name) !== undefined) return `${name === "" ? "input" : name}-csv`;
  return name;
}
