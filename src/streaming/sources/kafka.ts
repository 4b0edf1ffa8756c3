import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode, UserError } from "../../core/errors.ts";
import type { Column, Table } from "../../core/table.ts";
import type { RecordColumns, TopicLog } from "../../services/kafka/topic-log.ts";
import { type Attribute, INT64, STRING, TIMESTAMP } from "../attribute.ts";
import { unreadable } from "../checkpoint/metadata-log.ts";
import { JsonColumns, type JsonField } from "../json/json-columns.ts";
import { fromDoubles } from "../micros.ts";
import { DeadLetters } from "./dead-letters.ts";
import type { SourceRows, StreamSource } from "./source.ts";

export interface KafkaSourceOptions {
  readonly log: TopicLog;
  readonly topic: string;
  /**
   * Where a new query begins: Spark's default for a stream is `latest`. Offsets by partition, `{"0": 23}`, name a
   * place; partitions that are not named begin at latest. A restart goes on from its checkpoint, whatever stands here.
   */
  readonly startingOffsets?: "earliest" | "latest" | Readonly<Record<string, number>> | undefined;
  /** Default true: records that retention removed before they were read end the query. False: they are skipped. */
  readonly failOnDataLoss?: boolean | undefined;
  /** At most so many records a batch, shared out among the partitions by what each has. Default: all there are. */
  readonly maxOffsetsPerTrigger?: number | undefined;
  /**
   * The values are JSON objects with these fields: they become typed columns, and what does not fit a dead letter.
   * Absent: columns `key`, `value` (texts), `topic`, `partition`, `offset` and `timestamp`, as in Spark.
   */
  readonly json?: readonly JsonField[] | undefined;
  /** With `json`: adds `partition`, `offset` and `timestamp` of the record under these names. */
  readonly metadata?:
    | { readonly partition?: string; readonly offset?: string; readonly timestamp?: string }
    | undefined;
}

type Offsets = Readonly<Record<string, number>>;

/**
 * Records of a Kafka topic by ranges of offsets: rule 18. An offset is `{"<topic>":{"<partition>":<next>}}`, as
 * Spark writes it; a partition that appears later starts at its earliest record.
 */
export function kafkaSource(options: KafkaSourceOptions): StreamSource {
  const { log, topic } = options;
  let end: Offsets | undefined;
  let initial: Offsets = {};
  return {
    description: `KafkaV2[Subscribe[${topic}]]`,
    isReplayable: true,
    attributes: attributesOf(options),
    async open({ folder }) {
      end = undefined;
      initial = await initialOffsets(options, join(folder, "0"));
    },
    async prepareForAvailableNow() {
      end = offsetsOf(await log.offsets(topic, "latest"));
    },
    async latestOffset(start, isUnlimited) {
      const from = start === undefined ? initial : parseOffsets(start, topic);
      const latest = end ?? offsetsOf(await log.offsets(topic, "latest"));
      const begins = await beginnings(log, topic, from, latest);
      const known = { ...begins, ...from };
      // An end before where we are: the topic is another one. Its offsets are taken over, or end the query.
      for (const [partition, at] of Object.entries(latest)) {
        const before = known[partition] ?? 0;
        if (at < before && (options.failOnDataLoss ?? true))
          throw dataLoss(topic, Number(partition), before, at);
      }
      const limit = isUnlimited ? undefined : options.maxOffsetsPerTrigger;
      const until = limited(known, latest, limit);
      // A new query over a topic without records has nothing yet; offsets that stand still are no news.
      const moved = Object.keys(until).some((partition) => until[partition] !== from[partition]);
      if (start !== undefined && !moved) return start;
      if (
        start === undefined &&
        Object.keys(until).every((partition) => until[partition] === initial[partition])
      )
        return undefined;
      return JSON.stringify({ [topic]: until });
    },
    async read(start, until) {
      const from = start === undefined ? initial : parseOffsets(start, topic);
      const to = parseOffsets(until, topic);
      const begins = await beginnings(log, topic, from, to);
      const there = {
        earliest: await log.offsets(topic, "earliest"),
        latest: await log.offsets(topic, "latest"),
      };
      const batches: { partition: number; records: RecordColumns }[] = [];
      for (const [name, last] of Object.entries(to)) {
        const partition = Number(name);
        const range = rangeThere(
          options,
          { partition, from: from[name] ?? begins[name] ?? 0, to: last },
          there,
        );
        if (range.from >= range.to) continue;
        for await (const records of log.read({ topic, partition, ...range }))
          batches.push({ partition, records });
      }
      return options.json === undefined
        ? { table: plainTable(topic, batches) }
        : jsonTable(options, options.json, batches);
    },
  };
}

/** Spark's columns of a record; keys and values as texts. */
const RECORD_FIELDS = [
  { name: "key", type: STRING, nullable: true },
  { name: "value", type: STRING, nullable: true },
  { name: "topic", type: STRING, nullable: false },
  { name: "partition", type: { kind: "int32" as const }, nullable: false },
  { name: "offset", type: INT64, nullable: false },
  { name: "timestamp", type: TIMESTAMP, nullable: false },
];

