import type { Field, Table } from "../../core/table.ts";
import { tableFromRows } from "../../core/table-build.ts";
import { INT64, STRING, TIMESTAMP } from "../attribute.ts";
import {
  type AggregateColumn,
  avg,
  count,
  countDistinct,
  type DataStream,
  max,
  min,
  sessionWindow,
  streamOf,
  sum,
  window,
} from "../data-stream.ts";
import { type ColumnExpression, col, lit, timestamp } from "../expression.ts";
import type { StreamSource } from "../sources/source.ts";
import type { Comparison, Operation, VectorCase, VectorRow } from "./case.ts";

/** The columns of every source of a case. */
export const CASE_FIELDS: readonly Field[] = [
  { name: "ts", type: TIMESTAMP, nullable: true },
  { name: "key", type: STRING, nullable: true },
  { name: "value", type: INT64, nullable: true },
];

/** A case's plan over its sources, written with the engine's own API. */
export function buildStream(
  plan: readonly Operation[],
  sources: ReadonlyMap<string, StreamSource>,
  tables: VectorCase["static"],
): DataStream {
  const streams = new Map<string, DataStream>();
  for (const [name, source] of sources) streams.set(name, streamOf(source));
  const streamNamed = (name: string): DataStream => {
    const stream = streams.get(name);
    if (stream === undefined) throw new RangeError(`the plan reads "${name}", which nothing gives`);
    return stream;
  };
  let last: DataStream | undefined;
  for (const operation of plan) {
    last = apply(operation, streamNamed, tables);
    streams.set(operation.as, last);
  }
  if (last === undefined) throw new RangeError("the plan is empty");
  return last;
}

function apply(
  operation: Operation,
  streamNamed: (name: string) => DataStream,
  tables: VectorCase["static"],
): DataStream {
  switch (operation.op) {
    case "watermark":
      return streamNamed(operation.input).withWatermark(operation.column, operation.delay * 1000);
    case "window": {
      const input = streamNamed(operation.input);
      const grouping =
        operation.kind === "session"
          ? sessionWindow(operation.column, (operation.gap ?? 0) * 1000)
          : window(
              operation.column,
              (operation.size ?? 0) * 1000,
              (operation.kind === "sliding" ? (operation.slide ?? 0) : (operation.size ?? 0)) * 1000,
              (operation.startTime ?? 0) * 1000,
            );
      const aggregates = operation.aggregates.map((text) => aggregateOf(text, operation.names));
      const columns = Object.fromEntries(
        operation.columns.map((column) => [
          operation.names[column] ?? column,
          column === "window" ? "window" : `window.${column}`,
        ]),
      );
      return input
        .groupBy(grouping.as("window"), ...operation.keys)
        .agg(...aggregates)
        .select(columns, ...operation.keys, ...aggregates.map((one) => one.aggregate.as));
    }
    case "group":
      return streamNamed(operation.input)
        .groupBy(...operation.keys)
        .agg(...operation.aggregates.map((text) => aggregateOf(text, operation.names)));
    case "dropDuplicates": {
      const input = streamNamed(operation.input);
      const columns = operation.columns ?? [];
      return operation.withinWatermark
        ? input.dropDuplicatesWithinWatermark(columns)
        : input.dropDuplicates(columns);
    }
    case "filter": {
      const input = streamNamed(operation.input);
      const parts = "and" in operation.where ? operation.where.and : [operation.where];
      const [first, ...others] = parts.flatMap((part) => conditionsOf(part, input));
      if (first === undefined) return input;
      return input.filter(others.reduce((all, part) => all.and(part), first));
    }
    case "union": {
      const [first, ...others] = operation.inputs.map(streamNamed);
      if (first === undefined) throw new RangeError("a union of nothing");
      return first.union(...others);
    }
    case "join": {
      const bounds = operation.rightMinusLeft ?? undefined;
      const [from, to] = bounds ?? [null, null];
      return streamNamed(operation.left).join(streamNamed(operation.right), {
        type: operation.type,
        on: operation.equal,
        within:
          bounds === undefined
            ? undefined
            : {
                left: "ts",
                right: "ts",
                ...(from === null ? {} : { from: from * 1000 }),
                ...(to === null ? {} : { to: to * 1000 }),
              },
        select: operation.columns,
      });
    }
    case "joinStatic":
      return streamNamed(operation.input).joinStatic(staticTable(tables[operation.table] ?? []), {
        type: operation.type,
        on: operation.equal,
        adds: operation.adds,
      });
  }
}

/** `sum(value)` → the aggregate, named by `names` or by its function. */
function aggregateOf(text: string, names: Readonly<Record<string, string>>): AggregateColumn {
  const match = /^(\w+)\((distinct )?(.+)\)$/i.exec(text);
  const name = match?.[1]?.toLowerCase() ?? "";
  const column = match?.[3] ?? "";
  const as = names[text] ?? name;
  if (match?.[2] !== undefined) return countDistinct(column).as(as);
  const known: Readonly<Record<string, (column: string) => AggregateColumn>> = { count, sum, avg, min, max };
  const make = known[name];
  if (make === undefined) throw new RangeError(`unknown aggregate ${text}`);
  return make(column).as(as);
}

function conditionsOf(part: Comparison, input: DataStream): ColumnExpression[] {
  const isTime = input.schema.some((one) => one.name === part.column && one.type.kind === "timestamp");
  const constant = (value: string | number | boolean | null): ColumnExpression =>
    isTime && typeof value === "number" ? timestamp(value * 1000) : lit(value);
  const column = col(part.column);
  return [
    ...(part.equals === undefined ? [] : [column.eq(constant(part.equals))]),
    ...(part.notEquals === undefined ? [] : [column.neq(constant(part.notEquals))]),
    ...(part.gt === undefined ? [] : [column.gt(constant(part.gt))]),
    ...(part.lt === undefined ? [] : [column.lt(constant(part.lt))]),
  ];
}

function staticTable(rows: readonly VectorRow[]): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const fields = names.map((name): Field => {
    const isText = rows.some((row) => typeof row[name] === "string");
    return { name, type: isText ? STRING : INT64, nullable: true };
  });
  return tableFromRows(
    fields,
    rows.map((row) =>
      Object.fromEntries(
        names.map((name) => {
          const value = row[name] ?? null;
          return [name, typeof value === "object" ? null : value];
        }),
      ),
    ),
  );
}
