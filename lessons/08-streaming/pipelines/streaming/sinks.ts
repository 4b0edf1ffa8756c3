import {
  columnOf,
  type Engine,
  filesSink,
  kafkaSink,
  type StreamSink,
  selectColumns,
  stringAt,
  type Table,
  type TopicLog,
  takeRows,
} from "taller/author";
import { HOT, splitByProblem } from "./score.ts";

/** One batch to several places, one after the other. Each keeps its own promise when the batch comes again. */
export function fanOut(sinks: readonly StreamSink[]): StreamSink {
  return {
    description: sinks.map(({ description }) => description).join(" + "),
    modes: ["append"],
    open: async (context) => {
      for (const sink of sinks) await sink.open?.(context);
    },
    write: async (batch) => {
      for (const sink of sinks) await sink.write(batch);
    },
    stop: async () => {
      for (const sink of sinks) await sink.stop?.();
    },
  };
}

/** Exactly once: a file counts when the manifest names it, and a batch that is named there is not written again. */
export function parquetSink(engine: Engine, path: string): StreamSink {
  return only(
    (table) =>
      selectColumns(splitByProblem(table).valid, [
        ...["event_id", "lead_id", "type", "event_time"],
        ...["source", "country", "industry", "score", "category"],
      ]),
    filesSink({ engine, path, codec: "zstd" }),
  );
}

/** At least once: a batch that comes again after a crash is sent again. Whoever reads the topic must expect that. */
export function hotLeadsSink(log: TopicLog, topic: string): StreamSink {
  return only(
    (table) => selectColumns(hotRows(table), ["event_id", "lead_id", "event_time", "score"]),
    kafkaSink({ log, topic, key: "lead_id" }),
  );
}

/** The same sink for a part of each batch. */
function only(part: (table: Table) => Table, sink: StreamSink): StreamSink {
  return { ...sink, write: (batch) => sink.write({ ...batch, table: part(batch.table) }) };
}

function hotRows(table: Table): Table {
  const { valid } = splitByProblem(table);
  const category = columnOf(valid, "category").column;
  const rows = Array.from({ length: valid.rowCount }, (_, row) => row);
  return takeRows(
    valid,
    rows.filter((row) => stringAt(category, row) === HOT),
  );
}
