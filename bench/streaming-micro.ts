import type { Field, Table } from "../src/core/table.ts";
import { openEngine } from "../src/engines/open.ts";
import { count, streamOf, sum, window } from "../src/streaming/data-stream.ts";
import { JsonColumns, type JsonField } from "../src/streaming/json/json-columns.ts";
import { memorySink } from "../src/streaming/sinks/memory.ts";
import type { StreamSource } from "../src/streaming/sources/source.ts";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";

const RUNS = 5;
const BATCHES = 5;

const FIELDS: readonly JsonField[] = [
  { name: "event_id", type: { kind: "string" } },
  { name: "lead_id", type: { kind: "string" } },
  { name: "type", type: { kind: "string" } },
  { name: "event_time", type: { kind: "timestamp" } },
  { name: "visits", type: { kind: "int64" } },
  { name: "minutes_on_site", type: { kind: "float64" } },
  { name: "source", type: { kind: "string" } },
];

const DUCKDB_TYPES = {
  string: "VARCHAR",
  timestamp: "TIMESTAMP",
  int64: "BIGINT",
  float64: "DOUBLE",
} as const;

/** Messages of some 190 bytes, one after the other in one buffer, as a batch of a Kafka partition is. */
interface Messages {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * One thread, from memory: JSON messages to typed columns by our scanner, by `JSON.parse` a message and by DuckDB's
 * `from_json`; then the whole of parse, watermark, tumbling count and sum by lead, update mode, with its checkpoint
 * on disk. Events per CPU-second, garbage collection included; medians of five. `--events` a batch: 200000.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const events = Number(options.flags.events ?? 200_000);
  const batches = Array.from({ length: BATCHES }, (_, batch) => messages(batch * events, events));
  const [first] = batches;
  if (first === undefined) return [];
  const engine = await openEngine("duckdb", { threads: 1 });
  try {
    const perSecond = async (name: string, times: number, work: () => Promise<void>): Promise<number> => {
      options.say(`streaming-micro: ${name}`);
      const runs: number[] = [];
      for (let i = 0; i < RUNS + 1; i++) {
        const before = process.cpuUsage();
        await work();
        const { user, system } = process.cpuUsage(before);
        // The first run pays for compiling.
        if (i > 0) runs.push((times * 1e6) / (user + system));
      }
      return median(runs);
    };
    const scanner = await perSecond("scanner", events, async () => void scan(first));
    const parse = await perSecond("JSON.parse", events, async () => parseEach(first));
    const duckdb = await perSecond("DuckDB", events, async () => {
      await engine.register("messages", { kind: "table", table: textTable(first) });
      await engine.query(fromJson());
    });
    const whole = await perSecond("parse and aggregate", events * BATCHES, () => aggregate(batches));
    const row = { bench: "streaming-micro", metric: "throughput", unit: "events/CPU-s" };
    return [
      benchRow({
        ...row,
        case: "JSON to columns",
        ours: scanner,
        peer: "JSON.parse",
        peerValue: parse,
        aim: { on: "ratio", atLeast: 1 },
      }),
      benchRow({
        ...row,
        case: "JSON to columns",
        ours: scanner,
        peer: "DuckDB from_json",
        peerValue: duckdb,
        aim: { on: "ratio", atLeast: 1 },
      }),
      benchRow({ ...row, case: "parse and aggregate", ours: whole, aim: { on: "value", atLeast: 400_000 } }),
    ];
  } finally {
    await engine.close();
  }
}

function messages(from: number, count_: number): Messages {
  const texts = Array.from({ length: count_ }, (_, i) => {
    const n = from + i;
    return JSON.stringify({
      event_id: `evt-${n}-${(n * 7919) % 1_000_003}`,
      lead_id: `L${100_000 + ((n * 31) % 5_000)}`,
      type: ["visit", "email_open", "form", "call"][n % 4],
      event_time: new Date(1_700_000_000_000 + n * 2).toISOString(),
      visits: n % 37,
      minutes_on_site: (n % 500) / 10,
      source: "organic search",
      page: "/pricing/plans",
    });
  });
  const starts = new Int32Array(count_);
  const ends = new Int32Array(count_);
  let at = 0;
  texts.forEach((text, i) => {
    starts[i] = at;
    at += text.length;
    ends[i] = at;
  });
  return { bytes: Buffer.from(texts.join("")), starts, ends };
}

function scan({ bytes, starts, ends }: Messages): Table {
  const reader = new JsonColumns(FIELDS, starts.length);
  for (let i = 0; i < starts.length; i++) reader.add(bytes, starts[i] ?? 0, ends[i] ?? 0);
  return reader.finish().table;
}

/** The values of each message pushed to arrays, times read, nothing checked. */
function parseEach({ bytes, starts, ends }: Messages): void {
  const columns: unknown[][] = FIELDS.map(() => []);
  const times = new Float64Array(starts.length);
  for (let i = 0; i < starts.length; i++) {
    const message: unknown = JSON.parse(bytes.toString("utf8", starts[i], ends[i]));
    if (typeof message !== "object" || message === null) continue;
    for (const [k, { name }] of FIELDS.entries()) columns[k]?.push(Reflect.get(message, name));
    times[i] = Date.parse(String(Reflect.get(message, "event_time")));
  }
}

function textTable({ bytes, starts, ends }: Messages): Table {
  const fields: Field[] = [{ name: "value", type: { kind: "string" }, nullable: true }];
  const values = Array.from(starts, (start, i) => bytes.toString("utf8", start, ends[i]));
  return { fields, columns: [{ kind: "string", values }], rowCount: values.length };
}

function fromJson(): string {
  const types = Object.fromEntries(
    FIELDS.map(({ name, type }) => [name, Reflect.get(DUCKDB_TYPES, type.kind)]),
  );
  const columns = FIELDS.map(({ name }) => `j.${name}`).join(", ");
  return `SELECT ${columns} FROM (SELECT from_json(value, '${JSON.stringify(types)}') AS j FROM messages)`;
}

async function aggregate(batches: readonly Messages[]): Promise<void> {
  const last = batches.length - 1;
  const source: StreamSource = {
    description: "messages in memory",
    attributes: FIELDS.map(({ name, type }) => ({ name, type })),
    isReplayable: true,
    latestOffset: async (start) => String(start === undefined ? 0 : Math.min(last, Number(start) + 1)),
    read: async (_, end) => {
      const batch = batches[Number(end)];
      if (batch === undefined) throw new RangeError(`no batch ${end}`);
      return { table: scan(batch) };
    },
  };
  const query = streamOf(source)
    .withWatermark("event_time", "10 minutes")
    .groupBy(window("event_time", "1 minute"), "lead_id")
    .agg(count(), sum("visits"))
    .writeStream.outputMode("update")
    .trigger({ availableNow: true })
    .to(memorySink())
    .start();
  await query.awaitTermination();
}
