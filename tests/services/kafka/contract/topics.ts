import { ConfigResourceTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consume, fresh, kafkaClient, makeTopic } from "../client.ts";
import { eventually } from "../eventually.ts";

/** Topics, their settings and their offsets, by kafkajs' admin client. */
export function topicContract(address: () => string): void {
  describe("topics", () => {
    let admin: ReturnType<ReturnType<typeof kafkaClient>["admin"]>;
    beforeAll(async () => {
      admin = kafkaClient(address()).admin();
      await admin.connect();
    });
    afterAll(() => admin.disconnect());

    it("are made once, listed, and described with all their partitions, a thousand of them too", async () => {
      const topic = fresh("thousand");
      expect(
        await admin.createTopics({ topics: [{ topic, numPartitions: 1_000 }], waitForLeaders: false }),
      ).toBe(true);
      await makeTopic(address(), topic);
      expect(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })).toBe(false);
      expect(await admin.listTopics()).toContain(topic);
      const described = await eventually(
        () => admin.fetchTopicMetadata({ topics: [topic] }),
        ({ topics }) => (topics[0]?.partitions ?? []).every(({ leader }) => leader >= 0),
      );
      expect(
        described.topics[0]?.partitions.map(({ partitionId }) => partitionId).sort((a, b) => a - b),
      ).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
      const offsets = await admin.fetchTopicOffsets(topic);
      expect(offsets).toHaveLength(1_000);
      expect(offsets.every(({ low, high }) => low === "0" && high === "0")).toBe(true);
      await admin.deleteTopics({ topics: [topic] });
    });

    it("keep settings, refuse unknown ones, and grow in partitions but do not shrink", async () => {
      const topic = fresh("settings");
      const configEntries = [{ name: "retention.ms", value: "3600000" }];
      await admin.createTopics({
        topics: [{ topic, numPartitions: 2, configEntries }],
        waitForLeaders: false,
      });
      await makeTopic(address(), topic);
      const resources = [
        { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ["retention.ms", "cleanup.policy"] },
      ];
      const described = await admin.describeConfigs({ resources, includeSynonyms: false });
      const values = described.resources[0]?.configEntries.map(({ configName, configValue, isDefault }) => [
        configName,
        configValue,
        isDefault,
      ]);
      expect(values?.sort()).toEqual([
        ["cleanup.policy", "delete", true],
        ["retention.ms", "3600000", false],
      ]);
      await expect(
        admin.createTopics({
          topics: [{ topic: fresh("wrong"), configEntries: [{ name: "no.such.setting", value: "1" }] }],
        }),
      ).rejects.toThrow();
      await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
      await eventually(
        async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length,
        (count) => count === 5,
      );
      await expect(admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })).rejects.toThrow();
    });

    it("are empty when they are made anew after they were deleted", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("deleted");
      const producer = kafka.producer();
      await producer.connect();
      await makeTopic(address(), topic);
      await producer.send({ topic, messages: [{ value: "old" }] });
      await producer.disconnect();
      await admin.deleteTopics({ topics: [topic] });
      await eventually(
        () => admin.listTopics(),
        (topics) => !topics.includes(topic),
      );
      await eventually(
        () => admin.createTopics({ topics: [{ topic }], waitForLeaders: false }).catch(() => false),
        (made) => made,
      );
      await makeTopic(address(), topic);
      const again = kafka.producer();
      await again.connect();
      await again.send({ topic, messages: [{ value: "new" }] });
      await again.disconnect();
      expect((await consume(kafka, topic, 1)).map(({ offset, value }) => [offset, value])).toEqual([
        ["0", "new"],
      ]);
    });

    it("tell the offset of a time, and the end for a time after the last", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("times");
      await makeTopic(address(), topic);
      const producer = kafka.producer();
      await producer.connect();
      for (let batch = 0; batch < 3; batch++)
        await producer.send({
          topic,
          messages: Array.from({ length: 10 }, (_, i) => ({
            value: "x",
            timestamp: String(1_700_000_000_000 + (batch * 10 + i) * 1_000),
          })),
        });
      await producer.disconnect();
      const offsetAt = async (timestamp: number) =>
        (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0]?.offset;
      expect(await offsetAt(1_700_000_000_000 - 5)).toBe("0");
      expect(await offsetAt(1_700_000_000_000 + 14_000)).toBe("14");
      expect(await offsetAt(1_700_000_000_000 + 14_001)).toBe("15");
      expect(await offsetAt(1_700_000_000_000 + 29_001)).toBe("30");
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: "0", high: "30" }]);
    });

    it("lose the records before an offset when that is asked for", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("trimmed");
      await makeTopic(address(), topic);
      const producer = kafka.producer();
      await producer.connect();
      for (let i = 0; i < 5; i++) await producer.send({ topic, messages: [{ value: String(i) }] });
      await producer.disconnect();
      // kafkajs asks only brokers that it has met by the topic before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "3" }] });
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: "3", high: "5" }]);
      expect((await consume(kafka, topic, 2)).map(({ value }) => value)).toEqual(["3", "4"]);
    });
  });
}
