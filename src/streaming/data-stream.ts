import type { DataType, Table } from "../core/table.ts";
import { type Attribute, findAttribute } from "./attribute.ts";
import { type Duration, durationMicros, durationMillis } from "./duration.ts";
import type { ColumnExpression, Expression } from "./expression.ts";
import type { Aggregate, AggregateFunction } from "./plan.ts";
import { attributesOf, type Grouping, type JoinType, type Plan, type TimeBound } from "./plan.ts";
import { StreamingRefusal } from "./refusal.ts";
import type { StreamSource } from "./sources/source.ts";
import { StreamWriter } from "./stream-writer.ts";

/** Watermarks defined so far: each has its number. */
let watermarks = 0;

/** A window to group by: `window("ts", "5 minutes", "1 minute")`. */
export interface WindowColumn {
  readonly grouping: Grouping;
  as(name: string): WindowColumn;
}

/** Tumbling windows of a time column, sliding ones with `slide`; `startTime` shifts them. Named `window`. */
export function window(
  column: string,
  size: Duration,
  slide: Duration = size,
  startTime: Duration = 0,
): WindowColumn {
  const sizeUs = durationMicros(size);
  const slideUs = durationMicros(slide);
  const startUs = durationMicros(startTime);
  if (sizeUs <= 0 || slideUs <= 0) throw windowOfNothing();
  return windowColumn({ kind: "window", column, sizeUs, slideUs, startUs, as: "window" });
}

/** Session windows that end when nothing came for `gap` (a gap that is not above zero keeps no row). Named `session_window`. */
export function sessionWindow(column: string, gap: Duration): WindowColumn {
  const gapUs = durationMicros(gap);
  return windowColumn({ kind: "session", column, gapUs, as: "session_window" });
}

function windowColumn(grouping: Grouping): WindowColumn {
  return { grouping, as: (name) => windowColumn({ ...grouping, as: name }) };
}

/** An aggregate with a name of its own: `sum("amount").as("total")`. */
export interface AggregateColumn {
  readonly aggregate: Aggregate;
  as(name: string): AggregateColumn;
}

const aggregateOf =
  (name: AggregateFunction) =>
  (column: string): AggregateColumn =>
    aggregateColumn({ function: name, column, as: `${name}(${column})` });

/** `count()` counts rows, `count("x")` those with a value. */
export function count(column?: string): AggregateColumn {
  if (column === undefined || column === "*") return aggregateColumn({ function: "count", as: "count" });
  return aggregateOf("count")(column);
}
/** Spark refuses it on a stream, and so do we when the query starts. */
export function countDistinct(column: string): AggregateColumn {
  return aggregateColumn({ function: "count", column, isDistinct: true, as: `count(DISTINCT ${column})` });
}
export const sum = aggregateOf("sum");
export const avg = aggregateOf("avg");
export const min = aggregateOf("min");
export const max = aggregateOf("max");

function aggregateColumn(aggregate: Aggregate): AggregateColumn {
  return { aggregate, as: (name) => aggregateColumn({ ...aggregate, as: name }) };
}

export interface JoinOptions {
  readonly type?: JoinType | undefined;
  /** Columns that must be equal: a name both sides have, or a pair. */
  readonly on: string | readonly (string | { readonly left: string; readonly right: string })[];
  /** How long after the left row's time the right row's may be: `{ left: "shown", right: "clicked", from: 0, to: "1 hour" }`. */
  readonly within?:
    | { readonly left: string; readonly right: string; readonly from?: Duration; readonly to?: Duration }
    | undefined;
  /** The result's columns: `{ shown: "left.ts", clicked: "right.ts" }`. */
  readonly select: Readonly<Record<string, string>>;
}

/**
 * A stream of rows and what is done to it: Spark's DataFrame, in Spark's words. Every method gives a new stream;
 * nothing runs before `writeStream…start()`. A column that is not there is refused at once (rule 11, stage build).
 */
export class DataStream {
  readonly plan: Plan;
  readonly sources: readonly StreamSource[];

  constructor(plan: Plan, sources: readonly StreamSource[]) {
    this.plan = plan;
    this.sources = sources;
    attributesOf(plan);
  }

  /** The columns, with their types. */
  get schema(): readonly Attribute[] {
    return attributesOf(this.plan);
  }

