import { definePipeline, memorySource, type QueryProgress, streamOf, type Table } from "taller/author";
import { z } from "zod";
import { EVENT_FIELDS, secondsOf } from "./aggregations/events.ts";
import { aggregated } from "./aggregations/query.ts";
import { showBatch, showBatches } from "./aggregations/show.ts";

const options = z.object({
  window: z
    .enum(["tumbling", "sliding", "session", "none"])
    .default("tumbling")
    .describe("clase de ventana | kind of window"),
  size: z
    .string()
    .default("10 seconds")
    .describe("tamaño de la ventana; la pausa, en session | size of the window; the gap, in session"),
  slide: z.string().default("5 seconds").describe("paso de sliding | slide of sliding"),
  watermark: z
    .string()
    .default("10 seconds")
    .describe(
      "cuánto se espera a lo que llega tarde; none, sin watermark | how long to wait for what is late; none",
    ),
  mode: z.enum(["append", "update", "complete"]).default("append").describe("modo de salida | output mode"),
  by: z.enum(["type", "lead_id", "none"]).default("type").describe("clave del grupo | key of the group"),
  aggregates: z
    .string()
    .default("count,avg,max")
    .describe("de count,sum,avg,min,max | of count,sum,avg,min,max"),
  total: z.coerce.number().int().min(1).max(1_000_000).default(20_000).describe("eventos | events"),
  rate: z.coerce.number().positive().default(500).describe("eventos por segundo | events per second"),
  outOfOrder: z.coerce.number().min(0).max(1).default(0.2).describe("parte desordenada | share out of order"),
  maxLag: z.coerce
    .number()
    .positive()
    .default(40)
    .describe("el mayor retraso, en segundos | the longest delay, in seconds"),
  seed: z.coerce.number().int().min(0).default(7).describe("semilla | seed"),
});

export default definePipeline({
  id: "aggregations",
  title: { es: "Agregar una corriente por ventanas", en: "Aggregate a stream by windows" },
  options,
  reads: [],
  writes: [],
  services: [],
  start: () => ({
    // One second of arrivals a batch: as if the query were triggered once a second.
    source: memorySource(EVENT_FIELDS, { feedsPerTrigger: 1 }),
    reports: [] as QueryProgress[],
  }),
  steps: [
    {
      id: "arrive",
      title: {
        es: "Los eventos, en el orden en que llegan",
        en: "The events, in the order of their arrival",
      },
      run: async ({ state, options }) => {
        const { seed, rate, outOfOrder, total } = options;
        for (const second of secondsOf({ seed, rate, outOfOrder, total, maxLagMs: options.maxLag * 1000 }))
          state.source.add(second);
      },
    },
    {
      id: "aggregate",
      title: { es: "La consulta, lote a lote", en: "The query, batch by batch" },
      run: async ({ state, options, emit, signal }) => {
        let result: Table | undefined;
        const query = aggregated(streamOf(state.source), options)
          .writeStream.queryName("aggregations")
          .outputMode(options.mode)
          .trigger({ availableNow: true })
          .foreachBatch((table) => {
            result = table;
          })
          .settings({
            onProgress: (progress) => {
              state.reports.push(progress);
              if (result !== undefined) showBatch(emit, progress, result);
            },
            onWarning: (text) => emit({ kind: "warning", text }),
          })
          .start();
        signal.addEventListener("abort", () => void query.stop(), { once: true });
        await query.awaitTermination();
        showBatches(emit, state.reports);
      },
    },
  ],
  report: ({ state: { reports } }) => {
    const read = reports.reduce((sum, one) => sum + one.numInputRows, 0);
    const late = reports.reduce((sum, one) => sum + one.lateRows, 0);
    return {
      rows: { read, processed: read - late, late, duplicates: 0, deadLetters: 0 },
      numRowsDroppedByWatermark: reports
        .flatMap((one) => one.stateOperators)
        .reduce((sum, one) => sum + one.numRowsDroppedByWatermark, 0),
      batches: reports.length,
    };
  },
});
