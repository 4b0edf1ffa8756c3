/** The streaming engine in one place: streams are built, written and watched with these words. */
export { type Attribute, attributeNamed } from "./attribute.ts";
export type { OutputMode } from "./check-plan.ts";
export {
  type AggregateColumn,
  avg,
  count,
  countDistinct,
  DataStream,
  GroupedStream,
  type JoinOptions,
  max,
  min,
  sessionWindow,
  streamOf,
  sum,
  type WindowColumn,
  window,
} from "./data-stream.ts";
export type { Duration } from "./duration.ts";
export { type ColumnExpression, col, lit, timestamp } from "./expression.ts";
export type { JsonField } from "./json/json-columns.ts";
export type { QueryProgress, SourceProgress, StateOperatorProgress } from "./query/progress.ts";
export { StreamingQuery } from "./query/query.ts";
export type { TriggerOptions } from "./query/trigger.ts";
export { readStream } from "./read-stream.ts";
export { StreamingRefusal } from "./refusal.ts";
export { type ConsoleBatch, consoleSink } from "./sinks/console.ts";
export { type CommittedFile, committedFiles, filesSink, removeUncommitted } from "./sinks/files.ts";
export { kafkaSink } from "./sinks/kafka.ts";
export { foreachBatchSink, type MemorySink, memorySink } from "./sinks/memory.ts";
export { postgresSink, type SinkDatabase, type SinkTransaction } from "./sinks/postgres.ts";
export type { BatchCounts, SinkBatch, StreamSink } from "./sinks/sink.ts";
export { type FilesSourceOptions, filesSource } from "./sources/files.ts";
export { type KafkaSourceOptions, kafkaSource } from "./sources/kafka.ts";
export { type MemorySource, memorySource } from "./sources/memory.ts";
export { rateSource } from "./sources/rate.ts";
export { type SocketSourceOptions, socketSource } from "./sources/socket.ts";
export { DEAD_LETTER_FIELDS, type SourceRows, type StreamSource } from "./sources/source.ts";
export type { StreamWriter, WriterSettings } from "./stream-writer.ts";
