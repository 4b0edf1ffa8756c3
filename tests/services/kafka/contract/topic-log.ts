import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTopicLog, type RecordColumns, type TopicLog } from "../../../../src/services/kafka/topic-log.ts";
import { consume, fresh, kafkaClient } from "../client.ts";
import { byteColumn, textsOf } from "../columns.ts";
import { eventually } from "../eventually.ts";

/** Our own client. */
export function topicLogContract(address: () => string): void {
  describe("a topic log", () => {
    let log: TopicLog;
    beforeAll(() => {
      log = openTopicLog({ brokers: address(), timeoutMs: 20_000 });
    });
    afterAll(() => log.close());

    const valuesOf = (columns: RecordColumns) =>
      textsOf(columns.bytes, columns.valueStarts, columns.valueEnds);
    const readAll = async (
      topic: string,
      from: number,
      to: number,
      options?: Parameters<TopicLog["read"]>[1],
    ) => {
      const rows: (string | null)[] = [];
      const offsets: number[] = [];
      for await (const columns of log.read({ topic, partition: 0, from, to }, options)) {
        rows.push(...valuesOf(columns));
        offsets.push(...columns.offsets);
      }
      return { rows, offsets };
    };
    const many = Array.from({ length: 3_000 }, (_, i) => `value ${i} ${"y".repeat(i % 90)}`);

    it("gives exactly the range that is asked for, over many batches and fetches", async () => {
      const topic = fresh("range");
      expect(await log.createTopic(topic)).toEqual({ created: true });
      expect(await log.createTopic(topic, { partitions: 3 })).toEqual({ created: false });
      const records = {
        count: many.length,
        values: byteColumn(many),
        keys: byteColumn(many.map((_, i) => `k${i}`)),
      };
      expect(await log.append(topic, 0, records, { batchBytes: 10_000 })).toEqual({ from: 0, to: 3_000 });
      expect(await log.append(topic, 0, records, { codec: "gzip" })).toEqual({ from: 3_000, to: 6_000 });
      for (const [from, to] of [
        [0, 6_000],
        [17, 18],
        [2_990, 3_010],
        [5_999, 6_000],
        [100, 100],
      ] as const) {
        const { rows, offsets } = await readAll(topic, from, to, { fetchBytes: 30_000 });
        expect(rows).toEqual([...many, ...many].slice(from, to));
        expect(offsets).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
      }
      const seen = await consume(kafkaClient(address()), topic, 6_000);
      expect(seen.map(({ value }) => value)).toEqual([...many, ...many]);
      expect(seen[3_001]?.key).toBe("k1");
    });

    it("finds offsets by place and time", async () => {
      const topic = fresh("offsets");
      await log.createTopic(topic, { partitions: 2 });
      expect(await log.partitions(topic)).toEqual([0, 1]);
      const timestamps = Float64Array.from(many, (_, i) => 1_700_000_000_000 + i * 10);
      await log.append(
        topic,
        1,
        { count: many.length, values: byteColumn(many), timestamps },
        { codec: "gzip" },
      );
      expect(await log.offsets(topic, "earliest")).toEqual(
        new Map([
          [0, 0],
          [1, 0],
        ]),
      );
      expect(await log.offsets(topic, "latest")).toEqual(
        new Map([
          [0, 0],
          [1, 3_000],
        ]),
      );
      expect(await log.offsets(topic, { timestampMs: 1_700_000_000_000 + 5_001 })).toEqual(
        new Map([
          [0, 0],
          [1, 501],
        ]),
      );
      expect(await log.offsets(topic, { timestampMs: 1_800_000_000_000 })).toEqual(
        new Map([
          [0, 0],
          [1, 3_000],
        ]),
      );
    });

    it("remembers a group's positions", async () => {
      const topic = fresh("positions");
      const group = fresh("group");
      await log.createTopic(topic, { partitions: 3 });
      expect(await log.committed(group, topic)).toEqual(new Map());
      await log.commit(
        group,
        topic,
        new Map([
          [0, 4],
          [2, 9],
        ]),
      );
      await log.commit(group, topic, new Map([[2, 10]]));
      expect(await log.committed(group, topic)).toEqual(
        new Map([
          [0, 4],
          [2, 10],
        ]),
      );
    });

    it("waits for records, and not for longer than it is told", async () => {
      const topic = fresh("wait");
      await log.createTopic(topic, { partitions: 2 });
      await log.waitForRecords(
        topic,
        new Map([
          [0, 0],
          [1, 0],
        ]),
        { waitMs: 50 },
      );
      const start = performance.now();
      const waiting = log.waitForRecords(
        topic,
        new Map([
          [0, 0],
          [1, 0],
        ]),
        { waitMs: 20_000 },
      );
      await log.append(topic, 1, { count: 1, values: byteColumn(["now"]) });
      await waiting;
      expect(performance.now() - start).toBeLessThan(15_000);
      const stop = new AbortController();
      const stopped = log.waitForRecords(topic, new Map([[0, 0]]), { waitMs: 20_000, signal: stop.signal });
      stop.abort();
      await expect(stopped).rejects.toThrow("cancelled");
    });

    it("leaves out what was aborted, and transaction markers", async () => {
      const topic = fresh("aborted");
      await log.createTopic(topic);
      const kafka = kafkaClient(address());
      const producer = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        transactionalId: fresh("tx"),
      });
      await producer.connect();
      for (const [value, end] of [
        ["a", "commit"],
        ["b", "abort"],
        ["c", "commit"],
        ["d", "abort"],
      ] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value }] });
        await transaction[end]();
      }
      await producer.disconnect();
      // Apache Kafka writes the last marker a moment after it has answered.
      const to = 8;
      await eventually(
        async () => (await log.offsets(topic, "latest")).get(0),
        (end) => end === to,
      );
      expect((await readAll(topic, 0, to)).rows).toEqual(["a", "c"]);
      expect((await readAll(topic, 0, to, { isolation: "uncommitted" })).rows).toEqual(["a", "b", "c", "d"]);
      expect((await readAll(topic, 2, 4)).rows).toEqual([]);
    });

    it("says in words what is not there", async () => {
      const topic = fresh("missing");
      await expect(log.partitions(topic)).rejects.toMatchObject({ code: "kafka-no-topic" });
      await expect(log.offsets(topic, "latest")).rejects.toMatchObject({ code: "kafka-no-topic" });
      await log.createTopic(topic);
      await log.append(topic, 0, { count: 1, values: byteColumn(["only"]) });
      await expect(readAll(topic, 0, 2)).rejects.toMatchObject({ code: "kafka-offset-gone" });
      await expect(readAll(topic, 5, 6)).rejects.toMatchObject({ code: "kafka-offset-gone" });
      await expect(log.append(topic, 7, { count: 1, values: byteColumn(["nowhere"]) })).rejects.toMatchObject(
        { code: "kafka-no-partition" },
      );
      await log.deleteTopic(topic);
      await log.deleteTopic(topic);
    });
  });
}
