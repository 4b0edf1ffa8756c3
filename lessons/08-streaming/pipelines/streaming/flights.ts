import {
  columnOf,
  count,
  type Engine,
  memorySource,
  streamOf,
  type Table,
  takeRows,
  window,
} from "taller/author";

/** How long to wait for what is late, in minutes: what the measurement compares. */
export const DELAYS_MINUTES = [15, 60, 120, 180] as const;

/** What a delay costs and what it loses. */
export interface DelayMeasured {
  readonly delayMinutes: number;
  readonly read: number;
  /** Flights that no window kept: they came after the watermark had closed it. */
  readonly late: number;
  /** The most groups (hour × airport) that were open at once, and the memory they took. */
  readonly maxStateRows: number;
  readonly maxStateBytes: number;
  readonly batches: number;
}

/** A quarter of an hour of arrivals is one micro-batch. */
const BATCH_MICROS = 15 * 60_000_000;

/** The flights in the order in which they land, cut into micro-batches. `date` is the event time. */
export async function flightsByArrival(engine: Engine, sql: string, days: number): Promise<readonly Table[]> {
  const end = new Date(Date.UTC(2001, 0, 1 + days)).toISOString().slice(0, 10);
  const flights = await engine.query(sql, { values: [end] });
  const departed = columnOf(flights, "date").column;
  const delays = columnOf(flights, "delay").column;
  if (departed.kind !== "timestamp" || delays.kind !== "int32")
    throw new TypeError("date or delay has another type");
  const arrived = Float64Array.from(
    departed.values,
    (micros, row) => Number(micros) + (delays.values[row] ?? 0) * 60_000_000,
  );
  const order = Int32Array.from(arrived.keys()).sort((a, b) => (arrived[a] ?? 0) - (arrived[b] ?? 0));
  const feeds: Table[] = [];
  for (let from = 0; from < order.length; ) {
    const quarter = Math.floor((arrived[order[from] ?? 0] ?? 0) / BATCH_MICROS);
    let to = from;
    while (to < order.length && Math.floor((arrived[order[to] ?? 0] ?? 0) / BATCH_MICROS) === quarter) to++;
    feeds.push(takeRows(flights, order.subarray(from, to)));
    from = to;
  }
  return feeds;
}

/** Counts flights by hour and airport as they land, waiting so long for late ones, and measures what that takes. */
export async function measureDelay(
  feeds: readonly Table[],
  delayMinutes: number,
  signal: AbortSignal,
): Promise<DelayMeasured> {
  const source = memorySource(feeds[0]?.fields ?? [], { feedsPerTrigger: 1 });
  for (const feed of feeds) source.add(feed);
  const measured = { delayMinutes, read: 0, late: 0, maxStateRows: 0, maxStateBytes: 0, batches: 0 };
  const query = streamOf(source)
    .withWatermark("date", `${delayMinutes} minutes`)
    .groupBy(window("date", "1 hour"), "origin")
    .agg(count().as("flights"))
    .writeStream.outputMode("append")
    .trigger({ availableNow: true })
    .settings({
      onProgress: (progress) => {
        const [state] = progress.stateOperators;
        measured.read += progress.numInputRows;
        measured.late += progress.lateRows;
        measured.maxStateRows = Math.max(measured.maxStateRows, state?.numRowsTotal ?? 0);
        measured.maxStateBytes = Math.max(measured.maxStateBytes, state?.memoryUsedBytes ?? 0);
        measured.batches++;
      },
    })
    .foreachBatch(() => {})
    .start();
  const stop = () => void query.stop();
  signal.addEventListener("abort", stop);
  try {
    await query.awaitTermination();
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return measured;
}