  withWatermark(column: string, delay: Duration): DataStream {
    const delayMs = durationMillis(delay);
    return this.with({ kind: "watermark", id: watermarks++, input: this.plan, column, delayMs });
  }

  filter(condition: ColumnExpression): DataStream {
    return this.with({ kind: "filter", input: this.plan, where: condition.expression });
  }

  where(condition: ColumnExpression): DataStream {
    return this.filter(condition);
  }

  /** Columns by name (`window.start` is named `start`), or by formula: `select("key", { total: col("a").plus(1) })`. */
  select(...columns: readonly (string | Readonly<Record<string, string | ColumnExpression>>)[]): DataStream {
    const chosen = columns.flatMap((column): { as: string; expression: Expression }[] =>
      typeof column === "string"
        ? [{ as: nameOf(column, this.schema), expression: { kind: "column", name: column } }]
        : Object.entries(column).map(([as, from]) => ({
            as,
            expression: typeof from === "string" ? { kind: "column", name: from } : from.expression,
          })),
    );
    return this.with({ kind: "project", input: this.plan, columns: chosen });
  }

  withColumn(name: string, formula: ColumnExpression): DataStream {
    const others = this.schema.filter((one) => one.name !== name).map((one) => one.name);
    return this.select(...others, { [name]: formula });
  }

  drop(...names: readonly string[]): DataStream {
    return this.select(...this.schema.filter((one) => !names.includes(one.name)).map((one) => one.name));
  }

  /**
   * A function of whole tables, column by column: a model's scores, a parse. `columns` is what it gives. It may
   * keep and drop rows; it must not depend on anything but the table.
   */
  mapTables(
    columns: Readonly<Record<string, DataType>>,
    map: (table: Table) => Table | Promise<Table>,
  ): DataStream {
    const before = new Map(this.schema.map((one) => [one.name, one]));
    const attributes = Object.entries(columns).map(([name, type]): Attribute => {
      const same = before.get(name);
      return same !== undefined && same.type.kind === type.kind ? same : { name, type };
    });
    return this.with({ kind: "map", input: this.plan, attributes, map });
  }

  groupBy(...keys: readonly (string | WindowColumn)[]): GroupedStream {
    return new GroupedStream(
      this,
      keys.map((key) =>
        typeof key === "string"
          ? { kind: "column", column: key, as: findAttribute(this.schema, key)?.name ?? key }
          : key.grouping,
      ),
    );
  }

  agg(...aggregates: readonly AggregateColumn[]): DataStream {
    return this.groupBy().agg(...aggregates);
  }

  dropDuplicates(columns: readonly string[] = []): DataStream {
    return this.with({ kind: "deduplicate", input: this.plan, columns, isWithinWatermark: false });
  }

  dropDuplicatesWithinWatermark(columns: readonly string[] = []): DataStream {
    return this.with({ kind: "deduplicate", input: this.plan, columns, isWithinWatermark: true });
  }

  distinct(): DataStream {
    return this.with({ kind: "distinct", input: this.plan });
  }

  orderBy(
    ...columns: readonly (string | { readonly column: string; readonly descending: true })[]
  ): DataStream {
    const by = columns.map((one) =>
      typeof one === "string"
        ? { column: one, isDescending: false }
        : { column: one.column, isDescending: true },
    );
    return this.with({ kind: "sort", input: this.plan, by });
  }

  limit(rows: number): DataStream {
    return this.with({ kind: "limit", input: this.plan, rows });
  }

  /** All rows of both; the event time, if any, is the first one's (rule 9). */
  union(...others: readonly DataStream[]): DataStream {
    const { sources, plans } = merged([this, ...others]);
    return new DataStream({ kind: "union", inputs: plans }, sources);
  }

  /** A join with another stream. */
  join(other: DataStream, options: JoinOptions): DataStream {
    const { sources, plans } = merged([this, other]);
    const [left, right] = plans;
    if (left === undefined || right === undefined) throw new RangeError("a join has two sides");
    const { within } = options;
    const bound: TimeBound | undefined =
      within === undefined
        ? undefined
        : {
            left: within.left,
            right: within.right,
            minUs: within.from === undefined ? undefined : durationMicros(within.from),
            maxUs: within.to === undefined ? undefined : durationMicros(within.to),
          };
    const type = options.type ?? "inner";
    const joined: Plan = { kind: "join", left, right, type, on: pairsOf(options.on), within: bound };
    return new DataStream(joined, sources).select(options.select);
  }

