import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { columnOf, type Table } from "../../src/core/table.ts";
import { openEngine } from "../../src/engines/open.ts";
import { readModelFile, scoreTable } from "../../src/ml/index.ts";
import { openTopicLog } from "../../src/services/kafka/topic-log.ts";
import {
  col,
  count,
  type DataStream,
  type QueryProgress,
  readStream,
  sum,
  window,
} from "../../src/streaming/index.ts";

// job.js BROKERS TOPIC MAX_OFFSETS CHECKPOINT: counts and sums by lead and ten seconds until the topic's end.
// job.js BROKERS TOPIC MAX_OFFSETS CHECKPOINT INPUTS: joins each event with its lead and scores it, until the topic's end.
// job.js BROKERS TOPIC --latency SECONDS CHECKPOINT [INPUTS]: how long each event takes from its event time to the sink.
const [brokers = "", topic = "", third = "", fourth = "", fifth, sixth] = process.argv.slice(2);
const log = openTopicLog({ brokers });
const EVENT = [
  { name: "lead_id", type: { kind: "string" }, isRequired: true },
  { name: "type", type: { kind: "string" } },
  { name: "event_time", type: { kind: "timestamp" }, isRequired: true },
  { name: "minutes_on_site", type: { kind: "float64" } },
] as const;
const SCORED_EVENT = [
  ...EVENT,
  { name: "visits", type: { kind: "int32" } },
  { name: "emails_opened", type: { kind: "int32" } },
  { name: "days_since_contact", type: { kind: "int32" } },
] as const;

if (third === "--latency") await latency(Number(fourth), fifth ?? "", sixth);
else await throughput(Number(third), fourth, fifth);
await log.close();

/** Prints `{events, out, steadyPerSecond, scores}`; the first two batches are the warm-up. */
async function throughput(maxOffsets: number, checkpoint: string, inputs: string | undefined): Promise<void> {
  const batches: QueryProgress[] = [];
  let out = 0;
  let scores = 0;
  const from = { startingOffsets: "earliest", maxOffsetsPerTrigger: maxOffsets } as const;
  const stream =
    inputs === undefined
      ? readStream
          .kafka({ log, topic, ...from, json: EVENT })
          .withWatermark("event_time", "10 seconds")
          .groupBy(window("event_time", "10 seconds"), "lead_id")
          .agg(count().as("events"), sum("minutes_on_site").as("minutes"))
      : await scored(readStream.kafka({ log, topic, ...from, json: SCORED_EVENT }), inputs);
  const query = stream.writeStream
    .outputMode(inputs === undefined ? "update" : "append")
    .trigger({ availableNow: true })
    .checkpointLocation(checkpoint)
    .foreachBatch((table) => {
      out += table.rowCount;
      if (inputs !== undefined) scores += sumOfScores(table);
    })
    .settings({ onProgress: (progress) => batches.push(progress) })
    .start();
  await query.awaitTermination();
  const steady = batches.filter((batch) => batch.isDataBatch).slice(2);
  const rows = steady.reduce((total, batch) => total + batch.numInputRows, 0);
  const ms = steady.reduce((total, batch) => total + batch.batchDuration, 0);
  const events = batches.reduce((total, batch) => total + batch.numInputRows, 0);
  console.log(JSON.stringify({ events, out, steadyPerSecond: (rows / ms) * 1000, scores }));
}

/** Each event with what the static table knows of its lead, and its probability. */
async function scored(events: DataStream, inputs: string): Promise<DataStream> {
  const engine = await openEngine("duckdb");
  await engine.register("leads", { kind: "parquet", paths: [join(inputs, "leads.parquet")] });
  const leads = await engine.query("SELECT * FROM leads");
  await engine.close();
  const model = readModelFile(await readFile(join(inputs, "model.json"), "utf8"));
  const enriched = events.joinStatic(leads, { on: "lead_id", type: "left" });
  const columns = Object.fromEntries(
    enriched.schema.flatMap(({ name, type }) => (type.kind === "window" ? [] : [[name, type]])),
  );
  return enriched.mapTables({ ...columns, score: { kind: "float64" } }, (table) => ({
    fields: [...table.fields, { name: "score", type: { kind: "float64" }, nullable: false }],
    columns: [...table.columns, { kind: "float64", values: scoreTable(model, table) }],
    rowCount: table.rowCount,
  }));
}

function sumOfScores(table: Table): number {
  const { column } = columnOf(table, "score");
  if (column.kind !== "float64") throw new TypeError("score is no double");
  return column.values.reduce((total, score) => total + score, 0);
}

/** Prints `ready` once it listens, then `{events, p50Ms, p99Ms}`. */
async function latency(seconds: number, checkpoint: string, inputs: string | undefined): Promise<void> {
  const waited: number[] = [];
  const json = inputs === undefined ? EVENT : SCORED_EVENT;
  const events = readStream
    .kafka({ log, topic, startingOffsets: "latest", json })
    .where(col("event_time").isNotNull());
  const stream = inputs === undefined ? events : await scored(events, inputs);
  const query = stream.writeStream
    .outputMode("append")
    .checkpointLocation(checkpoint)
    .foreachBatch((table) => {
      const nowMs = Date.now();
      const { column } = columnOf(table, "event_time");
      if (column.kind !== "timestamp") throw new TypeError("event_time is no timestamp");
      for (let row = 0; row < table.rowCount; row++)
        waited.push(nowMs - Number(column.values[row] ?? 0n) / 1000);
    })
    .start();
  console.log("ready");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await query.stop();
  // The first fifth is the warm-up.
  const kept = waited.slice(Math.floor(waited.length / 5)).sort((a, b) => a - b);
  const at = (share: number) => kept[Math.floor(kept.length * share)] ?? Number.NaN;
  console.log(JSON.stringify({ events: waited.length, p50Ms: at(0.5), p99Ms: at(0.99) }));
}
