import { join } from "node:path";
import type { Kafka } from "kafkajs";
import type { ScoringPipeline } from "taller";
import {
  type Engine,
  openPostgres,
  openTopicLog,
  type Postgres,
  type RunContext,
  type StreamingQuery,
  type Table,
  type TopicLog,
} from "taller/author";
import { showBatch } from "../aggregations/show.ts";
import { connected, createTopic, kafkaClient } from "../producer/client.ts";
import type { StreamOptions } from "../producer/stream.ts";
import { accountsOf, queryIdOf } from "./accounts.ts";
import { metricsSink, type Standing, showStanding, standingOf } from "./dashboard.ts";
import { LEAD_FEATURES, openModel } from "./model.ts";
import { createTables, deadLettersSink, scoresSink } from "./postgres-sink.ts";
import { produceOrWait } from "./produce.ts";
import { leadEventsOf, scoredEvents, windowsOf } from "./queries.ts";
import { fanOut, hotLeadsSink, parquetSink } from "./sinks.ts";

export interface LeadsOptions extends Omit<StreamOptions, "from"> {
  readonly producer: "own" | "other";
  readonly seconds: number;
  readonly topic: string;
  readonly hotTopic: string;
  readonly watermark: string;
  readonly trigger: string;
  readonly model?: string | undefined;
}

export type LeadsContext = RunContext<LeadsOptions>;

/** What the steps share. */
export interface LeadsRun {
  readonly brokers: readonly string[];
  readonly kafka: Kafka;
  readonly log: TopicLog;
  readonly postgres: Postgres;
  readonly engine: Engine;
  /** Checkpoints and Parquet files. */
  readonly folder: string;
  /** The static side of the join: a row a lead. */
  readonly leads: Table;
  readonly model: ScoringPipeline;
  readonly standing: Standing;
  /** The id in the checkpoint: what this query wrote is marked with it. */
  queryId: string | undefined;
}

/** Services, topics, tables, leads and model: all that is needed before the first event is read. */
export async function openLeads(context: LeadsContext): Promise<LeadsRun> {
  const { options, dirs, signal, emit, openService, openEngine, closeAtEnd } = context;
  const [{ brokers }, { url }] = await Promise.all([openService("kafka"), openService("postgres")]);
  const kafka = kafkaClient(brokers, "taller-streaming");
  await connected(kafka.admin(), brokers, async (admin) => {
    await createTopic(admin, options.topic, 4);
    await createTopic(admin, options.hotTopic, 1);
  });
  const postgres = closeAtEnd(await openPostgres({ url }));
  await createTables(postgres);
  const engine = await openEngine();
  await engine.register("leads_clean", { kind: "parquet", paths: [join(dirs.tables, "leads-clean")] });
  const model = await openModel({ engine, workspace: dirs.workspace, named: options.model, signal, emit });
  const folder = join(dirs.workspace, "streaming", options.topic);
  const queryId = await queryIdOf(checkpointOf(folder, "scores"));
  return {
    ...{ brokers, kafka, postgres, engine, folder, model, queryId },
    log: closeAtEnd(openTopicLog({ brokers: brokers.join(","), clientId: "taller-streaming" })),
    leads: await engine.query(`SELECT lead_id, ${LEAD_FEATURES.join(", ")} FROM leads_clean`, { signal }),
    standing: standingOf(await accountsOf(postgres, queryId)),
  };
}

/** Both queries, and the producer beside them, until the stream is over or somebody stops it. */
export async function runLeads(context: LeadsContext, run: LeadsRun): Promise<void> {
  const { signal, emit } = context;
  const [scores, windows] = [startScores(context, run), startWindows(context, run)];
  // Ctrl-C: each query ends after the batch that runs, which is then whole in all its places.
  const stopBoth = async () => {
    await Promise.all([scores.stop(), windows.stop()]);
  };
  signal.addEventListener("abort", stopBoth, { once: true });
  const over = new AbortController();
  const producing = produceOrWait({ ...context, signal: AbortSignal.any([signal, over.signal]) }, run);
  try {
    const ends = [scores, windows].map((query) => query.awaitTermination());
    await Promise.race([producing, ...ends]);
    if (!signal.aborted) for (const query of [scores, windows]) await query.processAllAvailable();
  } finally {
    // Whichever ended or failed first takes the others with it.
    over.abort();
    await Promise.allSettled([producing, stopBoth()]);
    run.queryId = scores.id;
  }
  if (!signal.aborted) return;
  // The topic names the folder of the checkpoints; all else may be another the next time.
  const again = `taller run streaming --topic ${context.options.topic}`;
  emit({
    kind: "note",
    text: {
      es: `Parado tras el lote ${run.standing.scores?.batchId ?? "—"}. Para seguir donde lo dejas:   ${again}`,
      en: `Stopped after batch ${run.standing.scores?.batchId ?? "—"}. To go on where you stop:   ${again}`,
    },
  });
}

/** The main query: every event once, scored, in four places. */
function startScores(context: LeadsContext, run: LeadsRun): StreamingQuery {
  const { options, emit } = context;
  const { log, leads, model, standing } = run;
  return scoredEvents(leadEventsOf(log, options.topic), { watermark: options.watermark, leads, model })
    .writeStream.queryName("scores")
    .outputMode("append")
    .trigger({ processingTime: options.trigger })
    .checkpointLocation(checkpointOf(run.folder, "scores"))
    .settings({
      onProgress: (progress) => {
        standing.scores = progress;
        showStanding(emit, standing);
      },
      onWarning: (text) => emit({ kind: "warning", text }),
    })
    .deadLettersTo(deadLettersSink(run.postgres))
    .to(
      fanOut([
        parquetSink(run.engine, scoresFolder(run)),
        hotLeadsSink(run.log, options.hotTopic),
        scoresSink(run.postgres),
        metricsSink(standing),
      ]),
    )
    .start();
}

/** A second query over the same topic: it reads and scores for itself, as in Spark, and goes at its own pace. */
function startWindows(context: LeadsContext, run: LeadsRun): StreamingQuery {
  const { options, emit } = context;
  const { log, leads, model, standing } = run;
  let closed: Table | undefined;
  const scores = scoredEvents(leadEventsOf(log, options.topic), {
    watermark: options.watermark,
    leads,
    model,
  });
  return windowsOf(scores)
    .writeStream.queryName("windows")
    .outputMode("append")
    .trigger({ processingTime: options.trigger })
    .checkpointLocation(checkpointOf(run.folder, "windows"))
    .settings({
      onProgress: (progress) => {
        standing.windows = progress;
        if (closed !== undefined) showBatch(emit, progress, closed);
      },
    })
    .foreachBatch((table) => {
      closed = table;
    })
    .start();
}

/** What a query has to know to go on: where it is in the topic, and its state. */
function checkpointOf(folder: string, query: "scores" | "windows"): string {
  return join(folder, "checkpoints", query);
}

/** Where the scored events lie as Parquet. */
export function scoresFolder(run: LeadsRun): string {
  return join(run.folder, "scores");
}
