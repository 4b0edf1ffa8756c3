import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { leadEvents } from "../src/data/lead-events/lead-events.ts";
import { openTopicLog, type TopicLog } from "../src/services/kafka/topic-log.ts";
import { type BenchOptions, type BenchRow, benchRow } from "./bench-row.ts";
import { measureProcess, type ProcessCost } from "./process-cost.ts";

const server = new URL("../src/services/kafka/embedded/server.js", import.meta.url);
const job = fileURLToPath(new URL("./streaming/job.js", import.meta.url));
const peer = fileURLToPath(new URL("../../bench/peers/streaming_spark.py", import.meta.url));
const cache = process.env.TALLER_BENCH_CACHE ?? join(homedir(), ".cache", "taller-bench");

/**
 * The streaming engine against Spark Structured Streaming local[2], on the same topic of the same (embedded) broker:
 * `--events` (5000000) JSON events of some 190 bytes in 4 partitions; parse, watermark, tumbling count and sum by
 * lead, update mode, a checkpoint. Whole process, steady state (all batches but the first two), and the latency from
 * event to sink at 10,000 events a second for `--seconds` (20).
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const events = Number(options.flags.events ?? 5_000_000);
  const seconds = Number(options.flags.seconds ?? 20);
  const maxOffsets = String(options.flags.batch ?? 500_000);
  const broker = await startBroker(options.folder);
  const log = openTopicLog({ brokers: broker.brokers });
  try {
    options.say(`${events} events to the topic`);
    await fill(log, "bench", events);
    const spark = sparkCommand(options);
    const through = (of: string[], name: string) =>
      throughput([...of, broker.brokers, "bench", maxOffsets, join(options.folder, name)], name, options);
    const ours = await through([process.execPath, job], "ours");
    const theirs = spark === undefined ? undefined : await through(spark, "spark");
    const waits = (of: string[], name: string) =>
      latency(of, { name, seconds, brokers: broker.brokers, log, options });
    const ourWait = await waits([process.execPath, job], "ours-latency");
    const theirWait = spark === undefined ? undefined : await waits(spark, "spark-latency");
    return rowsOf({ events, ours, theirs, ourWait, theirWait });
  } finally {
    await log.close();
    broker.stop();
  }
}

interface Throughput {
  readonly cost: ProcessCost;
  readonly steadyPerSecond: number;
  readonly events: number;
}

async function throughput(
  [command = "", ...args]: readonly string[],
  name: string,
  options: BenchOptions,
): Promise<Throughput> {
  const cost = await measureProcess(command, args);
  if (cost.exitCode !== 0) throw new Error(`${name}: ${cost.stderr.slice(-2_000)}`);
  const said = JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? "") as {
    events: number;
    out: number;
    steadyPerSecond: number;
  };
  options.say(
    `${name}: ${cost.seconds.toFixed(1)} s, ${Math.round(said.steadyPerSecond)} events/s steady · ${JSON.stringify(said)}`,
  );
  return { cost, ...said };
}

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** 10,000 events a second, a hundred every ten milliseconds, while the job runs. */
async function latency(
  [command = "", ...args]: readonly string[],
  input: {
    readonly name: string;
    readonly seconds: number;
    readonly brokers: string;
    readonly log: TopicLog;
    readonly options: BenchOptions;
  },
): Promise<Latency> {
  const { name, seconds, brokers, log, options } = input;
  await log.createTopic(name, { partitions: 4 });
  const all = [...args, brokers, name, "--latency", String(seconds), join(options.folder, name)];
  const child = spawn(command, all, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let isRunning = true;
  let last = "";
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      if (line === "ready") resolve();
      last = line;
    });
  });
  await Promise.race([ready, ended]);
  void ended.then(() => {
    isRunning = false;
  });
  const began = performance.now();
  for (let sent = 0; isRunning; ) {
    const due = Math.floor((performance.now() - began) / 10) * 100;
    const writes: Promise<unknown>[] = [];
    for (; sent < due; sent += 100)
      writes.push(log.append(name, (sent / 100) % 4, { count: 100, values: nowEvents(100) }));
    await Promise.all(writes);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const said = JSON.parse(last) as Latency & { events: number };
  options.say(`${name}: ${JSON.stringify(said)}`);
  return said;
}

