import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import { openProgress } from "../../src/course/progress.ts";
import { readLog } from "../../src/course/progress-event.ts";
import { learnerFolder } from "../e2e/run-taller.ts";

const KILLS = Number(process.env.TALLER_KILLS ?? 60);
const progressModule = fileURLToPath(new URL("../../dist/src/course/progress.js", import.meta.url));

const folder = learnerFolder();
afterAll(() => folder.remove());

test(`${KILLS} kills of processes that record progress lose nothing and double nothing`, {
  timeout: 300_000 + KILLS * 20_000,
}, async () => {
  const workspace = join(folder.dir, "w");
  mkdirSync(workspace);
  const program = join(folder.dir, "record.mjs");
  writeFileSync(program, recorder(progressModule, workspace));
  const acknowledged = new Set<string>();
  const events: number[] = [];
  for (let i = 0; i < KILLS; i++) {
    const { said, writes } = await recordAndKill(program);
    for (const id of said) acknowledged.add(id);
    events.push(writes);
    const ids = readLog(readFileSync(join(workspace, ".taller", "progress.jsonl"), "utf8")).map(
      (line) => line.id,
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
  }
  const state = await openProgress(workspace, { clock: systemClock }).read();
  expect(state.events).toBeGreaterThanOrEqual(acknowledged.size);
  console.log(
    `kills of two writers at once: ${KILLS}, writes before each kill: ${Math.min(...events)} to ${Math.max(...events)}, ${acknowledged.size} events acknowledged, ${state.events} kept`,
  );
});

/** Two writers at once, both killed somewhere within their next writes. */
async function recordAndKill(program: string): Promise<{ said: string[]; writes: number }> {
  const writers = [0, 1].map(() => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    return { child, ended, text: () => text };
  });
  const deadline = performance.now() + 60_000;
  while (writers.some((writer) => !writer.text().includes("\n")) && performance.now() < deadline)
    await sleep(1);
  await sleep(Math.random() * 25);
  for (const { child } of writers) child.kill("SIGKILL");
  await Promise.all(writers.map(({ ended }) => ended));
  const said = writers.flatMap((writer) => writer.text().split("\n").slice(0, -1));
  return { said, writes: said.length };
}

/** Records events without end, and says the id of each once it is kept. */
function recorder(module: string, workspace: string): string {
  return `
import { writeSync } from "node:fs";
const { openProgress } = await import(${JSON.stringify(new URL(`file://${module}`).href)});
const store = openProgress(${JSON.stringify(workspace)}, { clock: { now: () => Date.now(), elapsed: () => performance.now() } });
for (let i = 0; ; i++) {
  const event = await store.record({ kind: i % 3 === 0 ? "pass" : "attempt", exercise: "toy/big", version: 1 });
  writeSync(1, event.id + "\\n");
  if (i % 5 === 0) await store.read();
}`;
}
