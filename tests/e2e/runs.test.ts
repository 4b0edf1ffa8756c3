import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTracking } from "../../src/services/tracking/client.ts";
import { lastJson, learnerFolder, runTaller, TALLER } from "./run-taller.ts";

const folder = learnerFolder();
const workspace = join(folder.dir, "w");
let foreground: ChildProcess | undefined;

beforeAll(async () => {
  const none = await runTaller(["runs", "--json", "--workspace", workspace], { cwd: folder.dir });
  expect(lastJson(none)).toEqual({ uri: null, runs: [], isComplete: true });
  expect(existsSync(workspace)).toBe(false);
  const env = { PATH: process.env.PATH, HOME: folder.dir, TALLER_LANG: "en", NO_COLOR: "1" };
  const args = ["services", "--only", "tracking", "--json", "--workspace", workspace];
  const child = spawn(process.execPath, [TALLER, ...args], {
    cwd: folder.dir,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  foreground = child;
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { MLFLOW_TRACKING_URI: uri = "" } = JSON.parse(String(line)) as Record<string, string>;
  const client = openTracking({ uri });
  const experiment = await client.createExperiment("taller/e2e");
  for (const [name, auc] of [
    ["first", 0.7],
    ["second", 0.9],
  ] as const) {
    const { info } = await client.createRun(experiment, { runName: name });
    const loss = [3, 2, 1].map((value, step) => ({ key: "loss", value, step, timestamp: 1 }));
    await client.logBatch(info.run_id, {
      metrics: [{ key: "auc", value: auc, step: 0, timestamp: 1 }, ...loss],
      params: { model: name },
    });
    await client.setTerminated(info.run_id);
  }
});

afterAll(async () => {
  if (foreground !== undefined && foreground.exitCode === null) {
    foreground.kill("SIGINT");
    await once(foreground, "close");
  }
  folder.remove();
});

test("runs lists what another process logged to the workspace's server", async () => {
  const listed = await runTaller(["runs", "--workspace", workspace], { cwd: folder.dir });
  expect(listed.exitCode, listed.stderr).toBe(0);
  expect(listed.stdout.indexOf("second")).toBeLessThan(listed.stdout.indexOf("first"));
  expect(listed.stdout).toMatch(/auc/);
  const args = ["runs", "e2e", "--json", "--filter", "metrics.auc > 0.8", "--workspace", workspace];
  const found = await runTaller(args, { cwd: folder.dir });
  expect(lastJson(found)).toMatchObject({ runs: [{ name: "second", metrics: { auc: 0.9, loss: 1 } }] });
});

test("runs compare and runs chart work on it; what is not there is a usage error", async () => {
  const compared = await runTaller(["runs", "compare", "first", "second", "--workspace", workspace], {
    cwd: folder.dir,
  });
  expect(compared.stdout).toMatch(/metric auc.*\+0\.2/);
  const chart = await runTaller(["runs", "chart", "loss", "--workspace", workspace], { cwd: folder.dir });
  expect(chart.stdout).toContain("from 3 (at 0) to 1 (at 2)");
  const wrong = await runTaller(["runs", "chart", "lss", "--workspace", workspace], { cwd: folder.dir });
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("taller runs chart loss");
});

test("an address that nobody answers at is exit code 3", async () => {
  const env = { TALLER_MLFLOW_URI: "http://127.0.0.1:1" };
  const ran = await runTaller(["runs", "--workspace", workspace], { cwd: folder.dir, env });
  expect(ran.exitCode).toBe(3);
  expect(ran.stderr).toContain("http://127.0.0.1:1");
});
