import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { type Row, rowsOf } from "../../src/core/table.ts";
import { tableSource } from "../../src/course/lesson-session.ts";
import type { Engine } from "../../src/engines/engine.ts";
import { recoverTarget } from "../../src/engines/folder-swap.ts";
import { openEngine } from "../../src/engines/open.ts";
import { learnerFolder, TALLER } from "../e2e/run-taller.ts";

const KILLS = Number(process.env.TALLER_KILLS ?? 140);
const ROWS = 6_000;
const PHASES = [
  "before the first write",
  "read",
  "clean",
  "quarantine",
  "dedupe",
  "write",
  "report",
  "ended",
] as const;

const folder = learnerFolder();
const workspace = join(folder.dir, "w");
const table = join(workspace, "tables", "leads-clean");
let engine: Engine;
/** What the table holds after a whole run, by seed. */
const whole = new Map<number, Row>();
let windowMs = 0;

beforeAll(async () => {
  engine = await openEngine("duckdb");
  for (const seed of [7, 8]) {
    // Twice: the first makes the data, the second is timed.
    await start(seed).ended;
    const run = start(seed);
    const began = await firstWrite(run.child);
    await run.ended;
    windowMs = performance.now() - began;
    whole.set(seed, await contentOf());
  }
});
afterAll(async () => {
  await engine.close();
  folder.remove();
});

test(`${KILLS} kills of a running etl leave the old table or the new one, whole`, {
  timeout: 300_000 + KILLS * 20_000,
}, async () => {
  const random = seededRandom(Date.now());
  const histogram = new Map<string, number>();
  let inWindow = 0;
  for (let i = 0; i < KILLS; i++) {
    const seed = 7 + (i % 2);
    const run = start(seed);
    // One in eight at any time from the start, the others from the first write on.
    if (i % 8 !== 0) await firstWrite(run.child);
    await sleep(random.double() * windowMs);
    const isRunning = run.child.exitCode === null;
    const hasWritten = isWriting();
    run.child.kill("SIGKILL");
    await run.ended;
    const phase = !isRunning
      ? "ended"
      : hasWritten || run.steps() > 0
        ? (PHASES[run.steps() + 1] ?? "ended")
        : PHASES[0];
    histogram.set(phase, (histogram.get(phase) ?? 0) + 1);
    if (isRunning && hasWritten) inWindow++;
    // The machine may be faster or slower than when the first run was timed.
    windowMs *= isRunning ? 1.04 : 0.85;
    expect([...whole.values()]).toContainEqual(await contentOf());
  }
  print(histogram, inWindow);
  expect(inWindow).toBeGreaterThanOrEqual(KILLS / 2);
});

test("after the kills a run goes to its end and leaves nothing beside the table", async () => {
  const { ended } = start(7);
  expect(await ended).toBe(0);
  expect(await contentOf()).toEqual(whole.get(7));
  expect(
    readdirSync(join(workspace, "tables")).filter((name) => name !== ".locks" && name !== ".scratch"),
  ).toEqual(["leads-clean"]);
  expect(
    existsSync(join(workspace, "tables", ".scratch"))
      ? readdirSync(join(workspace, "tables", ".scratch"))
      : [],
  ).toEqual([]);
  expect(readdirSync(join(workspace, "rejected"))).toEqual(["leads-clean"]);
});

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** Steps that said they were done. */
  steps(): number;
}

function start(seed: number): Run {
  const args = [
    TALLER,
    "run",
    "etl",
    "--rows",
    String(ROWS),
    "--seed",
    String(seed),
    "--compare",
    "no",
    "--workspace",
    workspace,
    "--json",
  ];
  const env = { PATH: process.env.PATH, HOME: folder.dir, TALLER_LANG: "en", NO_COLOR: "1" };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, steps: () => said.match(/^ done {2}/gm)?.length ?? 0 };
}

/** True while a run's scratch folder, or a table beside the old one, is there. */
function isWriting(): boolean {
  const tables = join(workspace, "tables");
  const scratch = join(tables, ".scratch");
  return existsSync(scratch) && readdirSync(scratch).length > 0;
}

/** Waits until the run has made a folder of its own (those of killed runs go when it starts); gives when. */
async function firstWrite(child: ChildProcess): Promise<number> {
  const scratch = join(workspace, "tables", ".scratch");
  const own = () =>
    existsSync(scratch) ? readdirSync(scratch).filter((name) => name.includes(String(child.pid))) : [];
  const before = new Set(existsSync(scratch) ? readdirSync(scratch) : []);
  const deadline = performance.now() + 60_000;
  while (child.exitCode === null && performance.now() < deadline) {
    const now = existsSync(scratch) ? readdirSync(scratch) : [];
    if (own().length > 0 || now.some((name) => !before.has(name))) break;
    await sleep(2);
  }
  return performance.now();
}

/** Rows, sums and a hash of everything in the table, as the next reader finds it. */
async function contentOf(): Promise<Row> {
  await recoverTarget(table);
  await engine.register("kept", await tableSource(table));
  const found = await engine.query(`
    SELECT count(*) AS n, count(DISTINCT lead_id) AS leads, sum(CAST(budget AS DOUBLE)) AS budget,
      bit_xor(hash(lead_id, updated_at, revision, source, country, budget, notes)) % 1000000007 AS content
    FROM kept`);
  const [row] = rowsOf(found);
  if (row === undefined) throw new Error("no row");
  return { ...row, budget: Math.round(Number(row.budget)) };
}

function print(histogram: ReadonlyMap<string, number>, inWindow: number): void {
  const lines = PHASES.map((phase) => {
    const count = histogram.get(phase) ?? 0;
    return `  ${phase.padEnd(24)} ${String(count).padStart(4)} ${"#".repeat(count)}`;
  });
  console.log(
    `kills of a running etl, by phase (${inWindow} of ${KILLS} between first and last write)\n${lines.join("\n")}`,
  );
}
