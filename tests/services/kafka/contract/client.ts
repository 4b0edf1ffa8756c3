import { CompressionTypes } from "kafkajs";
import { describe, expect, it } from "vitest";
import { consume, fresh, kafkaClient, makeTopic } from "../client.ts";

/** Producing and consuming by kafkajs. */
export function clientContract(address: () => string): void {
  describe("producing and consuming", () => {
    it("gives messages back as they were sent, in order: keys, values, nulls, headers, timestamps", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("messages");
      const producer = kafka.producer();
      await producer.connect();
      const sent = await producer.send({
        topic,
        messages: [
          {
            key: "a",
            value: "uno",
            timestamp: "1700000000000",
            headers: { origin: "test", twice: ["1", "2"] },
          },
          { key: null, value: "dos", timestamp: "1700000000005" },
          { key: "c", value: null, timestamp: "1700000000003" },
          { key: "", value: "", timestamp: "1700000000004" },
        ],
      });
      await producer.disconnect();
      expect(sent).toMatchObject([{ topicName: topic, partition: 0, errorCode: 0, baseOffset: "0" }]);
      const seen = await consume(kafka, topic, 4);
      expect(seen.map(({ key, value, offset, message }) => [offset, key, value, message.timestamp])).toEqual([
        ["0", "a", "uno", "1700000000000"],
        ["1", null, "dos", "1700000000005"],
        ["2", "c", null, "1700000000003"],
        ["3", "", "", "1700000000004"],
      ]);
      expect(seen[0]?.message.headers).toEqual({
        origin: Buffer.from("test"),
        twice: [Buffer.from("1"), Buffer.from("2")],
      });
    });

    it("keeps gzip, batches of many messages and large ones whole", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("gzip");
      const producer = kafka.producer();
      await producer.connect();
      const values = Array.from({ length: 5_000 }, (_, i) => `message ${i} ${"x".repeat(i % 50)}`);
      for (const compression of [CompressionTypes.GZIP, CompressionTypes.None])
        await producer.send({ topic, compression, messages: values.map((value) => ({ value })) });
      const large = "é".repeat(400_000);
      await producer.send({ topic, messages: [{ value: large }] });
      await producer.disconnect();
      const seen = await consume(kafka, topic, 10_001);
      expect(seen.map(({ value }) => value)).toEqual([...values, ...values, large]);
    });

    it("sends each key to one partition and serves several producers at once", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("partitions");
      await makeTopic(address(), topic, 4);
      await Promise.all(
        [0, 1, 2, 3].map(async (who) => {
          const producer = kafka.producer();
          await producer.connect();
          for (let i = 0; i < 20; i++)
            await producer.send({ topic, messages: [{ key: `key ${i % 10}`, value: `${who} ${i}` }] });
          await producer.disconnect();
        }),
      );
      const seen = await consume(kafka, topic, 80);
      expect(seen).toHaveLength(80);
      expect(new Set(seen.map(({ value }) => value)).size).toBe(80);
      const places = new Set(seen.map(({ key, partition }) => `${key} ${partition}`));
      expect(places.size).toBe(10);
      for (const who of [0, 1, 2, 3])
        for (let key = 0; key < 10; key++) {
          const mine = seen.filter((one) => one.key === `key ${key}` && one.value?.startsWith(`${who} `));
          expect(mine.map(({ value }) => value)).toEqual([`${who} ${key}`, `${who} ${key + 10}`]);
        }
    });

    it("waits with an empty fetch until something comes", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("waiting");
      await makeTopic(address(), topic);
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({ topic, messages: [{ value: "first" }] });
      const consuming = consume(kafka, topic, 2, { maxWaitTimeInMs: 1_000 });
      await producer.send({ topic, messages: [{ value: "second" }] });
      await producer.disconnect();
      expect((await consuming).map(({ value }) => value)).toEqual(["first", "second"]);
    });

    it("refuses a message above max.message.bytes by its name, and takes the next", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("large");
      await makeTopic(address(), topic);
      const producer = kafka.producer({ retry: { retries: 0 } });
      await producer.connect();
      await producer.send({ topic, messages: [{ value: "small" }] });
      await expect(
        producer.send({ topic, messages: [{ value: "x".repeat(2_000_000) }] }),
      ).rejects.toMatchObject({ type: "MESSAGE_TOO_LARGE" });
      await producer.send({ topic, messages: [{ value: "small again" }] });
      await producer.disconnect();
      expect((await consume(kafka, topic, 2)).map(({ value }) => value)).toEqual(["small", "small again"]);
    });
  });
}
