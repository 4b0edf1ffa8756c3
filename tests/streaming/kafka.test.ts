import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf, type Table } from "../../src/core/table.ts";
import { type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import type { DataStream } from "../../src/streaming/data-stream.ts";
import { readStream } from "../../src/streaming/read-stream.ts";
import { kafkaSink } from "../../src/streaming/sinks/kafka.ts";
import { type MemorySink, memorySink } from "../../src/streaming/sinks/memory.ts";
import type { StreamSink } from "../../src/streaming/sinks/sink.ts";
import type { KafkaSourceOptions } from "../../src/streaming/sources/kafka.ts";
import { temporaryFolder } from "./feed.ts";

const root = await temporaryFolder();
let server: KafkaServer;
let log: TopicLog;
beforeAll(async () => {
  server = await startKafka({ folder: join(root, "kafka") });
  log = openTopicLog({ brokers: server.brokers });
});
afterAll(async () => {
  await log.close();
  await server.close();
});

let names = 0;
async function newTopic(partitions: number): Promise<string> {
  const topic = `taller.streaming.${names++}`;
  await log.createTopic(topic, { partitions });
  return topic;
}

async function send(topic: string, partition: number, values: readonly (string | null)[]): Promise<void> {
  const bytes = Buffer.from(values.join(""));
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  let at = 0;
  values.forEach((value, i) => {
    starts[i] = value === null ? -1 : at;
    at += Buffer.byteLength(value ?? "");
    ends[i] = value === null ? -1 : at;
  });
  await log.append(topic, partition, { count: values.length, values: { bytes, starts, ends } });
}

const checkpoint = (): string => join(root, `checkpoint-${names++}`);

async function drain(
  stream: DataStream,
  folder: string,
  sink: StreamSink = memorySink(),
  once = false,
): Promise<MemorySink> {
  const kept = memorySink();
  const both: StreamSink = {
    ...sink,
    write: async (batch) => {
      await sink.write(batch);
      await kept.write(batch);
    },
  };
  const trigger = once ? { once: true as const } : { availableNow: true as const };
  await stream.writeStream.trigger(trigger).checkpointLocation(folder).to(both).start().awaitTermination();
  return kept;
}

const valuesOf = (table: Table): unknown[] => rowsOf(table).map((row) => row.value);
const values = (sink: MemorySink): unknown[] => valuesOf(sink.table()).sort();

describe("rule 18: the Kafka source", () => {
  const read = (topic: string, more: Partial<KafkaSourceOptions> = {}): DataStream =>
    readStream.kafka({ log, topic, startingOffsets: "earliest", ...more });

  it("starts at latest by default, at earliest or at given offsets when asked; only a new query asks", async () => {
    const topic = await newTopic(1);
    await send(topic, 0, ["a", "b", "c"]);
    const folder = checkpoint();
    expect((await drain(readStream.kafka({ log, topic }), folder)).batches.size).toBe(0);
    await send(topic, 0, ["d"]);
    expect(values(await drain(readStream.kafka({ log, topic }), folder))).toEqual(["d"]);
    expect(values(await drain(read(topic), checkpoint()))).toEqual(["a", "b", "c", "d"]);
    expect(values(await drain(read(topic, { startingOffsets: { "0": 2 } }), checkpoint()))).toEqual([
      "c",
      "d",
    ]);
    await send(topic, 0, ["e"]);
    expect(values(await drain(read(topic), folder))).toEqual(["e"]);
  });

  it("remembers where a new query began, though it was killed before its first commit", async () => {
    const topic = await newTopic(1);
    const folder = checkpoint();
    await send(topic, 0, ["before"]);
    const query = readStream
      .kafka({ log, topic })
      .writeStream.checkpointLocation(folder)
      .to(memorySink())
      .start();
    await query.processAllAvailable();
    await query.stop();
    await send(topic, 0, ["while it was down"]);
    expect(values(await drain(readStream.kafka({ log, topic }), folder))).toEqual(["while it was down"]);
  });

  it("gives Spark's columns", async () => {
    const topic = await newTopic(2);
    await send(topic, 1, ["x", null]);
    const [row, tombstone] = rowsOf((await drain(read(topic), checkpoint())).table());
    expect(row).toMatchObject({
      key: null,
      value: "x",
      topic,
      partition: 1,
      offset: 0n,
      timestamp: expect.stringMatching(/^20/),
    });
    expect(tombstone).toMatchObject({ value: null, offset: 1n });
  });

  it("shares a limit out among partitions; once ignores it; no record is lost or doubled", async () => {
    const topic = await newTopic(3);
    const all = (partition: number, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${partition}-${i}`);
    await send(topic, 0, all(0, 60));
    await send(topic, 1, all(1, 30));
    await send(topic, 2, all(2, 1));
    const limited = await drain(read(topic, { maxOffsetsPerTrigger: 20 }), checkpoint());
    const sizes = [...limited.batches.values()].map((table) => table.rowCount);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(21);
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(values(limited)).toEqual([...all(0, 60), ...all(1, 30), ...all(2, 1)].sort());
    expect(
      (await drain(read(topic, { maxOffsetsPerTrigger: 20 }), checkpoint(), memorySink(), true)).batches.size,
    ).toBe(1);
  });

  it("records that are gone end the query, or are skipped with failOnDataLoss: false", async () => {
    const topic = await newTopic(1);
    const folder = checkpoint();
    await send(topic, 0, ["a", "b", "c"]);
    await drain(read(topic), folder);
    await log.deleteTopic(topic);
    await log.createTopic(topic);
    await send(topic, 0, ["new"]);
    await expect(drain(read(topic), folder)).rejects.toMatchObject({ code: "kafka-data-loss" });
    const tolerant = (): DataStream => read(topic, { failOnDataLoss: false });
    expect(values(await drain(tolerant(), folder))).toEqual([]);
    await send(topic, 0, ["newer"]);
    expect(values(await drain(tolerant(), folder))).toEqual(["newer"]);
  });

  it("JSON values become typed columns with the record's place; the others are dead letters, and the counts add up", async () => {
    const topic = await newTopic(2);
    await send(topic, 0, ['{"id":1,"amount":2.5}', "oops", '{"id":2,"amount":null}']);
    await send(topic, 1, [null, '{"amount":1}']);
    const dead = memorySink();
    const sink = memorySink();
    const query = read(topic, {
      json: [
        { name: "id", type: { kind: "int64" }, isRequired: true },
        { name: "amount", type: { kind: "float64" } },
      ],
      metadata: { partition: "partition", offset: "offset" },
    })
      .writeStream.trigger({ availableNow: true })
      .checkpointLocation(checkpoint())
      .to(sink)
      .deadLettersTo(dead)
      .start();
    await query.awaitTermination();
    expect(rowsOf(sink.table())).toEqual([
      { id: 1n, amount: 2.5, partition: 0, offset: 0n },
      { id: 2n, amount: null, partition: 0, offset: 2n },
    ]);
    expect(
      rowsOf(dead.table()).map((row) => [row.source, row.partition, row.offset, row.reason, row.raw]),
    ).toEqual([
      [topic, 0, 1n, "no JSON object", "oops"],
      [topic, 1, 0n, "no value", null],
      [topic, 1, 1n, '"id" is missing', '{"amount":1}'],
    ]);
    expect(query.lastProgress).toMatchObject({ numInputRows: 5, deadLetterRows: 3 });
  });
});

describe("the Kafka sink", () => {
  it("writes rows as JSON, those of one key to one partition, at least once", async () => {
    const [from, to] = [await newTopic(1), await newTopic(3)];
    const rows = Array.from({ length: 12 }, (_, i) => `{"id":${i},"who":"k${i % 4}"}`);
    await send(from, 0, rows);
    const json = [
      { name: "id", type: { kind: "int64" as const } },
      { name: "who", type: { kind: "string" as const } },
    ];
    const stream = (): DataStream =>
      readStream.kafka({ log, topic: from, startingOffsets: "earliest", json });
    const folder = checkpoint();
    let isKilled = false;
    const sink = kafkaSink({ log, topic: to, key: "who" });
    const failing: StreamSink = {
      ...sink,
      write: async (batch) => {
        await sink.write(batch);
        if (isKilled) return;
        isKilled = true;
        throw new Error("killed between sink and commit");
      },
    };
    await expect(drain(stream(), folder, failing)).rejects.toThrow("killed");
    await drain(stream(), folder, failing);
    const written = (
      await drain(readStream.kafka({ log, topic: to, startingOffsets: "earliest" }), checkpoint())
    ).table();
    expect(new Set(valuesOf(written))).toEqual(new Set(rows));
    expect(written.rowCount).toBe(24);
    const places = new Map<unknown, Set<unknown>>();
    for (const row of rowsOf(written))
      places.set(row.key, (places.get(row.key) ?? new Set()).add(row.partition));
    expect([...places.values()].map((set) => set.size)).toEqual([1, 1, 1, 1]);
  });
});