/** Events whose time is now. */
function nowEvents(count: number) {
  const time = new Date().toISOString();
  const value = `{"event_id":"now","lead_id":"00000317","type":"call","event_time":"${time}","visits":16,"minutes_on_site":14.9,"emails_opened":0,"days_since_contact":0}`;
  const one = new TextEncoder().encode(value);
  const bytes = new Uint8Array(one.length * count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    bytes.set(one, i * one.length);
    starts[i] = i * one.length;
    ends[i] = (i + 1) * one.length;
  }
  return { bytes, starts, ends };
}

async function fill(log: TopicLog, topic: string, events: number): Promise<void> {
  // The events are of a year ago: seven days of retention would remove them.
  await log.createTopic(topic, { partitions: 4, config: { "retention.ms": "-1" } });
  const stream = leadEvents({ seed: 7, malformed: 0 });
  let partition = 0;
  for (const batch of stream.batches({ to: events })) {
    await log.append(topic, partition, {
      count: batch.count,
      values: batch.values,
      keys: batch.keys,
      timestamps: batch.timestamps,
    });
    partition = (partition + 1) % 4;
  }
}

async function startBroker(folder: string): Promise<{ brokers: string; stop(): void }> {
  const options = JSON.stringify({ folder: join(folder, "kafka"), port: 0 });
  const program = `import { startKafka } from ${JSON.stringify(server.href)};
console.log((await startKafka(${options})).brokers);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const brokers = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("close", () => reject(new Error("the broker does not start")));
  });
  return { brokers, stop: () => child.kill() };
}

/** The interpreter, the job and the connector's jars; undefined, said, where they are not there. */
function sparkCommand(options: BenchOptions): string[] | undefined {
  const python = join(cache, "venv", "bin", "python");
  const folder = join(cache, "spark-kafka");
  if (options.flags.spark === "no") return undefined;
  if (!existsSync(python) || !existsSync(folder)) {
    options.say("PySpark or its Kafka connector is not there: bash bench/setup.sh installs both");
    return undefined;
  }
  const jars = readdirSync(folder).filter((name) => name.endsWith(".jar"));
  return [python, peer, jars.map((name) => join(folder, name)).join(",")];
}

function rowsOf(input: {
  readonly events: number;
  readonly ours: Throughput;
  readonly theirs: Throughput | undefined;
  readonly ourWait: Latency;
  readonly theirWait: Latency | undefined;
}): BenchRow[] {
  const { events, ours, theirs, ourWait, theirWait } = input;
  const base = {
    bench: "streaming",
    case: `${events.toLocaleString("en")} events, windows by lead`,
    peer: "Spark local[2]",
  };
  const slow = { bench: "streaming", case: "10,000 events/s, event to sink", peer: "Spark local[2]" };
  const perCpu = (one: Throughput) => one.events / (one.cost.cpuSeconds ?? Number.NaN);
  return [
    benchRow({
      ...base,
      metric: "steady rate",
      unit: "events/s",
      ours: ours.steadyPerSecond,
      peerValue: theirs?.steadyPerSecond ?? null,
      aim: { on: "ratio", atLeast: 2 },
    }),
    benchRow({
      ...base,
      metric: "whole process",
      unit: "s",
      ours: ours.cost.seconds,
      peerValue: theirs?.cost.seconds ?? null,
    }),
    benchRow({
      ...base,
      metric: "events per CPU-second",
      unit: "events",
      ours: perCpu(ours),
      peerValue: theirs === undefined ? null : perCpu(theirs),
      aim: { on: "ratio", atLeast: 3 },
    }),
    benchRow({
      ...base,
      metric: "peak memory",
      unit: "MB",
      ours: (ours.cost.peakBytes ?? Number.NaN) / 1e6,
      peerValue: theirs === undefined ? null : (theirs.cost.peakBytes ?? Number.NaN) / 1e6,
      aim: { on: "ratio", atMost: 0.25 },
    }),
    benchRow({
      ...slow,
      metric: "median latency",
      unit: "ms",
      ours: ourWait.p50Ms,
      peerValue: theirWait?.p50Ms ?? null,
    }),
    benchRow({
      ...slow,
      metric: "latency, 99th percentile",
      unit: "ms",
      ours: ourWait.p99Ms,
      peerValue: theirWait?.p99Ms ?? null,
      aim: { on: "ratio", atMost: 0.2 },
    }),
  ];
}
