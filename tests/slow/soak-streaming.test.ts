import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leadEvents } from "../../src/data/lead-events/lead-events.ts";
import { type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { learnerFolder } from "../e2e/run-taller.ts";

/** Three minutes in CI; `TALLER_SOAK_MINUTES=20` for the long one. */
const MINUTES = Number(process.env.TALLER_SOAK_MINUTES ?? 3);
const EVENTS_PER_SECOND = 20_000;
/** Code that is compiled and state that is filled for the first time. */
const WARM_UP_MS = 20_000;
const folder = learnerFolder();
const checkpoint = join(folder.dir, "checkpoint");
let kafka: KafkaServer;
let log: TopicLog;

beforeAll(async () => {
  kafka = await startKafka({ folder: join(folder.dir, "kafka"), port: 0 });
  log = openTopicLog({ brokers: kafka.brokers });
  // What was read is removed, so that twenty minutes fit on a small disk; the stream's time is a year ago.
  const config = { "retention.ms": "-1", "retention.bytes": "200000000", "segment.bytes": "50000000" };
  await log.createTopic("events", { partitions: 4, config });
});

afterAll(async () => {
  await log.close();
  await kafka.close();
  folder.remove();
});

test(`${MINUTES} minutes at ${EVENTS_PER_SECOND} events a second take no more memory or disk at the end`, {
  timeout: (MINUTES + 3) * 60_000,
}, async () => {
  const program = join(folder.dir, "query.mjs");
  writeFileSync(program, queryProgram());
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trim().split("\n")) read = Number(line);
  });
  const memory: number[] = [];
  const disk: number[] = [];
  let sent = 0;
  const events = leadEvents({ seed: 7, rate: EVENTS_PER_SECOND, malformed: 0 }).batches();
  const began = performance.now();
  for (let nextSampleMs = WARM_UP_MS; performance.now() - began < MINUTES * 60_000; ) {
    const elapsedMs = performance.now() - began;
    while (sent < (elapsedMs / 1000) * EVENTS_PER_SECOND) {
      const { value } = events.next();
      if (value === undefined) throw new Error("the stream has no end");
      const { count, values, keys, timestamps } = value;
      await log.append("events", (sent / 4_096) % 4, { count, values, keys, timestamps });
      sent += count;
    }
    if (elapsedMs > nextSampleMs) {
      memory.push(await residentBytes(child.pid ?? 0));
      disk.push(await sizeOf(checkpoint));
      nextSampleMs += 1_000;
    }
    await sleep(20);
  }
  child.kill("SIGTERM");
  await ended;
  const quarter = (of: readonly number[], which: 0 | 3) =>
    median(of.slice(Math.floor((of.length * which) / 4), Math.floor((of.length * (which + 1)) / 4)));
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  console.log(
    `soak: ${sent} events sent, ${read} read in ${MINUTES} min; memory ${megabytes(quarter(memory, 0))} MB in the first quarter, ${megabytes(quarter(memory, 3))} MB in the last; checkpoint ${megabytes(quarter(disk, 0))} and ${megabytes(quarter(disk, 3))} MB`,
  );
  // It kept up: what is not read at the end came in the last seconds.
  expect(read).toBeGreaterThan(sent - 10 * EVENTS_PER_SECOND);
  expect(quarter(memory, 3)).toBeLessThanOrEqual(quarter(memory, 0) * 1.1);
  expect(quarter(disk, 3)).toBeLessThanOrEqual(quarter(disk, 0) * 1.1 + 5e6);
});

/** Counts and sums by lead and ten seconds; says after each batch how many rows it has read. */
function queryProgram(): string {
  const dist = (path: string) => JSON.stringify(new URL(`../../dist/src/${path}`, import.meta.url).href);
  return `
const { count, readStream, sum, window } = await import(${dist("streaming/index.js")});
const { openTopicLog } = await import(${dist("services/kafka/topic-log.js")});
const log = openTopicLog({ brokers: ${JSON.stringify(kafka.brokers)} });
let read = 0;
const query = readStream
  .kafka({
    log,
    topic: "events",
    startingOffsets: "earliest",
    maxOffsetsPerTrigger: 100_000,
    json: [
      { name: "lead_id", type: { kind: "string" }, isRequired: true },
      { name: "event_time", type: { kind: "timestamp" }, isRequired: true },
      { name: "minutes_on_site", type: { kind: "float64" } },
    ],
  })
  .withWatermark("event_time", "10 seconds")
  .groupBy(window("event_time", "10 seconds"), "lead_id")
  .agg(count().as("events"), sum("minutes_on_site").as("minutes"))
  .writeStream.outputMode("update")
  .trigger({ processingTime: "1 second" })
  .checkpointLocation(${JSON.stringify(checkpoint)})
  .foreachBatch(() => {})
  .settings({
    // Spark keeps a hundred batches: at one a second the folder would be full only after all of CI's minutes.
    retention: { minBatchesToRetain: 15, deltasPerSnapshot: 10 },
    onProgress: (progress) => {
      read += progress.numInputRows;
      process.stdout.write(read + "\\n");
    },
  })
  .start();
process.on("SIGTERM", () => void query.stop());
await query.awaitTermination();
await log.close();
`;
}

/** As Linux says it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch((): string[] => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(path, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