function attributesOf(options: KafkaSourceOptions): Attribute[] {
  if (options.json === undefined) return RECORD_FIELDS.map(({ name, type }) => ({ name, type }));
  const { partition, offset, timestamp } = options.metadata ?? {};
  return [
    ...options.json.map(({ name, type }) => ({ name, type })),
    ...(partition === undefined ? [] : [{ name: partition, type: { kind: "int32" as const } }]),
    ...(offset === undefined ? [] : [{ name: offset, type: INT64 }]),
    ...(timestamp === undefined ? [] : [{ name: timestamp, type: TIMESTAMP }]),
  ];
}

/** Where a new query begins, kept so that it is the same after a crash before the first commit. */
async function initialOffsets(options: KafkaSourceOptions, path: string): Promise<Offsets> {
  try {
    const [version, line] = (await readFile(path, "utf8")).split("\n");
    if (version !== "v1") throw unreadable(path, `its first line is "${version}", not "v1"`);
    return parseOffsets(line ?? "", options.topic);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  const { log, topic, startingOffsets = "latest" } = options;
  const isPlace = startingOffsets === "earliest" || startingOffsets === "latest";
  const base = offsetsOf(await log.offsets(topic, isPlace ? startingOffsets : "latest"));
  const offsets = isPlace ? base : { ...base, ...startingOffsets };
  await writeFileAtomic(path, `v1\n${JSON.stringify({ [topic]: offsets })}`);
  return offsets;
}

/** The earliest offsets of the partitions that `known` does not have. */
async function beginnings(log: TopicLog, topic: string, known: Offsets, all: Offsets): Promise<Offsets> {
  const fresh = Object.keys(all).filter((partition) => known[partition] === undefined);
  if (fresh.length === 0) return {};
  const earliest = offsetsOf(await log.offsets(topic, "earliest"));
  return Object.fromEntries(fresh.map((partition) => [partition, earliest[partition] ?? 0]));
}

/** The part of a range that is there; records that are gone end the query, or are skipped. */
function rangeThere(
  options: KafkaSourceOptions,
  range: { readonly partition: number; readonly from: number; readonly to: number },
  there: { readonly earliest: ReadonlyMap<number, number>; readonly latest: ReadonlyMap<number, number> },
): { readonly from: number; readonly to: number } {
  const { partition, from, to } = range;
  const first = there.earliest.get(partition);
  const last = there.latest.get(partition);
  const isGone = first === undefined || last === undefined || first > from || last < to;
  if (from < to && isGone && (options.failOnDataLoss ?? true))
    throw dataLoss(options.topic, partition, from, first);
  return { from: Math.max(from, first ?? to), to: Math.min(to, last ?? from) };
}

/** Ends of the next batch: each partition gets its share of the limit by how much it has (Spark's rateLimit). */
function limited(from: Offsets, latest: Offsets, limit: number | undefined): Offsets {
  const partitions = Object.keys(latest);
  const waiting = partitions.map((one) => Math.max(0, (latest[one] ?? 0) - (from[one] ?? 0)));
  const total = waiting.reduce((sum, one) => sum + one, 0);
  return Object.fromEntries(
    partitions.map((one, i) => {
      const begin = from[one] ?? 0;
      const size = waiting[i] ?? 0;
      if (limit === undefined || total <= limit || size === 0) return [one, latest[one] ?? begin];
      const share = (size * limit) / total;
      // A partition with anything to give gives at least one record, so none starves.
      return [one, begin + Math.min(size, share < 1 ? Math.ceil(share) : Math.floor(share))];
    }),
  );
}

type Batch = { readonly partition: number; readonly records: RecordColumns };

function plainTable(topic: string, batches: readonly Batch[]): Table {
  const rows = batches.reduce((sum, { records }) => sum + records.count, 0);
  const keys = texts(batches, rows, "key");
  const values = texts(batches, rows, "value");
  const columns: Column[] = [
    keys,
    values,
    { kind: "dictionary", codes: new Uint32Array(rows), dictionary: [topic] },
    ...metadataColumns(batches, rows),
  ];
  return { fields: RECORD_FIELDS, columns, rowCount: rows };
}

function texts(batches: readonly Batch[], rows: number, part: "key" | "value"): Column {
  const values: string[] = [];
  const validity = new Uint8Array(rows);
  for (const { records } of batches) {
    const starts = part === "key" ? records.keyStarts : records.valueStarts;
    const ends = part === "key" ? records.keyEnds : records.valueEnds;
    for (let row = 0; row < records.count; row++) {
      const start = starts[row] ?? -1;
      validity[values.length] = start < 0 ? 0 : 1;
      values.push(start < 0 ? "" : records.bytes.toString("utf8", start, ends[row] ?? start));
    }
  }
  return { kind: "string", values, ...(validity.includes(0) ? { validity } : {}) };
}

function metadataColumns(batches: readonly Batch[], rows: number): [Column, Column, Column] {
  const partitions = new Int32Array(rows);
  const offsets = new Float64Array(rows);
  const times = new Float64Array(rows);
  let row = 0;
  for (const { partition, records } of batches) {
    partitions.fill(partition, row, row + records.count);
    offsets.set(records.offsets, row);
    for (let i = 0; i < records.count; i++) times[row + i] = (records.timestamps[i] ?? 0) * 1000;
    row += records.count;
  }
  return [
    { kind: "int32", values: partitions },
    { kind: "int64", values: fromDoubles(offsets) },
    { kind: "timestamp", values: fromDoubles(times) },
  ];
}

/** Rows of the messages that fit the fields, in order; the others as dead letters. */
function jsonTable(
  options: KafkaSourceOptions,
  fields: readonly JsonField[],
  batches: readonly Batch[],
): SourceRows {
  const count = batches.reduce((sum, { records }) => sum + records.count, 0);
  const reader = new JsonColumns(fields, count);
  for (const { records } of batches) {
    const { bytes, valueStarts, valueEnds } = records;
    for (let row = 0; row < records.count; row++) {
      const start = valueStarts[row] ?? -1;
      reader.add(bytes, Math.max(0, start), start < 0 ? 0 : (valueEnds[row] ?? start));
    }
  }
  const { table, messages, bad } = reader.finish();
  const letters = new DeadLetters();
  let next = 0;
  let passed = 0;
  for (const { partition, records } of batches) {
    for (let one = bad[next]; one !== undefined && one.message < passed + records.count; one = bad[++next]) {
      const row = one.message - passed;
      const start = records.valueStarts[row] ?? -1;
      letters.add({
        source: options.topic,
        partition,
        offset: records.offsets[row] ?? 0,
        reason: start < 0 ? "no value" : one.reason,
        bytes: start < 0 ? undefined : records.bytes.subarray(start, records.valueEnds[row]),
      });
    }
    passed += records.count;
  }
  return { table: withMetadata(options, table, messages, batches, count), deadLetters: letters.table() };
}

function withMetadata(
  options: KafkaSourceOptions,
  table: Table,
  messages: Int32Array,
  batches: readonly Batch[],
  count: number,
): Table {
  const { metadata } = options;
  if (metadata === undefined) return table;
  const [partitions, offsets, times] = metadataColumns(batches, count);
  const added = [
    { name: metadata.partition, column: partitions, type: { kind: "int32" as const } },
    { name: metadata.offset, column: offsets, type: INT64 },
    { name: metadata.timestamp, column: times, type: TIMESTAMP },
  ].flatMap(({ name, column, type }) => (name === undefined ? [] : [{ name, column, type }]));
  return {
    fields: [...table.fields, ...added.map(({ name, type }) => ({ name, type, nullable: false }))],
    columns: [...table.columns, ...added.map(({ column }) => at(column, messages))],
    rowCount: table.rowCount,
  };
}

function at(column: Column, rows: Int32Array): Column {
  if (column.kind === "int32") return { kind: "int32", values: rows.map((row) => column.values[row] ?? 0) };
  if (column.kind !== "int64" && column.kind !== "timestamp") return column;
  const values = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i] ?? 0] ?? 0n;
  return { kind: column.kind, values };
}

