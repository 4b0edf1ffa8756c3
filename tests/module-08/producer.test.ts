import { join } from "node:path";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CancelledError } from "../../src/core/errors.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import type { OpenService } from "../../src/course/run-pipeline.ts";
import { type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { readStream } from "../data/lead-events/read.ts";
import { openWorkspace } from "./run.ts";

let workspace: Awaited<ReturnType<typeof openWorkspace>>;
let server: KafkaServer;
let kafka: Kafka;
let admin: Admin;
beforeAll(async () => {
  workspace = await openWorkspace();
  server = await startKafka({ folder: join(workspace.folder, "kafka"), port: 0 });
  kafka = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
});
afterAll(async () => {
  await admin.disconnect();
  await server.close();
  await workspace.remove();
});

const openService = (async (name: string) => {
  if (name !== "kafka") throw new RangeError(name);
  return { address: { brokers: [server.brokers] }, close: async () => {} };
}) as OpenService;
const produce = (options: Record<string, string>, signal?: AbortSignal, events: WorkEvent[] = []) =>
  workspace.run("producer", options, { openService, events, ...(signal === undefined ? {} : { signal }) });

describe("taller run producer", () => {
  test("sends a backlog whose messages are the stream's, each lead's in order", async () => {
    const ran = await produce({
      mode: "batch",
      total: "6000",
      topic: "taller.backlog",
      seed: "5",
      keys: "300",
    });
    const expected = readStream({ seed: 5, keys: 300 }, { to: 6_000 });
    const found = await readTopic("taller.backlog", 6_000);
    expect(found.map(({ value }) => value).sort()).toEqual(expected.map(({ text }) => text).sort());
    for (const key of new Set(expected.map((one) => one.key))) {
      const mine = found.filter((one) => one.key === key);
      expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
      expect(mine.map(({ value }) => value)).toEqual(
        expected.filter((one) => one.key === key).map(({ text }) => text),
      );
    }
    expect(new Set(found.map(({ partition }) => partition)).size).toBe(4);
    expect(ran.report).toMatchObject({ next: 6_000, topic: "taller.backlog" });
    const { produced, events, duplicates, malformed } = ran.report?.rows ?? {};
    expect(produced).toBe(6_000);
    expect((events ?? 0) + (duplicates ?? 0) + (malformed ?? 0)).toBe(6_000);
  });

  test("goes on where it stopped: two parts are the whole", async () => {
    const common = { mode: "batch", topic: "taller.parts", keys: "100", partitions: "1" };
    await produce({ ...common, total: "3000" });
    await produce({ ...common, total: "2000", from: "3000" });
    const found = await readTopic("taller.parts", 5_000);
    expect(found.map(({ value }) => value)).toEqual(
      readStream({ keys: 100 }, { to: 5_000 }).map((m) => m.text),
    );
  });

  test("live, keeps its rate and says now", async () => {
    const began = Date.now();
    const ran = await produce({
      rate: "2000",
      total: "1500",
      topic: "taller.live",
      keys: "50",
      outOfOrder: "0",
    });
    expect(ran.seconds).toBeGreaterThan(0.7);
    const found = await readTopic("taller.live", 1_500);
    const times = found.map(({ timestamp }) => timestamp);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(began);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(760);
    expect(ran.events.some((event) => event.kind === "progress" && event.unit === "messages")).toBe(true);
  });

  test("ends with the signal, and says how to go on with what was acknowledged", async () => {
    const stop = new AbortController();
    const events: WorkEvent[] = [];
    const run = produce({ rate: "3000", topic: "taller.stopped", keys: "50" }, stop.signal, events);
    await until(() => events.some((event) => event.kind === "progress" && event.done > 500));
    stop.abort();
    await expect(run).rejects.toThrow(CancelledError);
    const note = events.findLast((event) => event.kind === "note");
    const next = Number(/--from (\d+)/.exec(note?.text.es ?? "")?.[1]);
    const offsets = await admin.fetchTopicOffsets("taller.stopped");
    expect(offsets.reduce((sum, one) => sum + Number(one.high), 0)).toBe(next);
    expect(next).toBeGreaterThan(500);
  });

  test("writes to no topic outside of the workshop", async () => {
    await expect(produce({ mode: "batch", total: "1", topic: "orders" })).rejects.toMatchObject({
      code: "foreign-topic",
    });
    expect(await admin.listTopics()).not.toContain("orders");
  });
});

interface Found {
  readonly key: string;
  readonly value: string;
  readonly partition: number;
  readonly timestamp: number;
}

async function readTopic(topic: string, count: number): Promise<Found[]> {
  const consumer = kafka.consumer({ groupId: `read-${topic}` });
  const found: Found[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message: { key, value, timestamp } }) => {
        found.push({ key: String(key), value: String(value), partition, timestamp: Number(timestamp) });
      },
    });
    await until(() => found.length >= count);
    return found;
  } finally {
    await consumer.disconnect();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("it did not happen in 20 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
