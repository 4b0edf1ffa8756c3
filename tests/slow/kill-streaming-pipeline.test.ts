import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { lastJson, learnerFolder, runTaller, TALLER } from "../e2e/run-taller.ts";

const KILLS = Number(process.env.TALLER_STREAM_KILLS ?? 10);
/** The embedded services outlive the pipeline that is killed; a batch every fifth of a second gives a kill much to hit. */
const STREAM = ["--rate", "2000", "--keys", "500", "--trigger", "200 milliseconds", "--burst", "1"];

const folder = learnerFolder();
beforeAll(async () => {
  const made = await runTaller(["run", "etl", "--rows", "5000", "--compare", "no"], { cwd: folder.dir });
  expect(made.exitCode, made.stderr).toBe(0);
});
afterAll(() => folder.remove());

test(`a stream that is killed ${KILLS} times holds every event in exactly one place`, {
  timeout: 300_000 + KILLS * 30_000,
}, async () => {
  const random = seededRandom(20_261_126);
  for (let kill = 0; kill < KILLS; kill++) await killAfter(1_000 + random.below(6_000));
  const last = await runTaller(["run", "streaming", ...STREAM, "--seconds", "1", "--json"], {
    cwd: folder.dir,
  });
  expect(last.exitCode, last.stderr).toBe(0);
  const { rows, places } = lastJson(last) as {
    rows: Record<string, number>;
    places: { guarantee: string; rows: number; distinctEvents: number; expected: number }[];
  };
  const { produced, read, processed = 0, late = 0, duplicates = 0, deadLetters = 0 } = rows;
  expect(read).toBe(produced);
  expect(processed + late + duplicates + deadLetters).toBe(read);
  for (const { guarantee, rows: stored, distinctEvents, expected } of places) {
    if (guarantee === "exactly once") expect(stored).toBe(expected);
    expect(distinctEvents).toBe(expected);
    expect(stored).toBeGreaterThanOrEqual(expected);
  }
  expect(processed).toBeGreaterThan(KILLS * 500);
});

/** From its first moments on: while it opens its services, plans, writes to one of its places, commits. */
async function killAfter(delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [TALLER, "run", "streaming", ...STREAM, "--seconds", "120"], {
    cwd: folder.dir,
    env: { PATH: process.env.PATH, HOME: folder.dir, TALLER_LANG: "en", NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("exit", (_code, signal) => resolve(signal)),
  );
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill("SIGKILL");
  expect(await ended, said).toBe("SIGKILL");
}
