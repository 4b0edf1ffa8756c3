import type { ScoringPipeline } from "taller";
import {
  avg,
  count,
  type DataStream,
  kafkaSource,
  type StreamSource,
  streamOf,
  type Table,
  type TopicLog,
  window,
} from "taller/author";
import { scored } from "./score.ts";

/** What an event must say, and of what type; what does not fit is a dead letter, with its reason. */
const EVENT = [
  { name: "event_id", type: { kind: "string" }, isRequired: true },
  { name: "lead_id", type: { kind: "string" }, isRequired: true },
  { name: "type", type: { kind: "string" }, isRequired: true },
  { name: "event_time", type: { kind: "timestamp" }, isRequired: true },
  { name: "visits", type: { kind: "int32" } },
  { name: "minutes_on_site", type: { kind: "float64" } },
  { name: "emails_opened", type: { kind: "int32" } },
  { name: "days_since_contact", type: { kind: "int32" } },
] as const;

/** Rows of a batch, at most: a backlog is worked off in pieces, and each piece is safe when it is done. */
const BATCH_ROWS = 20_000;

/** The topic from its beginning; where a checkpoint is, it goes on from there instead. */
export function leadEventsOf(log: TopicLog, topic: string): StreamSource {
  return kafkaSource({
    log,
    topic,
    startingOffsets: "earliest",
    json: EVENT,
    metadata: { partition: "kafka_partition", offset: "kafka_offset" },
    maxOffsetsPerTrigger: BATCH_ROWS,
  });
}

/**
 * Each event once, with its lead's score. The watermark says how long a repeated message is remembered, and from when
 * on an event is too late: without it the ids of all times would have to be kept.
 */
export function scoredEvents(
  source: StreamSource,
  input: { readonly watermark: string; readonly leads: Table; readonly model: ScoringPipeline },
): DataStream {
  const events = streamOf(source)
    .withWatermark("event_time", input.watermark)
    .dropDuplicatesWithinWatermark(["event_id"]);
  return scored(events, input.leads, input.model);
}

/** How many events of each category there were in every ten seconds: shown when a window can no longer change. */
export function windowsOf(scores: DataStream): DataStream {
  return scores
    .groupBy(window("event_time", "10 seconds").as("window"), "category")
    .agg(count().as("events"), avg("score").as("avg_score"))
    .select({ start: "window.start", end: "window.end" }, "category", "events", "avg_score");
}
