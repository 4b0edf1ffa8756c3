import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import {
  type BrokerEvent,
  type KafkaServer,
  startKafka,
} from "../../../src/services/kafka/embedded/server.ts";
import { kafkaContract } from "./contract.ts";

let folder: string;
let server: KafkaServer;
const events: BrokerEvent[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-kafka-"));
  server = await startKafka({ folder, onEvent: (event) => events.push(event) });
});

afterEach(() => {
  expect(events).toEqual([]);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

kafkaContract(() => server.brokers);
