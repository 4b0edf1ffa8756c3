import { join } from "node:path";
import {
  type Clock,
  definePipeline,
  type Engine,
  fieldsOf,
  type Row,
  tableFromRows,
  type WriteReport,
} from "taller/author";
import { z } from "zod";
import { rounded } from "./etl/run.ts";

const options = z.object({
  rows: z.coerce.number().int().min(1).default(200_000).describe("filas, como mucho | rows, at most"),
  reads: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("veces que se lee; vale la más rápida | times it is read; the fastest counts"),
});

export default definePipeline({
  id: "compact",
  title: { es: "Compactar: de muchos ficheros a pocos", en: "Compact: from many files to few" },
  options,
  reads: ["leads-clean"],
  writes: [],
  services: [],
  start: async (context) => ({ engine: await context.openEngine(), shown: [] as Row[], rows: 0 }),
  steps: [
    {
      id: "scatter",
      title: { es: "Un fichero por día", en: "One file per day" },
      run: async ({ state, options, dirs, clock, signal }) => {
        const { engine } = state;
        await engine.register(
          "leads",
          { kind: "parquet", paths: [join(dirs.tables, "leads-clean")] },
          { signal },
        );
        const daily = { path: join(dirs.scratch, "daily"), partitionBy: ["created"] };
        const written = await engine.writeParquet(
          `SELECT * FROM leads ORDER BY lead_id NULLS LAST LIMIT ${options.rows}`,
          daily,
          {
            signal,
          },
        );
        state.rows = written.rows;
        state.shown.push(
          await measured("daily", written, { engine, clock, reads: options.reads, path: daily.path }),
        );
      },
    },
    {
      id: "compact",
      title: { es: "Los mismos días, en un fichero por fuente", en: "The same days, in one file per source" },
      run: async ({ state, options, dirs, clock, signal, emit }) => {
        const { engine } = state;
        const few = { path: join(dirs.scratch, "few"), partitionBy: ["source"], sortBy: ["created"] };
        const written = await engine.writeParquet("SELECT * FROM stored", few, { signal });
        state.shown.push(
          await measured("compacted", written, { engine, clock, reads: options.reads, path: few.path }),
        );
        emit({
          kind: "table",
          title: { es: "Las mismas filas, antes y después", en: "The same rows, before and after" },
          table: tableFromRows(
            fieldsOf({
              layout: { kind: "string" },
              files: { kind: "int32" },
              rows_per_file: { kind: "int32" },
              megabytes: { kind: "float64" },
              query_ms: { kind: "float64" },
            }),
            state.shown,
          ),
          label: "measured",
        });
      },
    },
  ],
  report: ({ state }) => ({
    rows: { read: state.rows, valid: state.rows, rejected: 0, duplicates: 0 },
    layouts: state.shown,
  }),
});

/** Reads what was written, whole, and says what it took; it is `stored` from now on. */
async function measured(
  layout: string,
  written: WriteReport,
  how: { readonly engine: Engine; readonly clock: Clock; readonly reads: number; readonly path: string },
): Promise<Row> {
  const { engine, clock, reads, path } = how;
  await engine.register("stored", { kind: "parquet", paths: [path], hivePartitions: true });
  let best = Number.POSITIVE_INFINITY;
  for (let read = 0; read < reads; read++) {
    const began = clock.elapsed();
    await engine.query(
      "SELECT industry, count(*) AS leads, sum(budget) AS total FROM stored GROUP BY industry",
    );
    best = Math.min(best, clock.elapsed() - began);
  }
  const files = written.files.length;
  return {
    layout,
    files,
    rows_per_file: files === 0 ? 0 : Math.round(written.rows / files),
    megabytes: rounded(written.sizeBytes / 1e6, 2),
    query_ms: rounded(best, 1),
  };
}
