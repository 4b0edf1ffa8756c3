import {
  type EventBatch,
  fieldsOf,
  leadEvents,
  messagesOf,
  type Row,
  type Table,
  tableFromRows,
} from "taller/author";
import { z } from "zod";

/** The columns of an event that the aggregations look at. */
export const EVENT_FIELDS = fieldsOf({
  lead_id: { kind: "string" },
  type: { kind: "string" },
  event_time: { kind: "timestamp" },
  visits: { kind: "int64" },
  minutes_on_site: { kind: "float64" },
});

const message = z.object({
  lead_id: z.string(),
  type: z.string(),
  event_time: z.string(),
  visits: z.number(),
  minutes_on_site: z.number().nullable(),
});

/**
 * A stream of events cut by its own clock, a table for each second of arrivals: what a query that is triggered once a
 * second would find. No message is broken here; the pipeline `streaming` has those.
 */
export function* secondsOf(settings: {
  readonly seed: number;
  readonly rate: number;
  readonly outOfOrder: number;
  readonly maxLagMs: number;
  readonly total: number;
}): Generator<Table> {
  const { total, ...rest } = settings;
  const stream = leadEvents({ ...rest, keys: 1_000, duplicates: 0, malformed: 0 });
  let second = 0;
  let rows: Row[] = [];
  for (const batch of stream.batches({ to: total })) {
    for (const { row, arrivalSecond } of rowsOfBatch(batch, stream.settings.startMs)) {
      if (arrivalSecond > second) {
        yield tableFromRows(EVENT_FIELDS, rows);
        rows = [];
        second = arrivalSecond;
      }
      rows.push(row);
    }
  }
  yield tableFromRows(EVENT_FIELDS, rows);
}

function rowsOfBatch(batch: EventBatch, startMs: number): { row: Row; arrivalSecond: number }[] {
  return messagesOf(batch).map(({ value, timestamp }) => ({
    row: message.parse(JSON.parse(value.toString())),
    arrivalSecond: Math.floor((Number(timestamp) - startMs) / 1000),
  }));
}
