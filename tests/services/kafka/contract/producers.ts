import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrokerConnection } from "../../../../src/services/kafka/client/broker-connection.ts";
import { addressesOf } from "../../../../src/services/kafka/client/cluster.ts";
import { apis } from "../../../../src/services/kafka/protocol/apis.ts";
import { ErrorCode } from "../../../../src/services/kafka/protocol/errors.ts";
import { openTopicLog, type TopicLog } from "../../../../src/services/kafka/topic-log.ts";
import { batchOf } from "../batches.ts";
import { consume, fresh, kafkaClient, makeTopic } from "../client.ts";
import { eventually } from "../eventually.ts";

/** Idempotent producers: by kafkajs, and by the protocol itself, where a batch can be sent twice. */
export function producerContract(address: () => string): void {
  describe("idempotent producers", () => {
    let connection: BrokerConnection;
    let log: TopicLog;
    beforeAll(async () => {
      const [node] = addressesOf(address());
      if (node === undefined) throw new Error("no address");
      connection = await BrokerConnection.open({ ...node, clientId: "contract", timeoutMs: 10_000 });
      log = openTopicLog({ brokers: address() });
    });
    afterAll(async () => {
      connection.close();
      await log.close();
    });

    const produce = async (topic: string, records: Buffer) => {
      const answer = await connection.request(
        apis.produce,
        {
          transactionalId: null,
          acks: -1,
          timeoutMs: 10_000,
          topics: [{ name: topic, topicId: "0".repeat(32), partitions: [{ index: 0, records }] }],
        },
        { timeoutMs: 10_000, maxVersion: 9 },
      );
      const { errorCode, baseOffset } = answer.topics[0]?.partitions[0] ?? { errorCode: -1, baseOffset: -1 };
      return { errorCode, baseOffset };
    };

    it("double nothing when a batch comes twice, and may leave no gap", async () => {
      const topic = fresh("sequences");
      await log.createTopic(topic);
      const named = await eventually(
        () =>
          connection.request(
            apis.initProducerId,
            { transactionalId: null, transactionTimeoutMs: 60_000 },
            { timeoutMs: 10_000 },
          ),
        ({ errorCode }) => errorCode === ErrorCode.none,
      );
      const batch = (values: readonly string[], sequence: number, epoch = named.producerEpoch) =>
        batchOf(values, { producer: { id: named.producerId, epoch, sequence } });
      expect(await produce(topic, batch(["a", "b"], 0))).toEqual({ errorCode: 0, baseOffset: 0 });
      expect(await produce(topic, batch(["c"], 2))).toEqual({ errorCode: 0, baseOffset: 2 });
      expect(await produce(topic, batch(["a", "b"], 0))).toEqual({ errorCode: 0, baseOffset: 0 });
      expect(await produce(topic, batch(["c"], 2))).toEqual({ errorCode: 0, baseOffset: 2 });
      expect((await produce(topic, batch(["e"], 4))).errorCode).toBe(ErrorCode.outOfOrderSequence);
      expect(await produce(topic, batch(["d"], 3))).toEqual({ errorCode: 0, baseOffset: 3 });
      expect(await produce(topic, batch(["e"], 0, named.producerEpoch + 1))).toEqual({
        errorCode: 0,
        baseOffset: 4,
      });
      expect((await produce(topic, batch(["f"], 4))).errorCode).toBe(ErrorCode.invalidProducerEpoch);
      const seen = await consume(kafkaClient(address()), topic, 5);
      expect(seen.map(({ value }) => value)).toEqual(["a", "b", "c", "d", "e"]);
    });

    it("are given ids of their own", async () => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, () =>
          connection.request(
            apis.initProducerId,
            { transactionalId: null, transactionTimeoutMs: 60_000 },
            { timeoutMs: 10_000 },
          ),
        ),
      );
      expect(new Set(ids.map(({ producerId }) => producerId)).size).toBe(20);
    });

    it("work by kafkajs", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("idempotent");
      await makeTopic(address(), topic);
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      for (let i = 0; i < 30; i++) await producer.send({ topic, messages: [{ value: String(i) }] });
      await producer.disconnect();
      const seen = await consume(kafka, topic, 30);
      expect(seen.map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    });

    it("are refused a batch whose bytes are damaged, cut, or of another format; the next one is taken", async () => {
      const topic = fresh("damaged");
      await log.createTopic(topic);
      const damaged = batchOf(["a value"]);
      damaged[damaged.length - 3] = 0x7f;
      expect((await produce(topic, damaged)).errorCode).toBe(ErrorCode.corruptMessage);
      expect(await produce(topic, batchOf(["fine"]))).toEqual({ errorCode: 0, baseOffset: 0 });
    });
  });
}
