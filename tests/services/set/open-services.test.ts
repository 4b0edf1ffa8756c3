import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "minio";
import { expect, onTestFinished, test } from "vitest";
import { type OpenServices, openServices } from "../../../src/services/set/open-services.ts";
import { readRecord, recordPath } from "../../../src/services/set/record.ts";
import type { ServiceAddresses } from "../../../src/services/set/service.ts";
import { bundleProgram, startProgram } from "../child-program.ts";

const HOST = new URL("../../../src/services/set/host.ts", import.meta.url);
const OPEN = new URL("./children/open.ts", import.meta.url);

/** A workspace whose servers are gone at the end of the test. */
async function openWorld(): Promise<{
  workspace: string;
  hostProgram: string;
  open(more?: { graceMs?: number; ports?: { s3: number } }): Promise<OpenServices<"s3">>;
}> {
  const workspace = await mkdtemp(join(tmpdir(), "taller-set-"));
  const hostProgram = await bundleProgram(HOST);
  const opened: OpenServices<"s3">[] = [];
  onTestFinished(async () => {
    for (const services of opened) services.close();
    await until(async () => (await readRecord(workspace, "s3")) === undefined);
    await rm(workspace, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return {
    workspace,
    hostProgram,
    open: async (more = {}) => {
      const services = await openServices({
        workspace,
        names: ["s3"],
        env: process.env,
        graceMs: 100,
        hostProgram,
        ...more,
      });
      opened.push(services);
      return services;
    },
  };
}

test("two that open the set at once meet on one server", async () => {
  const { open } = await openWorld();
  const [first, second] = await Promise.all([open(), open()]);
  expect(second.addresses).toEqual(first.addresses);
  expect(first.origins).toEqual({ s3: "embedded" });
  await clientOf(first.addresses.s3).makeBucket("here");
  expect(await clientOf(second.addresses.s3).bucketExists("here")).toBe(true);
});

test("a server outlives its starter, killed, while another client is there, and ends after the last", async () => {
  const { workspace, hostProgram, open } = await openWorld();
  const starter = startProgram(await bundleProgram(OPEN), [workspace, hostProgram, "100"]);
  const address: unknown = JSON.parse(await starter.nextLine());
  const mine = await open();
  expect(mine.addresses.s3).toEqual(address);
  await starter.kill();
  // Longer than its grace.
  await sleep(300);
  expect(await clientOf(mine.addresses.s3).listBuckets()).toEqual([]);
  const { pid } = (await readRecord(workspace, "s3")) ?? {};
  mine.close();
  await until(() => Promise.resolve(!isAlive(pid ?? 0)));
  expect(await readRecord(workspace, "s3")).toBeUndefined();
});

test("what was stored is there at the next start, with the same keys", async () => {
  const { workspace, open } = await openWorld();
  const first = await open();
  await clientOf(first.addresses.s3).makeBucket("kept");
  first.close();
  // At once: the one that is ending still has the folder.
  const second = await open();
  expect(await clientOf(second.addresses.s3).bucketExists("kept")).toBe(true);
  expect(second.addresses.s3.secretAccessKey).toBe(first.addresses.s3.secretAccessKey);
  expect((await stat(recordPath(workspace))).isFile()).toBe(true);
});

test("a stale record is replaced: of a killed server, of another program, and torn", async () => {
  const { workspace, open } = await openWorld();
  const first = await open();
  const record = await readRecord(workspace, "s3");
  process.kill(record?.pid ?? 0, "SIGKILL");
  await until(() => Promise.resolve(!isAlive(record?.pid ?? 0)));
  const second = await open();
  expect(second.addresses.s3.endpoint).not.toBe(first.addresses.s3.endpoint);
  second.close();
  await until(async () => (await readRecord(workspace, "s3")) === undefined);

  const foreign = createServer((socket) => socket.end("220 some other service\n")).listen(0, "127.0.0.1");
  onTestFinished(() => void foreign.close());
  await new Promise((resolve) => foreign.once("listening", resolve));
  const controlPort = (foreign.address() as { port: number }).port;
  const entry = { ...record, name: undefined, controlPort };
  await writeFile(recordPath(workspace), JSON.stringify({ services: { s3: entry } }));
  const third = await open();
  expect(await clientOf(third.addresses.s3).listBuckets()).toEqual([]);
  third.close();
  await until(async () => (await readRecord(workspace, "s3")) === undefined);

  await writeFile(recordPath(workspace), '{"services": {"s3": {"pid":');
  const fourth = await open();
  expect(await clientOf(fourth.addresses.s3).listBuckets()).toEqual([]);
});

test("a busy port is named, and so is a set that runs on another one", async () => {
  const { open } = await openWorld();
  const busy = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void busy.close());
  await new Promise((resolve) => busy.once("listening", resolve));
  const { port } = busy.address() as { port: number };
  await expect(open({ ports: { s3: port } })).rejects.toMatchObject({
    code: "port-in-use",
    what: { en: expect.stringContaining(String(port)) as string },
  });
  await open();
  await expect(open({ ports: { s3: port } })).rejects.toMatchObject({ code: "on-another-port" });
});

test("a server gets none of the variables of whoever starts it", async () => {
  const { workspace, hostProgram } = await openWorld();
  const env = { ...process.env, AWS_SECRET_ACCESS_KEY: "canary-secret", DATABASE_URL: "postgres://canary" };
  const services = await openServices({ workspace, names: ["s3"], env, graceMs: 100, hostProgram });
  const { pid } = (await readRecord(workspace, "s3")) ?? {};
  // Linux only; elsewhere there is no such file.
  const environ = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  expect(environ).not.toContain("canary");
  services.close();
});

function clientOf(address: ServiceAddresses["s3"]): Client {
  const { hostname, port } = new URL(address.endpoint);
  const { accessKeyId, secretAccessKey, region } = address;
  return new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    region,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error("it did not come to pass");
    await sleep(20);
  }
}
