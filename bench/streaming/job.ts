import { openTopicLog } from "../../src/services/kafka/topic-log.ts";
import { col, count, type QueryProgress, readStream, sum, window } from "../../src/streaming/index.ts";

// job.js BROKERS TOPIC MAX_OFFSETS CHECKPOINT: counts and sums by lead and ten seconds until the topic's end.
// job.js BROKERS TOPIC --latency SECONDS CHECKPOINT: how long each event takes from its event time to the sink.
const [brokers = "", topic = "", third = "", fourth = "", fifth = ""] = process.argv.slice(2);
const log = openTopicLog({ brokers });
const EVENT = [
  { name: "lead_id", type: { kind: "string" }, isRequired: true },
  { name: "type", type: { kind: "string" } },
  { name: "event_time", type: { kind: "timestamp" }, isRequired: true },
  { name: "minutes_on_site", type: { kind: "float64" } },
] as const;

if (third === "--latency") await latency(Number(fourth), fifth);
else await throughput(Number(third), fourth);
await log.close();

/** Prints `{events, out, steadyPerSecond}`; the first two batches are the warm-up. */
async function throughput(maxOffsets: number, checkpoint: string): Promise<void> {
  const batches: QueryProgress[] = [];
  let out = 0;
  const query = readStream
    .kafka({ log, topic, startingOffsets: "earliest", json: EVENT, maxOffsetsPerTrigger: maxOffsets })
    .withWatermark("event_time", "10 seconds")
    .groupBy(window("event_time", "10 seconds"), "lead_id")
    .agg(count().as("events"), sum("minutes_on_site").as("minutes"))
    .writeStream.outputMode("update")
    .trigger({ availableNow: true })
    .checkpointLocation(checkpoint)
    .foreachBatch((table) => {
      out += table.rowCount;
    })
    .settings({ onProgress: (progress) => batches.push(progress) })
    .start();
  await query.awaitTermination();
  const steady = batches.filter((batch) => batch.isDataBatch).slice(2);
  const rows = steady.reduce((total, batch) => total + batch.numInputRows, 0);
  const ms = steady.reduce((total, batch) => total + batch.batchDuration, 0);
  const events = batches.reduce((total, batch) => total + batch.numInputRows, 0);
  console.log(JSON.stringify({ events, out, steadyPerSecond: (rows / ms) * 1000 }));
}

/** Prints `ready` once it listens, then `{events, p50Ms, p99Ms}`. */
async function latency(seconds: number, checkpoint: string): Promise<void> {
  const waited: number[] = [];
  const query = readStream
    .kafka({ log, topic, startingOffsets: "latest", json: EVENT })
    .where(col("event_time").isNotNull())
    .writeStream.outputMode("append")
    .checkpointLocation(checkpoint)
    .foreachBatch((table) => {
      const nowMs = Date.now();
      const at = table.fields.findIndex((field) => field.name === "event_time");
      const column = table.columns[at];
      if (column?.kind !== "timestamp") throw new TypeError("event_time is no timestamp");
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
