/** The author's door: what lessons, pipelines and exercises are written with. */
export * from "./core/effects.ts";
export * from "./core/errors.ts";
export * from "./core/events.ts";
export { formatNumber, type NumberForm, numberText } from "./core/numbers.ts";
export * from "./core/random.ts";
export * from "./core/table.ts";
export * from "./core/table-build.ts";
export * from "./core/text.ts";
export * from "./course/pipeline.ts";
export * from "./data/contract.ts";
export * from "./data/dataset.ts";
export * from "./data/datasets.ts";
export { type EventBatch, type EventMessage, messagesOf } from "./data/lead-events/batch.ts";
export { type EventRange, type LeadEvents, leadEvents } from "./data/lead-events/lead-events.ts";
export { type EventsLedger, eventsLedgerOf, readEventsLedger } from "./data/lead-events/ledger.ts";
export type { LeadEventsSettings } from "./data/lead-events/settings.ts";
export { addEventTotals, type EventTotals, emptyEventTotals } from "./data/lead-events/totals.ts";
export { type Ledger, readLedger } from "./data/leads/ledger.ts";
export {
  type CsvInspection,
  inspectCsv,
  normaliseCsv,
  readSchemaFile,
  writeSchemaFile,
} from "./engines/csv/csv.ts";
export * from "./engines/engine.ts";
export * from "./grading/check-results.ts";
export { judgeAnswer, numberReadings } from "./grading/checks/answers.ts";
export { valueNear } from "./grading/checks/value.ts";
export { isDataEqual } from "./grading/diagnose/deep-equal.ts";
export * from "./grading/exercise.ts";
export { SubmissionError } from "./grading/kinds/submission.ts";
export type * from "./grading/verdict.ts";
export { openTopicLog, type TopicLog } from "./services/kafka/topic-log.ts";
export { openPostgres, type Postgres, type Queryable } from "./services/postgres/client.ts";
export type { ServiceAddresses } from "./services/set/service.ts";
export { openTracking, type TrackingClient, TrackingError } from "./services/tracking/client.ts";
export * from "./serving/categories.ts";
export * from "./streaming/index.ts";
