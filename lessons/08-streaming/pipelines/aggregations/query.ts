import {
  type AggregateColumn,
  avg,
  count,
  type DataStream,
  max,
  min,
  sessionWindow,
  sum,
  UserError,
  verbatim,
  type WindowColumn,
  window,
} from "taller/author";

/** What the command line may ask of the query. */
export interface AggregationOptions {
  readonly window: "tumbling" | "sliding" | "session" | "none";
  readonly size: string;
  readonly slide: string;
  readonly watermark: string;
  readonly by: "type" | "lead_id" | "none";
  readonly aggregates: string;
}

/** Each aggregate by the name of its flag. `count` counts rows; the others look at one column and skip its nulls. */
const AGGREGATES: Readonly<Record<string, AggregateColumn>> = {
  count: count().as("events"),
  sum: sum("visits").as("visits"),
  avg: avg("minutes_on_site").as("avg_minutes"),
  min: min("minutes_on_site").as("min_minutes"),
  max: max("minutes_on_site").as("max_minutes"),
};

/** The same events, aggregated as the options say. */
export function aggregated(events: DataStream, options: AggregationOptions): DataStream {
  // Without a watermark nothing is ever late, and the state grows for ever.
  const timed = options.watermark === "none" ? events : events.withWatermark("event_time", options.watermark);
  const by = options.by === "none" ? [] : [options.by];
  const windows = windowOf(options);
  const aggregates = options.aggregates.split(",").map((name) => aggregateNamed(name.trim()));
  const grouped = timed.groupBy(...windows, ...by).agg(...aggregates);
  const names = aggregates.map(({ aggregate }) => aggregate.as);
  return options.window === "none"
    ? grouped
    : grouped.select({ start: "window.start", end: "window.end" }, ...by, ...names);
}

/** An event is in one tumbling window, in several sliding ones, and a session ends when nothing came for a while. */
function windowOf({ window: kind, size, slide }: AggregationOptions): readonly WindowColumn[] {
  switch (kind) {
    case "tumbling":
      return [window("event_time", size).as("window")];
    case "sliding":
      return [window("event_time", size, slide).as("window")];
    case "session":
      return [sessionWindow("event_time", size).as("window")];
    case "none":
      return [];
  }
}

function aggregateNamed(name: string): AggregateColumn {
  const found = AGGREGATES[name];
  if (found !== undefined) return found;
  throw new UserError({
    fault: "usage",
    code: "unknown-aggregate",
    what: { es: `No conozco la agregación «${name}».`, en: `There is no aggregate "${name}".` },
    where: "--aggregates",
    next: [verbatim(Object.keys(AGGREGATES).join(", "))],
  });
}
