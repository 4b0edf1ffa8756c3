import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lastJson, learnerFolder, runTaller, TALLER } from "./run-taller.ts";

const folder = learnerFolder();
const workspace = join(folder.dir, "w");
let foreground: ChildProcess;
let addresses: Record<string, string>;
let canary: Server;
let contacts = 0;
/** What people have set at work: nothing of ours may go there. */
let work: Record<string, string>;

beforeAll(async () => {
  canary = createServer((socket) => {
    contacts++;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(canary, "listening");
  const { port } = canary.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  work = {
    DATABASE_URL: `postgres://canary@127.0.0.1:${port}/canary`,
    MLFLOW_TRACKING_URI: url,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "canary",
    AWS_SECRET_ACCESS_KEY: "canary",
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    SPARK_REMOTE: `sc://127.0.0.1:${port}`,
  };
  const args = ["services", "--only", "kafka,s3", "--json", "--workspace", workspace];
  const env = { PATH: process.env.PATH, HOME: folder.dir, TALLER_LANG: "en", NO_COLOR: "1", ...work };
  foreground = spawn(process.execPath, [TALLER, ...args], {
    cwd: folder.dir,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(
    createInterface({ input: foreground.stdout as NodeJS.ReadableStream }),
    "line",
  )) as [string];
  addresses = JSON.parse(line) as Record<string, string>;
});

afterAll(async () => {
  if (foreground.exitCode === null) {
    foreground.kill("SIGKILL");
    await once(foreground, "close");
  }
  canary.close();
  // The servers stay a moment after their last client; then they take themselves out of the file.
  const record = join(workspace, ".taller", "services.json");
  const deadline = performance.now() + 30_000;
  while (readFileSync(record, "utf8").includes("pid") && performance.now() < deadline) await sleep(50);
  folder.remove();
});

test("its one line has the addresses under the names that clients expect", () => {
  expect(Object.keys(addresses).sort()).toEqual([
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "TALLER_KAFKA_BROKERS",
    "TALLER_S3_ENDPOINT",
  ]);
  expect(addresses.TALLER_KAFKA_BROKERS).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("a command in another process meets the same broker", async () => {
  const args = ["run", "producer", "--total", "500", "--mode", "batch", "--json", "--workspace", workspace];
  const ran = await runTaller(args, { cwd: folder.dir, env: work });
  expect(ran.exitCode, ran.stderr).toBe(0);
  const kafka = new Kafka({
    brokers: [addresses.TALLER_KAFKA_BROKERS ?? ""],
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets("taller.lead-events");
  await admin.disconnect();
  expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(500);
});

test("status and the doctor find what runs, and say what does not", async () => {
  const status = await runTaller(["services", "status", "--json", "--workspace", workspace], {
    cwd: folder.dir,
    env: work,
  });
  expect(lastJson(status)).toMatchObject({
    services: [
      { service: "kafka", state: "embedded", address: addresses.TALLER_KAFKA_BROKERS },
      { service: "s3", state: "embedded", address: addresses.TALLER_S3_ENDPOINT },
      { service: "postgres", state: "stopped" },
      { service: "tracking", state: "stopped" },
    ],
  });
  const doctor = await runTaller(["doctor", "kafka", "--json", "--workspace", workspace], {
    cwd: folder.dir,
    env: work,
  });
  expect(lastJson(doctor)).toMatchObject({ ok: true, checks: [{ id: "kafka", status: "ok" }] });
});

test("a real system that does not answer is named with its variable, exit code 3", async () => {
  const ran = await runTaller(["doctor", "kafka", "--workspace", workspace], {
    cwd: folder.dir,
    env: { TALLER_KAFKA_BROKERS: "127.0.0.1:1" },
  });
  expect(ran.exitCode).toBe(3);
  expect(ran.stdout).toContain("unset TALLER_KAFKA_BROKERS");
});

test("Ctrl-C ends the foreground, and nothing went to what people have set at work", async () => {
  foreground.kill("SIGINT");
  const [exitCode] = (await once(foreground, "close")) as [number | null];
  expect(exitCode).toBe(0);
  expect(contacts).toBe(0);
});

test("a service that there is not suggests the nearest", async () => {
  const ran = await runTaller(["services", "--only", "kafak"], { cwd: folder.dir });
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain('Did you mean "kafka"?');
});
