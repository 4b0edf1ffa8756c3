import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { exerciseDir, listBackups } from "../../src/course/exercise-files.ts";
import { acquireLock } from "../../src/course/file-lock.ts";
import type { Owner } from "../../src/course/owner.ts";
import { openProgress } from "../../src/course/progress.ts";
import { readLog } from "../../src/course/progress-event.ts";
import { bundleChild, startChild } from "./child.ts";
import { tinyExercise } from "./tiny-exercise.ts";
import { tempFolder } from "./toy.ts";

const deadline = { timeout: 30_000, interval: 2 };

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", "0"]).pid;
}

test("no event that was recorded is lost or doubled by kills, with two processes at once", async () => {
  const program = await bundleChild("record-progress");
  const workspace = await tempFolder();
  const store = openProgress(workspace, { clock: systemClock });
  const recorded = new Set<string>();

  for (let round = 0; round < 6; round++) {
    const children = ["a", "b"].map((name) => startChild(program, [workspace, `${name}${round}`]));
    await vi.waitUntil(() => children.every(({ lines }) => lines.length > 2), deadline);
    // Somewhere within the next few writes.
    await sleep(Math.random() * 12);
    await Promise.all(children.map((child) => child.kill()));
    for (const id of children.flatMap(({ lines }) => lines)) recorded.add(id);

    const text = await readFile(join(workspace, ".taller", "progress.jsonl"), "utf8");
    const found = readLog(text).map((line) => line.id);
    expect(found).toEqual(expect.arrayContaining([...recorded]));
    expect(text.split("\n").filter((line) => line !== "").length - found.length).toBeLessThanOrEqual(
      2 * (round + 1),
    );
    expect((await store.read()).events).toBe(found.length);
  }
  expect(recorded.size).toBeGreaterThanOrEqual(36);
});

test("what a learner saved is in its file or in a backup, wherever a copy, a reset or an undo is killed", async () => {
  const program = await bundleChild("edit-and-reset");
  const workspace = await tempFolder();
  const { module, exercise } = tinyExercise();
  const file = join(exerciseDir(workspace, module, exercise.folder), "a.sql");
  const undone = /[02468]$/;

  for (let round = 0; round < 3; round++) {
    const child = startChild(program, [workspace, String(round)]);
    await vi.waitUntil(() => child.lines.length > 6, deadline);
    await sleep(Math.random() * 25);
    await child.kill();

    const backups = await listBackups(workspace, exercise);
    const paths = [file, ...backups.map((dir) => join(dir, "a.sql"))];
    const kept = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    expect(kept.filter((text) => text !== "-- starter\n" && !/^-- \d \d+$/.test(text))).toEqual([]);
    // A text whose reset was undone is the learner's to write over; the last one nobody has written over yet.
    const saved = child.lines.flatMap((line) => (line.startsWith("saved ") ? [line.slice(6)] : []));
    expect(kept).toEqual(expect.arrayContaining(saved.slice(0, -1).filter((text) => !undone.test(text))));
    const mayBeLast = [saved.at(-1), child.lines.at(-1)?.replace(/^sav(?:ing|ed) /, "")];
    expect(kept.some((text) => mayBeLast.includes(text))).toBe(true);
  }
});

test("a lock lets one in at a time, also when several find the lock of a dead process at once", async () => {
  const program = await bundleChild("count-under-lock");
  const folder = await tempFolder();
  const dead: Owner = { pid: deadPid(), host: hostname(), startedMs: Date.now(), task: "dead" };
  await mkdir(join(folder, "locks"));
  await writeFile(join(folder, "count"), "0");
  const children = [1, 2, 3, 4].map(() => startChild(program, [folder, "60", JSON.stringify(dead)]));

  expect(await Promise.all(children.map((child) => child.ended()))).toEqual([0, 0, 0, 0]);
  expect(await readFile(join(folder, "count"), "utf8")).toBe("240");
  expect(await readdir(join(folder, "locks"))).toEqual(["count.lock"]);
});

test("a waiter is told who holds the lock, and takes it over when the holder is killed", async () => {
  const program = await bundleChild("hold-lock");
  const folder = await tempFolder();
  const holder = startChild(program, [folder]);
  await vi.waitUntil(() => holder.lines.includes("held"), deadline);
  const told: Owner[] = [];
  const path = join(folder, "locks", "count.lock");
  const waiting = acquireLock({ path, task: "waiter", onWait: (owner) => told.push(owner) });
  await vi.waitUntil(() => told.length > 0, deadline);
  expect(told).toEqual([expect.objectContaining({ pid: holder.process.pid, task: "holder" })]);
  await holder.kill();
  const release = await waiting;

  expect(await readFile(path, "utf8")).toContain('"waiter"');
  release();
  expect(await readdir(join(folder, "locks"))).toEqual([]);
});

test("a wait for a lock ends with its signal", async () => {
  const path = join(await tempFolder(), "a.lock");
  const release = await acquireLock({ path, task: "first" });
  const stop = new AbortController();
  const waiting = acquireLock({ path, task: "second", signal: stop.signal, onWait: () => stop.abort() });

  await expect(waiting).rejects.toMatchObject({ name: "CancelledError" });
  release();
});
