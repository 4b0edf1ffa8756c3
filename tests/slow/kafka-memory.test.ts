import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { type BrokerProcess, bundleBroker, startBroker } from "../services/kafka/broker-process.ts";

const GIGABYTES = Number(process.env.TALLER_KAFKA_GB ?? 5);
const PARTITIONS = 5;
const MEMORY_LIMIT_BYTES = 250e6;
const ROWS = 4_500;
const ROW_BYTES = 200;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-kafka-memory-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The largest resident memory of a process so far (man 5 proc). */
function peakBytes({ process: child }: BrokerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

async function readRows(log: TopicLog, partition: number, from: number, to: number): Promise<number> {
  let rows = 0;
  for await (const { count } of log.read({ topic: "large", partition, from, to })) rows += count;
  return rows;
}

test.skipIf(process.platform !== "linux")(
  `a broker with ${GIGABYTES} GB of log stays below 250 MB: writing, reading, finding times, after a kill`,
  async () => {
    const program = await bundleBroker(join(folder, "broker.mjs"));
    let broker = await startBroker(program, join(folder, "data"));
    const port = Number(broker.brokers.split(":")[1]);
    const log = openTopicLog({ brokers: broker.brokers });
    // Its timestamps are 0, 1, 2 …: retention by time would take it for old.
    await log.createTopic("large", { partitions: PARTITIONS, config: { "retention.ms": "-1" } });
    const starts = Int32Array.from({ length: ROWS }, (_, row) => row * ROW_BYTES);
    const ends = Int32Array.from({ length: ROWS }, (_, row) => (row + 1) * ROW_BYTES);
    const values = { bytes: Buffer.alloc(ROWS * ROW_BYTES, "m"), starts, ends };
    const batches = Math.ceil((GIGABYTES * 1e9) / (ROWS * ROW_BYTES) / PARTITIONS);
    for (let batch = 0; batch < batches; batch++)
      await Promise.all(
        Array.from({ length: PARTITIONS }, (_, partition) =>
          log.append(
            "large",
            partition,
            { count: ROWS, values, timestamps: batch },
            { batchBytes: 1_000_000 },
          ),
        ),
      );
    const end = batches * ROWS;
    const peaks = { written: peakBytes(broker), read: 0, restarted: 0 };
    expect(await readRows(log, 0, 0, end)).toBe(end);
    const half = Math.floor(batches / 2);
    expect((await log.offsets("large", { timestampMs: half })).get(3)).toBe(half * ROWS);
    peaks.read = peakBytes(broker);
    await broker.end("SIGKILL");
    broker = await startBroker(program, join(folder, "data"), port);
    expect((await log.offsets("large", "latest")).get(4)).toBe(end);
    expect(await readRows(log, 1, end - ROWS * 20, end)).toBe(ROWS * 20);
    expect((await log.offsets("large", { timestampMs: half })).get(2)).toBe(half * ROWS);
    peaks.restarted = peakBytes(broker);
    console.log(JSON.stringify(peaks));
    await log.close();
    await broker.end("SIGTERM");
    for (const peak of Object.values(peaks)) expect(peak).toBeLessThan(MEMORY_LIMIT_BYTES);
  },
);
