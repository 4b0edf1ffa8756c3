import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isKafkaInstalled, isKafkaRequired, javaCommand, python } from "../../bench/kafka/apache-kafka.ts";
import { type BrokerEvent, type KafkaServer, startKafka } from "../../src/services/kafka/embedded/server.ts";
import { canDecode } from "../../src/services/kafka/protocol/compression.ts";
import { openTopicLog, type TopicLog } from "../../src/services/kafka/topic-log.ts";
import { fresh, kafkaClient } from "../services/kafka/client.ts";
import { textsOf } from "../services/kafka/columns.ts";

const run = promisify(execFile);
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** Other people's clients on the embedded broker: Kafka's own tools, librdkafka, kafka-python. */
describe.skipIf(!isKafkaInstalled && !isKafkaRequired)(
  `clients of Kafka on the embedded broker${isKafkaInstalled ? "" : " (not installed: bash tests/real/setup.sh kafka)"}`,
  () => {
    let folder: string;
    let server: KafkaServer;
    let log: TopicLog;
    const events: BrokerEvent[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "taller-kafka-clients-"));
      server = await startKafka({ folder, onEvent: (event) => events.push(event) });
      log = openTopicLog({ brokers: server.brokers });
    });
    afterEach(() => {
      expect(events).toEqual([]);
    });
    afterAll(async () => {
      await log?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const java = async (main: string, args: readonly string[], input?: string): Promise<string> => {
      const { command, args: all } = javaCommand(main, args, { heapMb: 256 });
      const child = spawn(command, all, { stdio: ["pipe", "pipe", "pipe"] });
      const output = { out: "", err: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output.out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        output.err += text;
      });
      child.stdin.end(input ?? "");
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`${main} ended with ${code}:\n${output.out}\n${output.err}`);
      return output.out;
    };
    const readValues = async (topic: string, to: number): Promise<(string | null)[]> => {
      const rows: (string | null)[] = [];
      for await (const { bytes, valueStarts, valueEnds } of log.read({ topic, partition: 0, from: 0, to }))
        rows.push(...textsOf(bytes, valueStarts, valueEnds));
      return rows;
    };

    it.each(CODECS)("Kafka's console tools produce and consume with %s", async (codec) => {
      const topic = fresh(`java-${codec}`);
      const lines = Array.from({ length: 200 }, (_, i) => `k${i}:line ${i} ${"s".repeat(i % 40)}`);
      await java(
        "org.apache.kafka.tools.ConsoleProducer",
        [
          ...["--bootstrap-server", server.brokers, "--topic", topic],
          ...["--compression-codec", codec],
          ...["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"],
        ],
        `${lines.join("\n")}\n`,
      );
      const values = lines.map((line) => line.split(":")[1] ?? "");
      const out = await java("org.apache.kafka.tools.consumer.ConsoleConsumer", [
        ...["--bootstrap-server", server.brokers, "--topic", topic, "--from-beginning"],
        ...["--max-messages", "200", "--timeout-ms", "30000"],
        ...["--formatter-property", "print.key=true", "--formatter-property", "key.separator=:"],
      ]);
      expect(out.trim().split("\n")).toEqual(lines);
      if (canDecode(codec)) expect(await readValues(topic, 200)).toEqual(values);
    });

    it("Kafka's performance tools run, transactions too", async () => {
      const topic = fresh("perf");
      await log.createTopic(topic, { partitions: 2 });
      const produced = await java("org.apache.kafka.tools.ProducerPerformance", [
        ...["--topic", topic, "--num-records", "50000", "--record-size", "200", "--throughput", "-1"],
        ...["--producer-props", `bootstrap.servers=${server.brokers}`, "acks=all", "compression.type=lz4"],
        ...["--transactional-id", fresh("tx"), "--transaction-duration-ms", "200"],
      ]);
      expect(produced).toContain("50000 records sent");
      const consumed = await java("org.apache.kafka.tools.ConsumerPerformance", [
        ...["--topic", topic, "--messages", "50000", "--bootstrap-server", server.brokers],
        ...["--timeout", "30000"],
      ]);
      expect(consumed).toContain("50000");
    });

    it("Kafka's consumer leaves out what was aborted", async () => {
      const topic = fresh("aborted");
      await log.createTopic(topic);
      const transactional = { idempotent: true, maxInFlightRequests: 1, transactionalId: fresh("tx") };
      const producer = kafkaClient(server.brokers).producer(transactional);
      await producer.connect();
      for (const [value, end] of [
        ["a", "commit"],
        ["b", "abort"],
        ["c", "commit"],
      ] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value }] });
        await transaction[end]();
      }
      await producer.disconnect();
      const out = await java("org.apache.kafka.tools.consumer.ConsoleConsumer", [
        ...["--bootstrap-server", server.brokers, "--topic", topic, "--from-beginning"],
        ...["--isolation-level", "read_committed", "--max-messages", "2", "--timeout-ms", "30000"],
      ]);
      expect(out.trim().split("\n")).toEqual(["a", "c"]);
    });

    it("Kafka's administrative tools make, describe, change and list", async () => {
      const topic = fresh("admin");
      const to = ["--bootstrap-server", server.brokers];
      const topics = "org.apache.kafka.tools.TopicCommand";
      await java(topics, [
        ...to,
        "--create",
        "--topic",
        topic,
        "--partitions",
        "3",
        "--config",
        "retention.ms=5000",
      ]);
      await java(topics, [...to, "--alter", "--topic", topic, "--partitions", "4"]);
      await java("kafka.admin.ConfigCommand", [
        ...[...to, "--alter", "--entity-type", "topics", "--entity-name", topic],
        ...["--add-config", "retention.ms=7000", "--delete-config", "segment.bytes"],
      ]);
      const described = await java(topics, [...to, "--describe", "--topic", topic]);
      expect(described).toContain("PartitionCount: 4");
      expect(described).toContain("retention.ms=7000");
      expect(await java(topics, [...to, "--list"])).toContain(topic);
      await java("org.apache.kafka.tools.ConsoleProducer", [...to, "--topic", topic], "one\ntwo\n");
      await java("org.apache.kafka.tools.consumer.ConsoleConsumer", [
        ...[...to, "--topic", topic, "--from-beginning", "--max-messages", "2", "--timeout-ms", "30000"],
        ...["--group", `${topic}.group`],
      ]);
      const groups = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
      expect(await java(groups, [...to, "--list"])).toContain(`${topic}.group`);
      const shown = await java(groups, [...to, "--describe", "--group", `${topic}.group`]);
      expect(shown.split("\n").filter((line) => line.includes(topic))).toHaveLength(4);
      await java(groups, [
        ...[
          ...to,
          "--group",
          `${topic}.group`,
          "--topic",
          topic,
          "--reset-offsets",
          "--to-earliest",
          "--execute",
        ],
      ]);
      const offsets = await java("org.apache.kafka.tools.GetOffsetShell", [...to, "--topic", topic]);
      const ends = offsets
        .trim()
        .split("\n")
        .map((line) => Number(line.split(":")[2]));
      expect(ends.reduce((sum, end) => sum + end, 0)).toBe(2);
      await java(topics, [...to, "--delete", "--topic", topic]);
      expect(await java("org.apache.kafka.tools.BrokerApiVersionsCommand", to)).toContain(
        "Produce(0): 0 to 13",
      );
    });

    it.each(["kafka_confluent.py", "kafka_python.py"])(
      "%s produces, consumes, shares, commits",
      async (script) => {
        const path = fileURLToPath(new URL(script, import.meta.url));
        const { stdout } = await run(python, [path, server.brokers, fresh("python")], { timeout: 110_000 });
        const found: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null");
        const isConfluent = script === "kafka_confluent.py";
        const rows = isConfluent ? 500 : 300;
        const codec = { rows, same: true, committed: rows, offset_at: 124 };
        expect(found).toMatchObject({
          codecs: { gzip: codec, snappy: codec, lz4: codec, zstd: { rows, same: true, committed: rows } },
          committed: ["a", "c"],
          uncommitted: ["a", "b", "c"],
          deleted: true,
          ...(isConfluent ? { assigned: [0, 1, 2, 3, 4, 5], groups: true, retention: "604800000" } : {}),
        });
      },
    );
  },
);
