import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { definePipeline, findDataset } from "taller/author";
import { z } from "zod";
import { DELAYS_MINUTES, type DelayMeasured, flightsByArrival, measureDelay } from "./streaming/flights.ts";
import { showDelays } from "./streaming/flights-report.ts";
import { type LeadsRun, openLeads, runLeads } from "./streaming/leads.ts";
import { type Reconciled, reconcile, reportOf, showReconciled } from "./streaming/reconcile.ts";

const share = z.coerce.number().min(0).max(1);
const integer = z.coerce.number().int();

const options = z.object({
  source: z
    .enum(["leads", "flights"])
    .default("leads")
    .describe("eventos de leads por Kafka, o vuelos reales | lead events by Kafka, or real flights"),
  producer: z
    .enum(["own", "other"])
    .default("own")
    .describe(
      "own, con mi productor; other, leo lo que otro envía, hasta Ctrl-C | own: with my producer; other: what another one sends, until Ctrl-C",
    ),
  seconds: z.coerce
    .number()
    .positive()
    .default(30)
    .describe("lo que dura mi productor | how long my producer runs"),
  rate: z.coerce
    .number()
    .positive()
    .default(1_000)
    .describe("sus mensajes por segundo | its messages per second"),
  burst: z.coerce
    .number()
    .min(1)
    .default(3)
    .describe("cuántas veces el ritmo en cada ráfaga | times the rate in a burst"),
  outOfOrder: share.default(0.1).describe("parte desordenada | share out of order"),
  maxLag: z.coerce
    .number()
    .positive()
    .default(60)
    .describe("el mayor retraso, en segundos | the longest delay, in seconds"),
  duplicates: share.default(0.02).describe("parte de mensajes repetidos | share of repeated messages"),
  malformed: share.default(0.01).describe("parte de mensajes rotos | share of broken messages"),
  seed: integer.min(0).default(7).describe("semilla | seed"),
  keys: integer.min(1).default(10_000).describe("leads distintos | different leads"),
  watermark: z
    .string()
    .default("10 seconds")
    .describe("cuánto se espera a lo que llega tarde | how long to wait for what is late"),
  trigger: z.string().default("1 second").describe("cada cuánto hay un lote | how often there is a batch"),
  model: z
    .string()
    .optional()
    .describe("fichero de un modelo; sin él entreno uno | a model file; without, one is trained"),
  topic: z.string().default("taller.lead-events").describe("tema de los eventos | topic of the events"),
  hotTopic: z
    .string()
    .default("taller.hot-leads")
    .describe("tema de los leads calientes | topic of the hot leads"),
  days: integer.min(1).max(59).default(7).describe("días de vuelos, con --source flights | days of flights"),
});

export default definePipeline({
  id: "streaming",
  title: {
    es: "Puntuar una corriente: de Kafka a cuatro destinos",
    en: "Score a stream: from Kafka to four places",
  },
  options,
  reads: ["leads-clean"],
  writes: [],
  services: ["kafka", "postgres"],
  start: () => ({
    leads: undefined as LeadsRun | undefined,
    reconciled: undefined as Reconciled | undefined,
    delays: [] as readonly DelayMeasured[],
  }),
  steps: [
    {
      id: "prepare",
      title: { es: "Servicios, leads y modelo", en: "Services, leads and model" },
      run: async ({ state, ...context }) => {
        if (context.options.source === "leads") state.leads = await openLeads(context);
      },
    },
    {
      id: "stream",
      title: { es: "La corriente", en: "The stream" },
      run: async ({ state, ...context }) => {
        const { options, openEngine, dirs, signal, emit } = context;
        if (state.leads !== undefined) return runLeads(context, state.leads);
        // The flights as they became known: the same query with four delays, side by side.
        const engine = await openEngine();
        const { paths } = await findDataset("flights").materialise({ folder: dirs.data, signal, emit });
        await engine.register("flights", { kind: "parquet", paths });
        const sql = await readFile(join(dirs.module, "sql", "flights.sql"), "utf8");
        const feeds = await flightsByArrival(engine, sql, options.days);
        state.delays = await Promise.all(DELAYS_MINUTES.map((delay) => measureDelay(feeds, delay, signal)));
      },
    },
    {
      id: "reconcile",
      title: { es: "Cada evento, en un solo sitio", en: "Every event in exactly one place" },
      run: async ({ state, options, emit }) => {
        if (state.leads === undefined) return showDelays(emit, state.delays);
        state.reconciled = await reconcile(state.leads, options);
        showReconciled(emit, state.reconciled);
      },
    },
  ],
  report: ({ state: { reconciled, delays } }) => {
    if (reconciled !== undefined) return reportOf(reconciled);
    const [first] = delays;
    const { read = 0, late = 0 } = first ?? {};
    return { rows: { read, processed: read - late, late, duplicates: 0, deadLetters: 0 }, delays };
  },
});
