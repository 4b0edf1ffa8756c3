import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, realpathSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive, markedProcesses } from "../../src/grading/sandbox/processes.ts";
import { makeRunFolder, removeRunFolder, sweepLeftRuns } from "../../src/grading/sandbox/run-folder.ts";

/** A process that would live for ever, as a run's child or grandchild has it: with the marker, detached. */
async function survivor(marker: string): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    env: { TALLER_RUN: marker },
    detached: true,
    stdio: "ignore",
  });
  await once(child, "spawn");
  child.unref();
  return child.pid ?? 0;
}

async function isGone(pid: number): Promise<boolean> {
  for (const deadlineMs = Date.now() + 2_000; Date.now() < deadlineMs; ) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

describe.skipIf(process.platform === "win32")("what a run leaves behind", () => {
  test("a detached process with the run's marker is killed at its end, another run's is not", async () => {
    const [mine, other] = [makeRunFolder(), makeRunFolder()];
    const [killed, spared] = [await survivor(mine.marker), await survivor(other.marker)];
    await removeRunFolder(mine);
    expect(await isGone(killed)).toBe(true);
    expect(existsSync(mine.path)).toBe(false);
    expect(await markedProcesses(other.marker)).toEqual([spared]);
    await removeRunFolder(other);
    expect(await isGone(spared)).toBe(true);
  });

  test("what a killed taller left is ended and removed by the next start, a living one's stays", async () => {
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = join(realpathSync(tmpdir()), `taller-run-${dead}-left`);
    mkdirSync(left);
    writeFileSync(join(left, "big"), "x");
    const young = join(realpathSync(tmpdir()), `taller-run-${dead}-young`);
    mkdirSync(young);
    utimesSync(left, 0, 0);
    const orphan = await survivor(`taller-run-${dead}-left`);
    const living = makeRunFolder();
    await sweepLeftRuns();
    expect(await isGone(orphan)).toBe(true);
    expect(existsSync(left)).toBe(false);
    expect([existsSync(young), existsSync(living.path)]).toEqual([true, true]);
    await removeRunFolder({ path: young, marker: `taller-run-${dead}-young` });
    await removeRunFolder(living);
  });
});