function offsetsOf(offsets: ReadonlyMap<number, number>): Offsets {
  return Object.fromEntries(
    [...offsets].sort(([a], [b]) => a - b).map(([partition, at]) => [String(partition), at]),
  );
}

function parseOffsets(text: string, topic: string): Offsets {
  try {
    const value: unknown = JSON.parse(text);
    const offsets: unknown =
      typeof value === "object" && value !== null ? Reflect.get(value, topic) : undefined;
    if (typeof offsets === "object" && offsets !== null) {
      const entries = Object.entries(offsets);
      const isNumbers = (all: [string, unknown][]): all is [string, number][] =>
        all.every(([, at]) => typeof at === "number");
      if (isNumbers(entries)) return Object.fromEntries(entries);
    }
  } catch (error) {
    throw unreadable(`offsets of ${topic}`, `"${text.slice(0, 60)}" is no JSON`, error);
  }
  throw unreadable(`offsets of ${topic}`, `"${text.slice(0, 60)}" has no offsets of "${topic}"`);
}

function dataLoss(topic: string, partition: number, from: number, earliest: number | undefined): UserError {
  return new UserError({
    fault: "data",
    code: "kafka-data-loss",
    what: {
      es: `Los registros desde ${from} de ${topic}/${partition} ya no están (el primero es ${earliest ?? "ninguno"}): la retención los ha borrado antes de leerlos, o el topic es otro.`,
      en: `The records from ${from} of ${topic}/${partition} are gone (the first is ${earliest ?? "none"}): retention removed them before they were read, or the topic is another one.`,
    },
    where: `${topic}/${partition}`,
    next: [
      {
        es: "con failOnDataLoss: false la consulta sigue y se los salta",
        en: "with failOnDataLoss: false the query goes on and skips them",
      },
    ],
  });
}
