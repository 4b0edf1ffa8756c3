import { definePipeline } from "taller/author";
import { z } from "zod";
import { type Measured, measureFormats } from "./etl/formats.ts";
import { findJob } from "./etl/jobs.ts";
import { defaultOptions, queries, startRun, view } from "./etl/run.ts";

const options = z.object({
  rows: z.coerce.number().int().min(1).default(100_000).describe("filas que se generan | rows to generate"),
  seed: z.coerce.number().int().min(0).default(7).describe("semilla del generador | the generator's seed"),
  input: z.string().optional().describe("tu CSV | your CSV"),
});

export default definePipeline({
  id: "formats",
  title: { es: "Las mismas filas, en CSV y en Parquet", en: "The same rows, as CSV and as Parquet" },
  options,
  reads: [],
  writes: [],
  services: [],
  start: async (context) => {
    const whole = { ...context, options: { ...defaultOptions, ...context.options } };
    return { run: await startRun(whole, await findJob(whole)), whole, measured: [] as readonly Measured[] };
  },
  steps: [
    {
      id: "measure",
      title: { es: "Escribe y lee cada formato", en: "Write and read each format" },
      run: async ({ state }) => {
        const { run, whole } = state;
        run.input = await run.job.open(whole);
        await run.engine.register("raw", run.input.source, run.quiet);
        await view(run, "texts", "SELECT * FROM raw");
        await view(run, "clean", queries(run).clean);
        state.measured = await measureFormats(whole, run);
      },
    },
  ],
  report: ({ state }) => {
    const read = state.measured[0]?.rows ?? 0;
    return { rows: { read, valid: read, rejected: 0, duplicates: 0 }, formats: state.measured };
  },
});
