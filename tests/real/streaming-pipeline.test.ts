import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ApacheKafka,
  isKafkaInstalled,
  isKafkaRequired,
  startApacheKafka,
} from "../../bench/kafka/apache-kafka.ts";
import type { WorkEvent } from "../../src/core/events.ts";
import type { OpenService } from "../../src/course/run-pipeline.ts";
import { openServices } from "../../src/services/set/open-services.ts";
import { openWorkspace } from "../module-08/run.ts";
import { realSystem } from "./installed.ts";
import { type RealPostgres, startRealPostgres } from "./real-postgres.ts";

const database = realSystem("postgres");
const isSkipped = (!isKafkaInstalled && !isKafkaRequired) || database.isSkipped;
const note = isSkipped ? " (not installed: bash tests/real/setup.sh kafka postgres)" : "";

describe.skipIf(isSkipped)(`taller run streaming on Apache Kafka and PostgreSQL${note}`, () => {
  let kafka: ApacheKafka;
  let postgres: RealPostgres;
  let workspace: Awaited<ReturnType<typeof openWorkspace>>;
  beforeAll(async () => {
    [kafka, postgres, workspace] = await Promise.all([
      startApacheKafka(),
      startRealPostgres(),
      openWorkspace(),
    ]);
    await workspace.run("etl", { rows: "5000", compare: "no" });
  });
  afterAll(async () => {
    await Promise.all([kafka?.stop(), postgres?.stop(), workspace?.remove()]);
  });

  const run = (options: Record<string, string>, events: WorkEvent[] = []) => {
    const env = { TALLER_KAFKA_BROKERS: kafka.brokers, TALLER_DATABASE_URL: postgres.url };
    const emit = (event: WorkEvent) => void events.push(event);
    const openService: OpenService = async (name) => {
      const opened = await openServices({ workspace: workspace.folder, names: [name], env, emit });
      return { address: opened.addresses[name], close: async () => opened.close() };
    };
    return workspace.run("streaming", options, { openService, events });
  };

  test("every event is in exactly one place, over two runs; nothing lies outside of taller", async () => {
    const small = { rate: "2000", seconds: "3", keys: "500", burst: "2", trigger: "300 milliseconds" };
    const events: WorkEvent[] = [];
    await run(small, events);
    const names = events.flatMap((event) => (event.kind === "note" ? [event.text.en] : []));
    expect(names.filter((text) => /the real one, by TALLER_/.test(text))).toHaveLength(2);

    const { report } = await run(small);
    const { produced, read, processed = 0, late = 0, duplicates = 0, deadLetters = 0 } = report?.rows ?? {};
    expect(produced).toBe(12_000);
    expect(read).toBe(12_000);
    expect(processed + late + duplicates + deadLetters).toBe(12_000);
    const places = report?.places as { rows: number; distinctEvents: number; expected: number }[];
    for (const place of places)
      expect(place).toMatchObject({ rows: place.expected, distinctEvents: place.expected });

    const admin = new Kafka({ brokers: [kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith("__"));
    await admin.disconnect();
    expect(topics).toEqual(expect.arrayContaining(["taller.hot-leads", "taller.lead-events"]));
    expect(topics.filter((topic) => !topic.startsWith("taller."))).toEqual([]);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ schemaname: string }>(
      "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    await client.end();
    expect(rows).toEqual([{ schemaname: "taller" }]);
  });
});
