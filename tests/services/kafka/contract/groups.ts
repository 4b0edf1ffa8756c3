import { describe, expect, it } from "vitest";
import { collect, fresh, kafkaClient, makeTopic, type Seen } from "../client.ts";
import { eventually } from "../eventually.ts";

/** Consumer groups by kafkajs. */
export function groupContract(address: () => string): void {
  describe("consumer groups", () => {
    it("share the partitions, and share them anew when a member comes or goes", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("shared");
      const groupId = fresh("group");
      const admin = kafka.admin();
      await admin.connect();
      await makeTopic(address(), topic, 4);
      const config = { groupId, sessionTimeout: 10_000, heartbeatInterval: 200, maxWaitTimeInMs: 100 };
      const members = [kafka.consumer(config), kafka.consumer(config)];
      const assigned: number[][] = [[], []];
      const seen: Seen[][] = [[], []];
      members.forEach((member, i) => {
        member.on(member.events.GROUP_JOIN, ({ payload }) => {
          assigned[i] = payload.memberAssignment[topic] ?? [];
        });
      });
      const [first, second] = members;
      if (first === undefined || second === undefined) throw new Error("two members");
      const start = async (member: typeof first, into: Seen[]) => {
        await member.connect();
        await member.subscribe({ topic, fromBeginning: true });
        await collect(member, into);
      };
      await start(first, seen[0] ?? []);
      await eventually(
        () => assigned[0],
        (mine) => mine?.length === 4,
      );
      await start(second, seen[1] ?? []);
      await eventually(
        () => assigned,
        ([a, b]) => a?.length === 2 && b?.length === 2,
      );
      expect([...(assigned[0] ?? []), ...(assigned[1] ?? [])].sort()).toEqual([0, 1, 2, 3]);
      const described = await eventually(
        () => admin.describeGroups([groupId]),
        ({ groups }) => groups[0]?.state === "Stable" && groups[0].members.length === 2,
      );
      expect(described.groups[0]?.protocolType).toBe("consumer");
      const producer = kafka.producer();
      await producer.connect();
      const produce = (from: number) =>
        producer.send({
          topic,
          messages: Array.from({ length: 40 }, (_, i) => ({ partition: i % 4, value: String(from + i) })),
        });
      await produce(0);
      await eventually(
        () => seen,
        ([a, b]) => (a?.length ?? 0) >= 20 && (b?.length ?? 0) >= 20,
      );
      await second.disconnect();
      await eventually(
        () => assigned[0],
        (mine) => mine?.length === 4,
      );
      await produce(40);
      await eventually(
        () => seen.flat(),
        (all) => new Set(all.map(({ value }) => value)).size === 80,
      );
      await Promise.all([first.disconnect(), producer.disconnect()]);
      await eventually(
        () => admin.describeGroups([groupId]),
        ({ groups }) => groups[0]?.state === "Empty",
      );
      await admin.deleteGroups([groupId]);
      expect((await admin.listGroups()).groups.map((one) => one.groupId)).not.toContain(groupId);
      await admin.disconnect();
    });

    it("go on where they have committed, and can be set back", async () => {
      const kafka = kafkaClient(address());
      const topic = fresh("committed");
      await makeTopic(address(), topic);
      const groupId = fresh("group");
      const producer = kafka.producer();
      const admin = kafka.admin();
      await Promise.all([producer.connect(), admin.connect()]);
      await producer.send({ topic, messages: [0, 1, 2, 3, 4].map((i) => ({ value: String(i) })) });
      const readUntil = async (last: string): Promise<string[]> => {
        const seen: Seen[] = [];
        const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await collect(consumer, seen);
        await eventually(
          () => seen,
          (all) => all.some(({ value }) => value === last),
        );
        await consumer.disconnect();
        return seen.map(({ value }) => value ?? "");
      };
      expect(await readUntil("4")).toEqual(["0", "1", "2", "3", "4"]);
      expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
        { topic, partitions: [{ partition: 0, offset: "5" }] },
      ]);
      await producer.send({ topic, messages: [{ value: "5" }] });
      expect(await readUntil("5")).toEqual(["5"]);
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "4" }] });
      expect(await readUntil("5")).toEqual(["4", "5"]);
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    });
  });
}
