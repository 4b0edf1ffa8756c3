import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CancelledError } from "../../../src/core/errors.ts";
import type { WorkEvent } from "../../../src/core/events.ts";
import { readLedger } from "../../../src/data/leads/ledger.ts";
import { materialiseLeads } from "../../../src/data/leads/materialise.ts";
import { bundleGenerator } from "./bundle.ts";

let root = "";
let folder = "";
let compiled = "";
let next = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "materialise-"));
  await bundleGenerator(join(root, "compiled"));
  compiled = pathToFileURL(join(root, "compiled", "materialise.js")).href;
});
beforeEach(async () => {
  folder = join(root, `data-${next++}`);
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("materialiseLeads", () => {
  test("leaves a CSV, its defects and its ledger, and nothing else", async () => {
    const files = await materialiseLeads({ folder, rows: 500, seed: 7 });
    const [csv = ""] = files.paths;
    expect((await readdir(folder)).sort()).toEqual(
      ["", ".defects.csv", ".ledger.json"].map((end) => `leads-plain-r500-s7-v1.csv${end}`),
    );
    expect((await stat(csv)).size).toBe(files.sizeBytes);
    expect((await readLedger(files.ledgerPath)).rows).toBe(500);
  });

  test("gives the file that is there instead of making it again", async () => {
    const [path = ""] = (await materialiseLeads({ folder, rows: 500, seed: 7 })).paths;
    await utimes(path, 1, 1);
    await materialiseLeads({ folder, rows: 500, seed: 7 });
    expect((await stat(path)).mtimeMs).toBe(1000);
  });

  test.each([
    [
      "its ledger is of another version",
      ".ledger.json",
      (text: string) => text.replace('"version": 1', '"version": 0'),
    ],
    [
      "its ledger is of another seed",
      ".ledger.json",
      (text: string) => text.replace('"seed": 7', '"seed": 8'),
    ],
    ["its ledger is torn", ".ledger.json", (text: string) => text.slice(0, 100)],
    ["the CSV has lost bytes", "", (text: string) => text.slice(0, -10)],
  ] as const)("makes the file again when %s", async (_, end, spoil) => {
    const files = await materialiseLeads({ folder, rows: 500, seed: 7 });
    const [path = ""] = files.paths;
    const before = await readFile(path);
    await writeFile(`${path}${end}`, spoil(await readFile(`${path}${end}`, "utf8")));
    await materialiseLeads({ folder, rows: 500, seed: 7 });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readLedger(files.ledgerPath)).toMatchObject({ version: 1, seed: 7 });
  });

  test("makes the file again when its defects are missing", async () => {
    const [path = ""] = (await materialiseLeads({ folder, rows: 500, seed: 7 })).paths;
    await rm(`${path}.defects.csv`);
    await materialiseLeads({ folder, rows: 500, seed: 7 });
    expect((await stat(`${path}.defects.csv`)).size).toBeGreaterThan(100);
  });

  test("tells how many rows are written, up to all of them", async () => {
    const events: WorkEvent[] = [];
    await materialiseLeads({ folder, rows: 40_000, seed: 7, emit: (event) => events.push(event) });
    expect(events.map((event) => event.kind === "progress" && [event.done, event.total, event.unit])).toEqual(
      [
        [32_768, 40_000, "rows"],
        [40_000, 40_000, "rows"],
      ],
    );
  });

  test("cancelled in the middle it throws CancelledError and leaves nothing", async () => {
    const stop = new AbortController();
    const work = materialiseLeads({
      folder,
      rows: 400_000,
      seed: 7,
      signal: stop.signal,
      emit: () => stop.abort(),
    });
    await expect(work).rejects.toBeInstanceOf(CancelledError);
    expect(await readdir(folder)).toEqual([]);
  });

  test("with threads, cancelled in the middle it leaves nothing and ends", async () => {
    const child = run(`
      const stop = new AbortController();
      await materialiseLeads({ folder, rows: 400_000, seed: 7, threads: 2, signal: stop.signal, emit: () => stop.abort() })
        .catch((error) => console.log(error.name));`);
    expect(await outputOf(child)).toBe("CancelledError\n");
    expect(await readdir(folder)).toEqual([]);
  });

  test("refuses a file that the disk can't hold before it writes a byte", async () => {
    const free = await import("node:fs/promises").then(({ statfs }) => statfs(folder));
    const rows = 100_000_000;
    const fits = free.bavail * free.bsize > rows * 112;
    const work = materialiseLeads({ folder, rows, seed: 7, signal: AbortSignal.abort() });
    await expect(work).rejects.toMatchObject(
      fits ? { name: "CancelledError" } : { code: "disk-too-small", fault: "environment" },
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("two processes at once leave one good file", async () => {
    const children = [1, 2].map(() =>
      run("console.log((await materialiseLeads({ folder, rows: 50_000, seed: 7, threads: 1 })).sizeBytes);"),
    );
    const [a, b] = await Promise.all(children.map(outputOf));
    expect(a).toBe(b);
    expect((await readdir(folder)).length).toBe(3);
    expect((await stat(join(folder, "leads-plain-r50000-s7-v1.csv"))).size).toBe(Number(a));
  });

  test("killed in the middle it leaves no file of that name, and the next run removes what it left", async () => {
    const child = run("await materialiseLeads({ folder, rows: 5_000_000, seed: 7, threads: 1 });");
    await until(async () => (await readdir(folder)).length > 0);
    child.kill("SIGKILL");
    await once(child, "exit");
    const left = await readdir(folder);
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter((name) => !name.startsWith("."))).toEqual([]);

    const longAgo = Date.now() / 1000 - 3600;
    for (const name of left) await utimes(join(folder, name), longAgo, longAgo);
    await materialiseLeads({ folder, rows: 100, seed: 7 });
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("leaves the half-written file of a living process alone", async () => {
    const name = `.leads-plain-r9-s9-v1.csv.${process.pid}-0123abcd.tmp`;
    await writeFile(join(folder, name), "half");
    await utimes(join(folder, name), 1, 1);
    await materialiseLeads({ folder, rows: 100, seed: 7 });
    expect(await readdir(folder)).toContain(name);
  });
});

/** A process of its own that runs code with `materialiseLeads` and `folder`. */
function run(code: string): ChildProcess {
  const script = `const { materialiseLeads } = await import(${JSON.stringify(compiled)});
    const folder = ${JSON.stringify(folder)};
    ${code}`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  return text;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error("not true in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
