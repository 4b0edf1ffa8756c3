import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openTracking } from "../../src/services/tracking/client.ts";
import { startTracking, type TrackingServer } from "../../src/services/tracking/embedded/server.ts";
import { trackingContract } from "../services/tracking/contract.ts";
import { eventually, freePort, realSystem } from "./installed.ts";

const run = promisify(execFile);
const real = realSystem("mlflow");
const peer = fileURLToPath(new URL("mlflow_peer.py", import.meta.url));

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "taller-mlflow-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(real.isSkipped)(`MLflow's own server${real.note}`, () => {
  let uri = "";
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    const port = await freePort();
    uri = `http://127.0.0.1:${port}`;
    const home = join(folder, "real");
    const flags = [
      ["--host", "127.0.0.1"],
      ["--port", String(port)],
      ["--workers", "1"],
      ["--backend-store-uri", `sqlite:///${home}.sqlite`],
      ["--artifacts-destination", home],
    ].flat();
    // A group of its own: the server is several processes.
    server = spawn(real.python, ["-m", "mlflow", "server", "--serve-artifacts", ...flags], {
      detached: true,
      stdio: "ignore",
      cwd: folder,
      env: {
        ...process.env,
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        MLFLOW_DISABLE_TELEMETRY: "true",
      },
    });
    await eventually(async () => {
      const answer = await fetch(`${uri}/health`);
      expect(answer.status).toBe(200);
    }, 120_000);
  });

  afterAll(async () => {
    if (server?.pid === undefined) return;
    const ended = once(server, "exit");
    process.kill(-server.pid, "SIGTERM");
    await ended;
  });

  trackingContract(() => uri);

  test("the Python script that tries the embedded server passes here too", async () => {
    expect(await runPeer(uri)).toMatchObject({ version: expect.stringMatching(/^3\./) });
  });
});

describe.skipIf(real.isSkipped)(`MLflow's Python client on the embedded server${real.note}`, () => {
  let server: TrackingServer | undefined;
  beforeAll(async () => {
    server = await startTracking({ folder: join(folder, "embedded"), port: 0 });
  });
  afterAll(async () => {
    await server?.close();
  });

  test("runs, files, searches, a logged and a registered model work as on its own server", async () => {
    const uri = server?.uri ?? "";
    const said = await runPeer(uri);
    const client = openTracking({ uri });
    const found = await client.getRun(said.run);
    expect(found.info).toMatchObject({ run_name: "first", status: "FINISHED" });
    expect(found.data.params).toContainEqual({ key: "depth", value: "5" });
    expect(await client.getModelVersionByAlias(said.model, "challenger")).toMatchObject({
      version: "2",
      description: "the second",
      current_stage: "Staging",
    });
  });
});

const saidSchema = z.object({
  version: z.string(),
  experiment: z.string(),
  run: z.string(),
  model: z.string(),
});

/** The script asserts by itself; it ends with what it made. */
async function runPeer(uri: string): Promise<z.output<typeof saidSchema>> {
  const { stdout } = await run(real.python, ["-W", "ignore", peer, uri], {
    cwd: folder,
    maxBuffer: 10_000_000,
  });
  return saidSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}
