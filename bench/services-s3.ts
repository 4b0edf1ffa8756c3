import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "minio";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";
import { peakMemoryOf } from "./process-memory.ts";

const embedded = fileURLToPath(new URL("../src/services/object-store/embedded/server.js", import.meta.url));
const realHome = process.env.TALLER_REAL_HOME ?? join(homedir(), ".cache", "taller-real");
const KEYS = { accessKey: "taller", secretKey: "taller-secret" };

/** Objects of a size, how many of them a round puts and gets, and how many are under way at once. */
const CASES = [
  { name: "1 kB", sizeBytes: 1_000, count: 2_000, atOnce: 8 },
  { name: "1 MB", sizeBytes: 1_000_000, count: 200, atOnce: 4 },
  { name: "64 MB", sizeBytes: 64_000_000, count: 8, atOnce: 2 },
] as const;

/**
 * The embedded S3 against versitygw 1.8.0 (posix): the minio client puts and gets the same objects on each in turn,
 * `--runs` rounds (3), the median. The client is a process of its own and the same for both, so that what it costs
 * pulls the ratio towards 1.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const runs = Number(options.flags.runs ?? 3);
  const ours = await start("ours", options);
  const peer = await start("versitygw", options);
  try {
    const rows: BenchRow[] = [];
    for (const one of CASES) {
      const mine: Round[] = [];
      const theirs: Round[] = [];
      for (let i = 0; i < runs; i++) {
        mine.push(await round(ours, one));
        if (peer !== undefined) theirs.push(await round(peer, one));
      }
      const objects = `${one.count.toLocaleString("en")} objects of ${one.name}`;
      for (const metric of ["put", "get"] as const) {
        const value = median(mine.map((each) => each[metric]));
        options.say(`${metric} ${objects}: ${value.toFixed(1)} MB/s`);
        rows.push(
          benchRow({
            bench: "services",
            case: `S3 ${metric}, ${objects}`,
            metric: "throughput",
            unit: "MB/s",
            ours: value,
            peer: "versitygw",
            peerValue: theirs.length === 0 ? null : median(theirs.map((each) => each[metric])),
            aim: { on: "ratio", atLeast: 0.7 },
          }),
        );
      }
    }
    rows.push(
      benchRow({
        bench: "services",
        case: "S3, all of the above",
        metric: "peak memory",
        unit: "MB",
        ours: (await peakMemoryOf(ours.process)) / 1e6,
        peer: "versitygw",
        peerValue: peer === undefined ? null : (await peakMemoryOf(peer.process)) / 1e6,
      }),
    );
    return rows;
  } finally {
    ours.process.kill();
    peer?.process.kill();
  }
}

interface Round {
  /** Megabytes a second, of 10⁶ bytes. */
  readonly put: number;
  readonly get: number;
}

async function round(server: Server, one: (typeof CASES)[number]): Promise<Round> {
  const { client } = server;
  const body = randomBytes(one.sizeBytes);
  const names = Array.from({ length: one.count }, (_, index) => `${one.name}/${index}`);
  const megabytes = (one.count * one.sizeBytes) / 1e6;
  const put = await timed(names, one.atOnce, async (name) => {
    await client.putObject("bench", name, body, one.sizeBytes);
  });
  const get = await timed(names, one.atOnce, async (name) => {
    let bytes = 0;
    for await (const chunk of await client.getObject("bench", name)) bytes += (chunk as Buffer).length;
    if (bytes !== one.sizeBytes) throw new Error(`${name}: ${bytes} bytes came back`);
  });
  return { put: megabytes / put, get: megabytes / get };
}

/** Seconds until every name is worked on, so many at once. */
async function timed(
  names: readonly string[],
  atOnce: number,
  work: (name: string) => Promise<void>,
): Promise<number> {
  const waiting = names.values();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const name of waiting) await work(name);
    }),
  );
  return (performance.now() - began) / 1000;
}

interface Server {
  readonly process: ChildProcess;
  readonly client: Client;
}

async function start(which: "ours", options: BenchOptions): Promise<Server>;
async function start(which: "versitygw", options: BenchOptions): Promise<Server | undefined>;
async function start(which: "ours" | "versitygw", options: BenchOptions): Promise<Server | undefined> {
  const folder = join(options.folder, which);
  const port = await freePort();
  await mkdir(join(folder, "data"), { recursive: true });
  const gateway = join(realHome, "s3", "versitygw");
  if (which === "versitygw" && !existsSync(gateway)) {
    options.say("versitygw is not there: tests/real/setup.sh s3 installs it");
    return undefined;
  }
  const child =
    which === "ours"
      ? spawn(process.execPath, ["--input-type=module", "-e", program(folder, port)], { stdio: "inherit" })
      : spawn(
          gateway,
          ["--port", `127.0.0.1:${port}`, "posix", "--sidecar", join(folder, "meta"), join(folder, "data")],
          {
            stdio: "ignore",
            env: { ...process.env, ROOT_ACCESS_KEY: KEYS.accessKey, ROOT_SECRET_KEY: KEYS.secretKey },
          },
        );
  await mkdir(join(folder, "meta"), { recursive: true });
  const client = new Client({ endPoint: "127.0.0.1", port, useSSL: false, region: "us-east-1", ...KEYS });
  for (const deadline = performance.now() + 20_000; ; ) {
    try {
      await client.makeBucket("bench", "us-east-1");
      return { process: child, client };
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

function program(folder: string, port: number): string {
  const options = {
    folder,
    port,
    accessKeyId: KEYS.accessKey,
    secretAccessKey: KEYS.secretKey,
  };
  return `import { startObjectStore } from ${JSON.stringify(`file://${embedded}`)};
await startObjectStore(${JSON.stringify(options)});`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
