import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { rowsOf } from "../../src/core/table.ts";
import { leadEvents } from "../../src/data/lead-events/lead-events.ts";
import { openEngine } from "../../src/engines/open.ts";
import { type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { openPostgres, type Postgres } from "../../src/services/postgres/client.ts";
import { type RunningPostgres, startPostgres } from "../../src/services/postgres/embedded/server.ts";
import { committedFiles } from "../../src/streaming/index.ts";
import { learnerFolder } from "../e2e/run-taller.ts";

const KILLS = Number(process.env.TALLER_STREAM_KILLS ?? 60);
/** Some batches for each kill, and some that are left for the end. */
const EVENTS = KILLS * 2_000 + 20_000;
const BATCH_ROWS = 250;
const PHASES = ["before its first batch", "planned, not committed", "between two batches", "ended"] as const;

const folder = learnerFolder();
const checkpoint = join(folder.dir, "checkpoint");
const parquet = join(folder.dir, "scores");
const program = join(folder.dir, "query.mjs");
let kafka: KafkaServer;
let postgres: RunningPostgres;
let log: TopicLog;
let database: Postgres;

beforeAll(async () => {
  kafka = await startKafka({ folder: join(folder.dir, "kafka"), port: 0 });
  postgres = await startPostgres({ folder: join(folder.dir, "postgres"), port: 0 });
  log = openTopicLog({ brokers: kafka.brokers });
  database = await openPostgres({ url: postgres.url });
  await log.createTopic("events", { partitions: 4, config: { "retention.ms": "-1" } });
  await log.createTopic("out", { partitions: 2 });
  let partition = 0;
  for (const batch of leadEvents({ seed: 7, malformed: 0, duplicates: 0 }).batches({ to: EVENTS })) {
    const { count, values, keys, timestamps } = batch;
    await log.append("events", partition, { count, values, keys, timestamps });
    partition = (partition + 1) % 4;
  }
  writeFileSync(program, queryProgram());
});

afterAll(async () => {
  await database.close();
  await log.close();
  await postgres.close();
  await kafka.close();
  folder.remove();
});

test(`${KILLS} kills of a query leave every event once in files and in PostgreSQL, and in Kafka`, {
  timeout: 120_000 + KILLS * 10_000,
}, async () => {
  const random = seededRandom(Date.now());
  const histogram = new Map<string, number>();
  const windowMs = 400;
  for (let i = 0; i < KILLS; i++) {
    const run = start();
    // One in six at any time from the start, the others once it runs.
    if (i % 6 !== 0) await run.firstBatch;
    await sleep(random.double() * windowMs);
    const phase = phaseOf(run);
    run.child.kill("SIGKILL");
    await run.ended;
    histogram.set(phase, (histogram.get(phase) ?? 0) + 1);
    if ((i + 1) % 100 === 0) console.log(`${i + 1} of ${KILLS} kills`);
  }
  const last = start();
  expect(await last.ended, last.said()).toBe(0);
  const lines = PHASES.map((name) => `  ${name.padEnd(24)} ${String(histogram.get(name) ?? 0).padStart(4)}`);
  console.log(`kills of a streaming query, by phase\n${lines.join("\n")}`);
  expect(histogram.get("planned, not committed") ?? 0).toBeGreaterThan(KILLS / 10);

  expect(await inFiles()).toEqual({ rows: EVENTS, events: EVENTS });
  const inPostgres = await database.query<{ rows: bigint; events: bigint }>(
    "SELECT count(*) AS rows, count(DISTINCT event_id) AS events FROM events",
  );
  expect(inPostgres.rows.map((row) => [Number(row.rows), Number(row.events)])).toEqual([[EVENTS, EVENTS]]);
  const inKafka = await idsInKafka();
  expect(inKafka.events).toBe(EVENTS);
  expect(inKafka.rows).toBeGreaterThanOrEqual(EVENTS);
  console.log(`${EVENTS} events: as many in files and in PostgreSQL, ${inKafka.rows} records in Kafka`);
  // The folder does not grow for ever: what no restart needs is gone.
  expect(readdirSync(join(checkpoint, "offsets")).length).toBeLessThan(250);
});

interface Run {
  readonly child: ChildProcess;
  readonly firstBatch: Promise<unknown>;
  readonly ended: Promise<number | null>;
  hasBatch(): boolean;
  said(): string;
}

function start(): Run {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let wake = () => {};
  const firstBatch = new Promise<void>((resolve) => {
    wake = resolve;
  });
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdout.once("data", () => wake());
  let hasBatch = false;
  child.stdout.on("data", () => {
    hasBatch = true;
  });
  const ended = once(child, "close").then(([code]) => {
    wake();
    return code as number | null;
  });
  return { child, firstBatch, ended, hasBatch: () => hasBatch, said: () => said };
}

/** By what the checkpoint says at the moment of the kill. */
function phaseOf(run: Run): (typeof PHASES)[number] {
  if (run.child.exitCode !== null) return "ended";
  if (!run.hasBatch()) return "before its first batch";
  return newest("offsets") > newest("commits") ? "planned, not committed" : "between two batches";
}

function newest(name: string): number {
  const ids = readdirSync(join(checkpoint, name)).filter((file) => /^\d+$/.test(file));
  return Math.max(-1, ...ids.map(Number));
}

async function inFiles(): Promise<{ rows: number; events: number }> {
  const engine = await openEngine("duckdb");
  const files = await committedFiles(parquet);
  await engine.register("found", { kind: "parquet", paths: files.map(({ path }) => join(parquet, path)) });
  const [row] = rowsOf(
    await engine.query("SELECT count(*) AS n, count(DISTINCT event_id) AS events FROM found"),
  );
  await engine.close();
  return { rows: Number(row?.n), events: Number(row?.events) };
}

async function idsInKafka(): Promise<{ rows: number; events: number }> {
  const ids = new Set<string>();
  let rows = 0;
  const text = new TextDecoder();
  for (const [partition, to] of await log.offsets("out", "latest")) {
    for await (const records of log.read({ topic: "out", partition, from: 0, to })) {
      const { bytes, valueStarts, valueEnds } = records;
      for (let row = 0; row < records.count; row++) {
        const value = JSON.parse(text.decode(bytes.subarray(valueStarts[row], valueEnds[row]))) as {
          event_id: string;
        };
        ids.add(value.event_id);
        rows++;
      }
    }
  }
  return { rows, events: ids.size };
}

/** Kafka, de-duplicated within a watermark, to three sinks; says each batch on a line. */
function queryProgram(): string {
  mkdirSync(checkpoint, { recursive: true });
  const dist = (path: string) => JSON.stringify(new URL(`../../dist/src/${path}`, import.meta.url).href);
  const given = JSON.stringify({ brokers: kafka.brokers, url: postgres.url, checkpoint, parquet });
  return `
const { filesSink, kafkaSink, postgresSink, readStream } = await import(${dist("streaming/index.js")});
const { openTopicLog } = await import(${dist("services/kafka/topic-log.js")});
const { openPostgres } = await import(${dist("services/postgres/client.js")});
const { openEngine } = await import(${dist("engines/open.js")});
const given = ${given};
const log = openTopicLog({ brokers: given.brokers });
const database = await openPostgres({ url: given.url });
const engine = await openEngine("duckdb", { threads: 1 });
const sinks = [
  filesSink({ engine, path: given.parquet }),
  kafkaSink({ log, topic: "out", key: "lead_id" }),
  postgresSink({ database, table: "events" }),
];
const query = readStream
  .kafka({
    log,
    topic: "events",
    startingOffsets: "earliest",
    maxOffsetsPerTrigger: ${BATCH_ROWS},
    json: [
      { name: "event_id", type: { kind: "string" }, isRequired: true },
      { name: "lead_id", type: { kind: "string" }, isRequired: true },
      { name: "event_time", type: { kind: "timestamp" }, isRequired: true },
    ],
  })
  .withWatermark("event_time", "100 seconds")
  .dropDuplicatesWithinWatermark(["event_id"])
  .writeStream.outputMode("append")
  .trigger({ availableNow: true })
  .checkpointLocation(given.checkpoint)
  .to({
    description: "three",
    modes: ["append"],
    open: async (context) => { for (const sink of sinks) await sink.open?.(context); },
    write: async (batch) => { for (const sink of sinks) await sink.write(batch); },
    stop: async () => { for (const sink of sinks) await sink.stop?.(); },
  })
  .settings({ onProgress: (progress) => process.stdout.write("batch " + progress.batchId + "\\n") })
  .start();
await query.awaitTermination();
await engine.close();
await database.close();
await log.close();
`;
}
