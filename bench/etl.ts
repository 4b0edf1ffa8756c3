import { spawnSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";
import { measureProcess, type ProcessCost } from "./process-cost.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const taller = join(root, "bin", "taller.js");
const sql = join(root, "lessons", "01-etl", "sql");
const peers = join(root, "bench", "peers");

/**
 * The pipeline `etl` against the same SQL on DuckDB's own API and on PySpark local[2]: whole processes on the
 * same file, median of `--runs` (5), at `--rows` (200000,5000000), and ours alone at 1, 5 and 20 million.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const sizes = (options.flags.rows ?? "200000,5000000").split(",").map(Number);
  const runs = Number(options.flags.runs ?? 5);
  const python = options.flags.spark === "no" ? undefined : sparkPython(options.say);
  const rows: BenchRow[] = [];
  for (const size of sizes) {
    const csv = await generate(options, size);
    const jobs = {
      ours: ours(options, csv),
      direct: direct(options, csv),
      spark: python === undefined ? undefined : spark(options, csv, python),
    };
    rows.push(...(await compare({ size, runs, jobs, say: options.say })));
  }
  const growth = (options.flags.growth ?? "1000000,20000000").split(",").map(Number);
  if (options.flags.growth !== "no") rows.push(await benchGrowth(options, growth));
  return rows;
}

interface Job {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly out: string;
}

async function compare(input: {
  readonly size: number;
  readonly runs: number;
  readonly jobs: { readonly ours: Job; readonly direct: Job; readonly spark: Job | undefined };
  readonly say: (line: string) => void;
}): Promise<BenchRow[]> {
  const { size, runs, jobs, say } = input;
  const mine = await repeat(jobs.ours, runs, say);
  const direct = await repeat(jobs.direct, runs, say);
  const spark = jobs.spark === undefined ? undefined : await repeat(jobs.spark, runs, say);
  const name = `${size.toLocaleString("en")} leads`;
  const base = { bench: "etl", case: name, metric: "time", unit: "s" } as const;
  const sparkAim = size >= 5_000_000 ? 1 / 5 : size <= 200_000 ? 1 / 15 : undefined;
  const rows = [
    benchRow({
      ...base,
      ours: mine.seconds,
      peer: "DuckDB's API",
      peerValue: direct.seconds,
      aim: { on: "ratio", atMost: 1.15 },
    }),
    benchRow({
      ...base,
      ours: mine.seconds,
      peer: "PySpark local[2]",
      peerValue: spark?.seconds ?? null,
      ...(sparkAim === undefined
        ? {}
        : { aim: { on: "ratio", atMost: Number(sparkAim.toFixed(3)) } as const }),
    }),
  ];
  for (const [peer, cost] of [
    ["DuckDB's API", direct],
    ["PySpark local[2]", spark],
  ] as const) {
    rows.push(
      benchRow({ ...base, metric: "CPU", ours: mine.cpuSeconds, peer, peerValue: cost?.cpuSeconds ?? null }),
    );
    rows.push(
      benchRow({
        ...base,
        metric: "peak memory",
        unit: "GB",
        ours: mine.peakBytes / 1e9,
        peer,
        peerValue: cost === undefined ? null : cost.peakBytes / 1e9,
        ...(peer === "DuckDB's API" ? { aim: { on: "value", atMost: 1 } as const } : {}),
      }),
    );
  }
  return rows;
}

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

async function repeat(job: Job, runs: number, say: (line: string) => void): Promise<Cost> {
  const costs: ProcessCost[] = [];
  for (let i = 0; i < runs; i++) {
    await rm(job.out, { recursive: true, force: true });
    await mkdir(job.out, { recursive: true });
    const cost = await measureProcess(job.command, job.args, { env: { ...process.env, NO_COLOR: "1" } });
    if (cost.exitCode !== 0)
      throw new Error(`${job.name} ended with ${cost.exitCode}:\n${cost.stderr.slice(-2000)}`);
    costs.push(cost);
    say(
      `${job.name}: ${cost.seconds.toFixed(2)} s, ${cost.cpuSeconds?.toFixed(1) ?? "?"} s of CPU, ${((cost.peakBytes ?? 0) / 1e9).toFixed(2)} GB · ${cost.stdout.trim().split("\n").at(-1)?.slice(0, 120)}`,
    );
  }
  await rm(job.out, { recursive: true, force: true });
  return {
    seconds: median(costs.map((cost) => cost.seconds)),
    cpuSeconds: median(costs.map((cost) => cost.cpuSeconds ?? Number.NaN)),
    peakBytes: Math.max(...costs.map((cost) => cost.peakBytes ?? 0)),
  };
}

/** Seconds per million rows at the largest size against the smallest: 1 is linear. */
async function benchGrowth(options: BenchOptions, sizes: readonly number[]): Promise<BenchRow> {
  const perMillion: number[] = [];
  for (const size of sizes) {
    const cost = await repeat(ours(options, await generate(options, size)), 1, options.say);
    perMillion.push(cost.seconds / (size / 1e6));
  }
  return benchRow({
    bench: "etl",
    case: `from ${sizes.map((size) => size / 1e6).join(" to ")} million leads`,
    metric: "time per million",
    unit: "s",
    ours: perMillion.at(-1) ?? Number.NaN,
    peer: "ours at the smallest size",
    peerValue: perMillion[0] ?? null,
    aim: { on: "ratio", atMost: 1.2 },
  });
}

/** The file is made once, before anything is timed. */
async function generate(options: BenchOptions, rows: number): Promise<string> {
  const workspace = join(options.folder, "data");
  options.say(`${rows} leads`);
  const made = await measureProcess(process.execPath, [
    taller,
    "data",
    "generate",
    "leads",
    "--rows",
    String(rows),
    "--seed",
    "7",
    "--workspace",
    workspace,
    "--json",
  ]);
  const { paths } = JSON.parse(made.stdout.trim().split("\n").at(-1) ?? "{}") as { paths?: string[] };
  const [csv] = paths ?? [];
  if (csv === undefined) throw new Error(`no leads:\n${made.stderr}`);
  return csv;
}

function ours(options: BenchOptions, csv: string): Job {
  const out = join(options.folder, "ours");
  return {
    name: "taller",
    command: process.execPath,
    args: [taller, "run", "etl", "--input", csv, "--compare", "no", "--workspace", out, "--json"],
    out,
  };
}

function direct(options: BenchOptions, csv: string): Job {
  const out = join(options.folder, "direct");
  return {
    name: "DuckDB's API",
    command: process.execPath,
    args: [join(peers, "etl_duckdb.mjs"), csv, sql, out],
    out,
  };
}

function spark(options: BenchOptions, csv: string, python: string): Job {
  const out = join(options.folder, "spark");
  return {
    name: "PySpark local[2]",
    command: python,
    args: [join(peers, "etl_spark.py"), csv, sql, out, "2"],
    out,
  };
}

/** The Python that has PySpark; undefined, said, where it can't be had. */
function sparkPython(say: (line: string) => void): string | undefined {
  const setup = spawnSync("bash", [join(root, "bench", "setup.sh")], { encoding: "utf8" });
  if (setup.status === 0) return setup.stdout.trim().split("\n").at(-1);
  say(`PySpark can't run here: ${(setup.stderr ?? setup.error?.message ?? "").trim()}`);
  return undefined;
}
