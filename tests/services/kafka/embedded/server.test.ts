import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../../../../src/core/effects.ts";
import { BrokerConnection } from "../../../../src/services/kafka/client/broker-connection.ts";
import { startKafka } from "../../../../src/services/kafka/embedded/server.ts";
import { apis } from "../../../../src/services/kafka/protocol/apis.ts";
import { ErrorCode } from "../../../../src/services/kafka/protocol/errors.ts";
import { openTopicLog } from "../../../../src/services/kafka/topic-log.ts";
import { batchOf } from "../batches.ts";
import { collect, kafkaClient, makeTopic, type Seen } from "../client.ts";
import { byteColumn, textsOf } from "../columns.ts";
import { eventually } from "../eventually.ts";
import { withBroker } from "../with-broker.ts";

const open = (port: number) =>
  BrokerConnection.open({ host: "127.0.0.1", port, clientId: "test", timeoutMs: 10_000 });
const patient = { timeoutMs: 10_000 };

describe("the embedded broker", () => {
  it("keeps topics, settings, records, offsets and its cluster's id over a restart; clients go on", async () => {
    await withBroker(async ({ server, restart }) => {
      const log = openTopicLog({ brokers: server.brokers });
      await log.createTopic("kept", { partitions: 2, config: { "retention.ms": "1234567" } });
      await log.append("kept", 1, { count: 2, values: byteColumn(["a", "b"]) });
      await log.commit("group", "kept", new Map([[1, 2]]));
      const before = await open(server.port);
      const cluster = await before.request(apis.metadata, { topics: [] }, patient);
      await restart();
      expect(before.isLost).toBe(true);
      await log.append("kept", 1, { count: 1, values: byteColumn(["c"]) });
      const rows: (string | null)[] = [];
      for await (const { bytes, valueStarts, valueEnds } of log.read({
        topic: "kept",
        partition: 1,
        from: 0,
        to: 3,
      }))
        rows.push(...textsOf(bytes, valueStarts, valueEnds));
      expect(rows).toEqual(["a", "b", "c"]);
      expect(await log.committed("group", "kept")).toEqual(new Map([[1, 2]]));
      const after = await open(server.port);
      expect((await after.request(apis.metadata, { topics: [] }, patient)).clusterId).toBe(cluster.clusterId);
      const described = await after.request(
        apis.describeConfigs,
        { resources: [{ type: 2, name: "kept", keys: ["retention.ms"] }] },
        patient,
      );
      expect(described.resources[0]?.configs[0]?.value).toBe("1234567");
      after.close();
      await log.close();
    });
  });

  it("serves a folder once: a second broker on it is told so, as is one on its port", async () => {
    await withBroker(async ({ folder, server }) => {
      await expect(startKafka({ folder })).rejects.toMatchObject({ code: "folder-in-use" });
      await expect(startKafka({ folder: `${folder}/other`, port: server.port })).rejects.toMatchObject({
        code: "port-in-use",
      });
    });
  });

  it("cuts off who announces a frame that is too large, negative or tiny, and serves the others", async () => {
    const events: string[] = [];
    await withBroker(
      async ({ server }) => {
        const other = await open(server.port);
        for (const size of [101 * 1024, -1, 2, 0x7fffffff]) {
          const socket = connect(server.port, "127.0.0.1");
          const ended = new Promise((resolve) => socket.once("close", resolve));
          const bytes = Buffer.alloc(4);
          bytes.writeInt32BE(size);
          socket.write(bytes);
          await ended;
        }
        expect(events).toEqual(Array.from({ length: 4 }, () => "bad-request"));
        expect((await other.request(apis.metadata, { topics: [] }, patient)).brokers).toHaveLength(1);
        other.close();
      },
      { maxRequestBytes: 100 * 1024, onEvent: ({ kind }) => events.push(kind) },
    );
  });

  it("answers a version of ApiVersions that it does not know with those that it has", async () => {
    await withBroker(async ({ server }) => {
      const socket = connect(server.port, "127.0.0.1");
      const frame = Buffer.from([0, 0, 0, 10, 0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff]);
      socket.write(frame);
      const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
      expect(answer.readInt32BE(4)).toBe(7);
      expect(answer.readInt16BE(8)).toBe(ErrorCode.unsupportedVersion);
      expect(answer.readInt32BE(10)).toBeGreaterThan(20);
      socket.destroy();
    });
  });

  it("answers pipelined requests in their order, a slow one first", async () => {
    await withBroker(async ({ server }) => {
      const connection = await open(server.port);
      const order: string[] = [];
      await connection.request(apis.metadata, { topics: [{ name: "slow" }] }, patient);
      const slow = connection
        .request(
          apis.fetch,
          {
            maxWaitMs: 300,
            minBytes: 1,
            topics: [
              { topic: "slow", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] },
            ],
          },
          { ...patient, maxVersion: 11 },
        )
        .then(() => order.push("fetch"));
      const quick = connection
        .request(apis.metadata, { topics: [] }, patient)
        .then(() => order.push("metadata"));
      await Promise.all([slow, quick]);
      expect(order).toEqual(["fetch", "metadata"]);
      connection.close();
    });
  });

  it("answers no Produce with acks=0, and has its records", async () => {
    await withBroker(async ({ server }) => {
      const log = openTopicLog({ brokers: server.brokers });
      await log.createTopic("unheard");
      const connection = await open(server.port);
      const unanswered = connection.request(
        apis.produce,
        {
          transactionalId: null,
          acks: 0,
          timeoutMs: 1_000,
          topics: [{ name: "unheard", partitions: [{ index: 0, records: batchOf(["x"]) }] }],
        },
        { ...patient, maxVersion: 9 },
      );
      await connection.request(apis.metadata, { topics: [] }, patient);
      expect(await log.offsets("unheard", "latest")).toEqual(new Map([[0, 1]]));
      connection.close();
      await expect(unanswered).rejects.toThrow("closed");
      await log.close();
    });
  });

  it("stamps records where a topic says LogAppendTime, and removes those that retention lets go", async () => {
    const clock = fixedClock(1_700_000_000_000);
    await withBroker(
      async ({ server }) => {
        const log = openTopicLog({ brokers: server.brokers });
        await log.createTopic("stamped", {
          config: { "message.timestamp.type": "LogAppendTime", "retention.ms": "1000" },
        });
        await log.append(
          "stamped",
          0,
          { count: 2, values: byteColumn(["a", "b"]), timestamps: 5 },
          { codec: "gzip" },
        );
        for await (const { timestamps } of log.read({ topic: "stamped", partition: 0, from: 0, to: 2 }))
          expect([...timestamps]).toEqual([1_700_000_000_000, 1_700_000_000_000]);
        clock.advance(5_000);
        await eventually(
          async () => (await log.offsets("stamped", "earliest")).get(0),
          (offset) => offset === 2,
        );
        await log.close();
      },
      { clock, careEveryMs: 5 },
    );
  });

  it("aborts a transaction that its producer left open, when its time is up", async () => {
    const clock = fixedClock(1_700_000_000_000);
    await withBroker(
      async ({ server }) => {
        const connection = await open(server.port);
        const log = openTopicLog({ brokers: server.brokers });
        await log.createTopic("left");
        const named = await connection.request(
          apis.initProducerId,
          { transactionalId: "tx", transactionTimeoutMs: 10_000 },
          patient,
        );
        await connection.request(
          apis.addPartitionsToTxn,
          { transactionalId: "tx", ...named, topics: [{ name: "left", partitions: [0] }] },
          patient,
        );
        const produce = (sequence: number) =>
          connection.request(
            apis.produce,
            {
              transactionalId: "tx",
              acks: -1,
              timeoutMs: 1_000,
              topics: [
                {
                  name: "left",
                  partitions: [
                    {
                      index: 0,
                      records: batchOf(["x"], {
                        timestamps: [1],
                        producer: { id: named.producerId, epoch: named.producerEpoch, sequence },
                        isTransactional: true,
                      }),
                    },
                  ],
                },
              ],
            },
            { ...patient, maxVersion: 9 },
          );
        expect((await produce(0)).topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.none);
        expect(await log.offsets("left", "latest")).toEqual(new Map([[0, 0]]));
        clock.advance(10_001);
        await eventually(
          async () => (await log.offsets("left", "latest")).get(0),
          (stable) => stable === 2,
        );
        expect((await produce(1)).topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.invalidProducerEpoch);
        const late = await connection.request(
          apis.endTxn,
          { transactionalId: "tx", ...named, committed: true },
          patient,
        );
        expect(late.errorCode).toBe(ErrorCode.producerFenced);
        connection.close();
        await log.close();
      },
      { clock, careEveryMs: 5 },
    );
  });

  it("waits for the disk before it answers, where that is asked for", async () => {
    await withBroker(
      async ({ server }) => {
        const log = openTopicLog({ brokers: server.brokers });
        await log.createTopic("flushed", { partitions: 3 });
        const appended = await Promise.all(
          [0, 1, 2, 0, 1, 2].map((partition) =>
            log.append("flushed", partition, { count: 1, values: byteColumn(["x"]) }),
          ),
        );
        expect(appended.map(({ to }) => to).sort()).toEqual([1, 1, 1, 2, 2, 2]);
        await log.commit("group", "flushed", new Map([[0, 2]]));
        expect(await log.committed("group", "flushed")).toEqual(new Map([[0, 2]]));
        await log.close();
      },
      { flush: "each" },
    );
  });
});

describe("clients over a restart of the broker", () => {
  it("go on by themselves: a group joins anew and misses nothing", async () => {
    await withBroker(async ({ server, restart }) => {
      const kafka = kafkaClient(server.brokers);
      await makeTopic(server.brokers, "steady", 2);
      const seen: Seen[] = [];
      const consumer = kafka.consumer({ groupId: "steady", maxWaitTimeInMs: 100, heartbeatInterval: 200 });
      await consumer.connect();
      await consumer.subscribe({ topic: "steady", fromBeginning: true });
      await collect(consumer, seen);
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const send = (from: number) =>
        producer.send({
          topic: "steady",
          messages: Array.from({ length: 10 }, (_, i) => ({ partition: i % 2, value: String(from + i) })),
        });
      const values = () => new Set(seen.map(({ value }) => value)).size;
      await send(0);
      await eventually(values, (count) => count === 10);
      await restart();
      await send(10);
      await eventually(values, (count) => count === 20);
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    });
  });
});