  /** Looks rows up in a table: `adds` names the table's columns to add (default: all but the keys). */
  joinStatic(
    table: Table,
    options: {
      readonly on: JoinOptions["on"];
      readonly type?: JoinType | undefined;
      readonly adds?: readonly string[] | undefined;
    },
  ): DataStream {
    const on = pairsOf(options.on);
    const keys = new Set(on.map((pair) => pair.right));
    const others = table.fields.map((field) => field.name).filter((name) => !keys.has(name));
    const type = options.type ?? "inner";
    return this.with({
      kind: "join-static",
      input: this.plan,
      table,
      type,
      on,
      adds: options.adds ?? others,
    });
  }

  /** A function over a row and its neighbours (`OVER`): refused on a stream, as in Spark. */
  over(): never {
    throw new StreamingRefusal({
      stage: "start",
      condition: "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
      rule: 11,
      code: "over-on-a-stream",
      what: {
        es: "Las funciones OVER miran filas vecinas, y en una corriente aún pueden llegar más: usa ventanas de tiempo.",
        en: "OVER functions look at neighbouring rows, and on a stream more may still come: use windows of time.",
      },
    });
  }

  get writeStream(): StreamWriter {
    return new StreamWriter(this.plan, this.sources);
  }

  private with(plan: Plan): DataStream {
    return new DataStream(plan, this.sources);
  }
}

/** What `groupBy` gives. */
export class GroupedStream {
  private readonly stream: DataStream;
  private readonly keys: readonly Grouping[];

  constructor(stream: DataStream, keys: readonly Grouping[]) {
    this.stream = stream;
    this.keys = keys;
  }

  agg(...aggregates: readonly AggregateColumn[]): DataStream {
    return new DataStream(
      {
        kind: "aggregate",
        input: this.stream.plan,
        keys: this.keys,
        aggregates: aggregates.map((one) => one.aggregate),
      },
      this.stream.sources,
    );
  }

  count(): DataStream {
    return this.agg(count());
  }
}

/** A stream of a source's rows. */
export function streamOf(source: StreamSource): DataStream {
  return new DataStream({ kind: "source", source: 0, attributes: source.attributes }, [source]);
}

/** One list of sources for several streams, and their plans over it; a source that two share is read once. */
function merged(streams: readonly DataStream[]): { sources: StreamSource[]; plans: Plan[] } {
  const sources: StreamSource[] = [];
  const plans = streams.map((stream) => {
    const places = stream.sources.map((source) => {
      const at = sources.indexOf(source);
      return at >= 0 ? at : sources.push(source) - 1;
    });
    return renumbered(stream.plan, places);
  });
  return { sources, plans };
}

function renumbered(plan: Plan, places: readonly number[]): Plan {
  switch (plan.kind) {
    case "source":
      return { ...plan, source: places[plan.source] ?? plan.source };
    case "union":
      return { ...plan, inputs: plan.inputs.map((input) => renumbered(input, places)) };
    case "join":
      return { ...plan, left: renumbered(plan.left, places), right: renumbered(plan.right, places) };
    default:
      return { ...plan, input: renumbered(plan.input, places) };
  }
}

function pairsOf(on: JoinOptions["on"]): { left: string; right: string }[] {
  const list = typeof on === "string" ? [on] : on;
  return list.map((one) => (typeof one === "string" ? { left: one, right: one } : one));
}

/** `window.start` is called `start`, as in Spark; any other name stays. */
function nameOf(column: string, attributes: readonly Attribute[]): string {
  const isWhole = attributes.some((one) => one.name.toLowerCase() === column.toLowerCase());
  return isWhole ? column : column.replace(/^.*\.(?=(start|end)$)/i, "");
}

function windowOfNothing(): StreamingRefusal {
  return new StreamingRefusal({
    stage: "build",
    condition: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
    rule: 8,
    code: "window-of-nothing",
    what: {
      es: "El tamaño y el paso de una ventana son mayores que cero.",
      en: "A window's size and slide are greater than zero.",
    },
  });
}
