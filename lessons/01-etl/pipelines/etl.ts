import { join } from "node:path";
import { definePipeline } from "taller/author";
import { z } from "zod";
import { showDryRun } from "./etl/dry-run.ts";
import { measureFormats } from "./etl/formats.ts";
import { findJob } from "./etl/jobs.ts";
import { checkPartitions } from "./etl/partitions.ts";
import { reportOf, showColumns, showReport } from "./etl/report.ts";
import { queries, startRun, view } from "./etl/run.ts";

const options = z.object({
  rows: z.coerce.number().int().min(1).default(200_000).describe("filas que se generan | rows to generate"),
  seed: z.coerce.number().int().min(0).default(7).describe("semilla del generador | the generator's seed"),
  variant: z
    .enum(["plain", "noise", "leaky"])
    .default("plain")
    .describe("variante de los datos | variant of the data"),
  input: z
    .string()
    .optional()
    .describe("tu CSV, o el nombre de unos datos (flights) | your CSV, or a dataset's name (flights)"),
  schema: z.string().optional().describe("el esquema de tu CSV, en YAML | your CSV's schema, in YAML"),
  partitionBy: z
    .string()
    .optional()
    .describe("columnas de partición; none, ninguna (source) | partition columns; none for none (source)"),
  codec: z
    .enum(["zstd", "snappy", "gzip", "lz4", "uncompressed"])
    .default("zstd")
    .describe("compresión de Parquet | Parquet's compression"),
  compare: z
    .enum(["yes", "no"])
    .default("yes")
    .describe("medir CSV contra Parquet sobre una muestra | measure CSV against Parquet on a sample"),
  dryRun: z.boolean().default(false).describe("enseña el plan y para | show the plan and stop"),
});

export default definePipeline({
  id: "etl",
  title: { es: "ETL: de CSV a Parquet", en: "ETL: from CSV to Parquet" },
  options,
  reads: [],
  writes: ["leads-clean"],
  services: [],
  start: async (context) => startRun(context, await findJob(context)),
  steps: [
    {
      id: "read",
      title: { es: "Declara cómo se lee el fichero", en: "Declare how the file is read" },
      run: async (context) => {
        const { state, options } = context;
        if (options.dryRun) return showDryRun(context, state);
        state.input = await state.job.open(context);
        // Nothing is read yet: the file is scanned once, by the step that checks the rows.
        state.source = await state.engine.register("raw", state.input.source, state.quiet);
        if (state.input.rejects !== undefined)
          await state.engine.register("raw_rejects", state.input.rejects, state.quiet);
      },
    },
    {
      id: "clean",
      title: { es: "Limpia: de texto a tipos", en: "Clean: from text to types" },
      run: async ({ state, options }) => {
        if (options.dryRun) return;
        await view(state, "texts", "SELECT * FROM raw");
        await view(state, "clean", queries(state).clean);
      },
    },
    {
      id: "quarantine",
      title: {
        es: "Aparta lo que no vale, con sus motivos",
        en: "Set aside what won't do, with its reasons",
      },
      run: async ({ state, options, dirs, signal, emit }) => {
        if (options.dryRun) return;
        await view(state, "checked", queries(state).check);
        // One pass over the file. Each row goes with its reasons to Parquet on disk, so memory stays bounded.
        const path = join(dirs.scratch, "checked");
        state.checked = await state.engine.writeParquet("SELECT * FROM checked", { path }, { signal, emit });
        state.counted = await state.source?.reconcile?.(state.checked.rows);
        await state.engine.register("checked", { kind: "parquet", paths: [path] }, { signal });
        for (const name of ["structural", "rejected", "valid"] as const)
          await view(state, name, queries(state)[name]);
      },
    },
    {
      id: "dedupe",
      title: { es: "Quédate con la versión más reciente", en: "Keep the newest version" },
      run: async ({ state, options }) => {
        if (options.dryRun) return;
        await view(state, "newest", queries(state).dedupe);
      },
    },
    {
      id: "write",
      title: { es: "Escribe Parquet", en: "Write Parquet" },
      run: async ({ state, options, signal, emit }) => {
        if (options.dryRun) return;
        const partitionBy = await checkPartitions(state);
        // The table comes last: whoever sees it new finds its rejects beside it already.
        state.rejected = await state.engine.writeParquet(
          "SELECT * FROM rejected",
          { path: state.rejectsPath, codec: "zstd", mode: "replace" },
          { signal },
        );
        state.written = await state.engine.writeParquet(
          "SELECT * FROM newest",
          { path: state.tablePath, partitionBy, codec: options.codec, mode: "replace" },
          { signal, emit },
        );
      },
    },
    {
      id: "report",
      title: { es: "Cuadra las cuentas y compara formatos", en: "Reconcile, and compare the formats" },
      run: async (context) => {
        const { state, options } = context;
        if (options.dryRun) return;
        await showReport(context, state);
        if (options.compare === "no") return;
        await showColumns(context, state);
        await measureFormats(context, state);
      },
    },
  ],
  report: ({ state }) => reportOf(state),
});
