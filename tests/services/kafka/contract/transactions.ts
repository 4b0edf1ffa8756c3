import { describe, expect, it } from "vitest";
import { consume, fresh, kafkaClient, makeTopic } from "../client.ts";
import { eventually } from "../eventually.ts";

/** Transactions by kafkajs. */
export function transactionContract(address: () => string): void {
  describe("transactions", () => {
    const start = async (transactionalId = fresh("tx")) => {
      const kafka = kafkaClient(address());
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId });
      await producer.connect();
      return { kafka, producer, transactionalId };
    };

    it("show what is committed, and nothing of what is aborted, over several topics", async () => {
      const { kafka, producer } = await start();
      const topics = [fresh("one"), fresh("two")];
      for (const topic of topics) await makeTopic(address(), topic);
      const send = async (value: string, end: "commit" | "abort") => {
        const transaction = await producer.transaction();
        for (const topic of topics)
          await transaction.send({ topic, messages: [{ value }, { value: `${value}!` }] });
        await transaction[end]();
      };
      await send("first", "commit");
      await send("never", "abort");
      await send("second", "commit");
      await producer.disconnect();
      for (const topic of topics) {
        const seen = await consume(kafka, topic, 4);
        expect(seen.map(({ value }) => value)).toEqual(["first", "first!", "second", "second!"]);
        const all = await consume(kafka, topic, 6, { readUncommitted: true });
        expect(all.map(({ value }) => value)).toEqual([
          "first",
          "first!",
          "never",
          "never!",
          "second",
          "second!",
        ]);
      }
    });

    it("hold readers of committed records back while one is open", async () => {
      const { kafka, producer } = await start();
      const topic = fresh("open");
      await makeTopic(address(), topic);
      const plain = kafka.producer();
      await plain.connect();
      await plain.send({ topic, messages: [{ value: "before" }] });
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: "in it" }] });
      await plain.send({ topic, messages: [{ value: "after" }] });
      expect((await consume(kafka, topic, 1)).map(({ value }) => value)).toEqual(["before"]);
      const all = await consume(kafka, topic, 3, { readUncommitted: true });
      expect(all.map(({ value }) => value)).toEqual(["before", "in it", "after"]);
      await transaction.commit();
      expect((await consume(kafka, topic, 3)).map(({ value }) => value)).toEqual([
        "before",
        "in it",
        "after",
      ]);
      await Promise.all([plain.disconnect(), producer.disconnect()]);
    });

    it("store a group's offsets with the records, or not at all", async () => {
      const { kafka, producer } = await start();
      const topic = fresh("source");
      const consumerGroupId = fresh("group");
      const admin = kafka.admin();
      await admin.connect();
      await makeTopic(address(), topic);
      const stored = async () =>
        (await admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] }))[0]?.partitions[0]?.offset;
      const put = async (offset: string, end: "commit" | "abort") => {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: offset }] });
        await transaction.sendOffsets({
          consumerGroupId,
          topics: [{ topic, partitions: [{ partition: 0, offset }] }],
        });
        await transaction[end]();
      };
      await put("7", "commit");
      await eventually(stored, (offset) => offset === "7");
      await put("9", "abort");
      await eventually(stored, (offset) => offset === "7");
      await put("11", "commit");
      await eventually(stored, (offset) => offset === "11");
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    });

    it("fence a producer when another takes its transactional id, and abort what it had open", async () => {
      const { kafka, producer: old, transactionalId } = await start();
      const topic = fresh("fenced");
      const admin = kafka.admin();
      await admin.connect();
      await makeTopic(address(), topic);
      const abandoned = await old.transaction();
      await abandoned.send({ topic, messages: [{ value: "abandoned" }] });
      const { producer: taker } = await start(transactionalId);
      const transaction = await taker.transaction();
      await expect(abandoned.commit()).rejects.toThrow();
      await transaction.send({ topic, messages: [{ value: "taken over" }] });
      await transaction.commit();
      expect((await consume(kafka, topic, 1)).map(({ value }) => value)).toEqual(["taken over"]);
      await Promise.all([admin.disconnect(), old.disconnect(), taker.disconnect()]);
    });
  });
}
