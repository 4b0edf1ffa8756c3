import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { leadEvents } from "../src/data/lead-events/lead-events.ts";
import { openTopicLog, type TopicLog } from "../src/services/kafka/topic-log.ts";
import type { BenchOptions, BenchRow } from "./bench-row.ts";
import { measureProcess } from "./process-cost.ts";
import { CASES, type Case, type Latency, rowsOf, type Throughput } from "./streaming/result-rows.ts";
import { writeScoringInputs } from "./streaming/scoring-inputs.ts";
import { fitSparkModel, peerEnvironment, scoresBySql, sparkCommand } from "./streaming/spark-peer.ts";

const server = new URL("../src/services/kafka/embedded/server.js", import.meta.url);
const job = fileURLToPath(new URL("./streaming/job.js", import.meta.url));

/**
 * The streaming engine against Spark Structured Streaming local[2], on the same topic of the same (embedded) broker:
 * `--events` (5000000) JSON events of some 190 bytes in 4 partitions. Two jobs (`--cases windows,scoring`): parse,
 * watermark, tumbling count and sum by lead, update mode; and parse, join with the table of leads, a model's score.
 * Spark's model is MLlib's own of the same size; with `--spark-model sql` ours as an expression, with the same scores.
 * Each with a checkpoint: whole process, steady state (all batches but the first two), and the latency from event to
 * sink at 10,000 events a second for `--seconds` (20).
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const events = Number(options.flags.events ?? 5_000_000);
  const cases = (options.flags.cases ?? "windows,scoring").split(",").map(caseName);
  const broker = await startBroker(options.folder);
  const log = openTopicLog({ brokers: broker.brokers });
  try {
    options.say(`${events} events to the topic`);
    await fill(log, "bench", events);
    const rows: BenchRow[] = [];
    for (const name of cases) {
      const inputs = name === "scoring" ? [join(options.folder, "scoring")] : [];
      for (const folder of inputs) {
        await writeScoringInputs(folder);
        await fitSparkModel(folder, options);
      }
      rows.push(...(await compare({ name, inputs, events, brokers: broker.brokers, log, options })));
    }
    return rows;
  } finally {
    await log.close();
    broker.stop();
  }
}

function caseName(name: string): Case {
  if (name === "windows" || name === "scoring") return name;
  throw new Error(`--cases: ${name} is none of ${Object.keys(CASES).join(", ")}`);
}

/** One job, ours and Spark's one after the other, first through the whole topic, then beside a producer. */
async function compare(input: {
  readonly name: Case;
  /** What the job takes beside the topic. */
  readonly inputs: readonly string[];
  readonly events: number;
  readonly brokers: string;
  readonly log: TopicLog;
  readonly options: BenchOptions;
}): Promise<BenchRow[]> {
  const { name, inputs, events, brokers, log, options } = input;
  const seconds = Number(options.flags.seconds ?? 20);
  const maxOffsets = String(options.flags.batch ?? 500_000);
  const spark = sparkCommand(options);
  const through = (of: string[], who: string) => {
    const checkpoint = join(options.folder, `${name}-${who}`);
    return throughput([...of, brokers, "bench", maxOffsets, checkpoint, ...inputs], who, options);
  };
  const ours = await through([process.execPath, job], "ours");
  const theirs = spark === undefined ? undefined : await through(spark, "spark");
  if (theirs !== undefined) requireSameWork(ours, theirs, scoresBySql(options));
  const waits = (of: string[], who: string) =>
    latency(of, { name: `${name}-${who}-latency`, seconds, brokers, inputs, log, options });
  const ourWait = await waits([process.execPath, job], "ours");
  const theirWait = spark === undefined ? undefined : await waits(spark, "spark");
  return rowsOf({ name, events, ours, theirs, ourWait, theirWait });
}

/** Both have read every event; where the model is the same, the sums of the scores agree to 1e-9. */
function requireSameWork(ours: Throughput, theirs: Throughput, isSameModel: boolean): void {
  const difference = isSameModel ? Math.abs(ours.scores - theirs.scores) : 0;
  if (ours.events !== theirs.events || difference > 1e-9 * Math.abs(theirs.scores))
    throw new Error(
      `not the same work: ${ours.events} events, scores ${ours.scores}; Spark ${theirs.events}, ${theirs.scores}`,
    );
}

async function throughput(
  [command = "", ...args]: readonly string[],
  name: string,
  options: BenchOptions,
): Promise<Throughput> {
  const cost = await measureProcess(command, args, { env: peerEnvironment(options) });
  if (cost.exitCode !== 0) throw new Error(`${name}: ${cost.stderr.slice(-2_000)}`);
  const said = JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? "") as {
    events: number;
    out: number;
    steadyPerSecond: number;
    scores: number;
  };
  options.say(
    `${name}: ${cost.seconds.toFixed(1)} s, ${Math.round(said.steadyPerSecond)} events/s steady · ${JSON.stringify(said)}`,
  );
  return { cost, ...said };
}

/** 10,000 events a second, a hundred every ten milliseconds, while the job runs. */
async function latency(
  [command = "", ...args]: readonly string[],
  input: {
    readonly name: string;
    readonly seconds: number;
    readonly brokers: string;
    readonly inputs: readonly string[];
    readonly log: TopicLog;
    readonly options: BenchOptions;
  },
): Promise<Latency> {
  const { name, seconds, brokers, inputs, log, options } = input;
  await log.createTopic(name, { partitions: 4 });
  const all = [...args, brokers, name, "--latency", String(seconds), join(options.folder, name), ...inputs];
  const env = peerEnvironment(options);
  const child = spawn(command, all, { stdio: ["ignore", "pipe", "inherit"], env });
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
