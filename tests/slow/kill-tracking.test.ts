import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTracking, type TrackingClient } from "../../src/services/tracking/client.ts";

const KILLS = Number(process.env.TALLER_KILLS ?? 15);
const serverSource = fileURLToPath(
  new URL("../../src/services/tracking/embedded/server.ts", import.meta.url),
);

const dir = mkdtempSync(join(tmpdir(), "taller-kill-tracking-"));
const program = join(dir, "serve.mjs");
let server: ChildProcess | undefined;

beforeAll(async () => {
  await build({
    entryPoints: [serverSource],
    outfile: join(dir, "server.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
  });
  const lines = [
    'import { startTracking } from "./server.mjs";',
    `const server = await startTracking({ folder: ${JSON.stringify(join(dir, "data"))}, port: 0 });`,
    "console.log(server.uri);",
  ];
  writeFileSync(program, lines.join("\n"));
});
afterAll(() => {
  server?.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

/** What the server said yes to, over all its lives. */
interface Acknowledged {
  /** By run: the steps of its metric, its params, its files. */
  readonly runs: Map<string, { steps: Set<number>; params: Map<string, string>; files: Map<string, string> }>;
  readonly versions: Map<string, string>;
}

test(`${KILLS} kills of the tracking server under load lose nothing that was acknowledged`, {
  timeout: 300_000 + KILLS * 60_000,
}, async () => {
  const known: Acknowledged = { runs: new Map(), versions: new Map() };
  let client = await start();
  const experiment = await client.createExperiment("taller/kills");
  await client.createRegisteredModel("model");
  for (let kill = 0; kill < KILLS; kill++) {
    const fresh: Acknowledged = { runs: new Map(), versions: new Map() };
    const load = Array.from({ length: 6 }, (_, worker) =>
      logUntilKilled(client, { experiment, worker, fresh }),
    );
    await sleep(20 + Math.random() * 200);
    server?.kill("SIGKILL");
    await Promise.all(load);
    client = await start();
    await expectKept(client, fresh);
    for (const [run, what] of fresh.runs) known.runs.set(run, what);
    for (const [version, source] of fresh.versions) known.versions.set(version, source);
  }
  await expectKept(client, known);
  const points = [...known.runs.values()].reduce((sum, { steps }) => sum + steps.size, 0);
  const files = [...known.runs.values()].reduce((sum, one) => sum + one.files.size, 0);
  expect(points).toBeGreaterThan(KILLS);
  console.log(
    `kills of the tracking server: ${KILLS}; kept: ${known.runs.size} runs, ${points} metrics, ${files} files, ${known.versions.size} versions`,
  );
});

async function start(): Promise<TrackingClient> {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  server = child;
  const [uri] = await once(createInterface({ input: child.stdout }), "line");
  return openTracking({ uri: String(uri), timeoutMs: 20_000 });
}

/** One after the other, and remembered once the server has said yes; ends with the first failure, which is the kill. */
async function logUntilKilled(
  client: TrackingClient,
  { experiment, worker, fresh }: { experiment: string; worker: number; fresh: Acknowledged },
): Promise<void> {
  try {
    const run = (await client.createRun(experiment, { runName: `w${worker}` })).info.run_id;
    const mine = {
      steps: new Set<number>(),
      params: new Map<string, string>(),
      files: new Map<string, string>(),
    };
    fresh.runs.set(run, mine);
    for (let step = 0; ; step++) {
      const steps = [step * 3, step * 3 + 1, step * 3 + 2];
      await client.logBatch(run, {
        metrics: steps.map((at) => ({ key: "m", value: at, timestamp: 1, step: at })),
        params: { [`p${step}`]: String(step) },
      });
      for (const at of steps) mine.steps.add(at);
      mine.params.set(`p${step}`, String(step));
      if (step % 3 === 0) {
        const text = `${worker}-${step}`.repeat(2_000);
        await client.logArtifact(run, `d/${step % 6}.txt`, text);
        mine.files.set(`d/${step % 6}.txt`, text);
      }
      if (step % 5 === 0) {
        const source = `s3://b/${run}/${step}`;
        const { version } = await client.createModelVersion("model", source);
        fresh.versions.set(version, source);
      }
    }
  } catch (error) {
    expect(error).toMatchObject({ code: "tracking-unreachable" });
  }
}

async function expectKept(client: TrackingClient, known: Acknowledged): Promise<void> {
  for (const [run, { steps, params, files }] of known.runs) {
    const points = (await client.getMetricHistory(run, "m")).items;
    const kept = new Set(points.map(({ step }) => step));
    expect([...steps].filter((step) => !kept.has(step))).toEqual([]);
    // A request is there whole or not at all, and once.
    expect(points.length % 3).toBe(0);
    expect(kept.size).toBe(points.length);
    expect(points.every(({ value, step }) => value === step)).toBe(true);
    const { data } = await client.getRun(run);
    expect(Object.fromEntries(data.params.map(({ key, value }) => [key, value]))).toMatchObject(
      Object.fromEntries(params),
    );
    for (const [path, text] of files) {
      const found = Buffer.from(await client.downloadArtifact(`runs:/${run}/${path}`)).toString();
      // The next upload of this file may have been whole when the kill came.
      expect(found.length >= text.length && /^(\d+-\d+)\1+$/.test(found)).toBe(true);
    }
  }
  for (const [version, source] of known.versions) {
    expect(await client.getModelVersion("model", version)).toMatchObject({ version, source });
  }
}
