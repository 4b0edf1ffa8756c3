import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BenchOptions, type BenchRow, benchRow, median } from "./bench-row.ts";
import { measureProcess, type ProcessCost } from "./process-cost.ts";

const taller = fileURLToPath(new URL("../../bin/taller.js", import.meta.url));

/** Ten million rows in 40 s on two cores: "well under a minute". */
const AIM_ROWS_PER_SECOND = 250_000;

/**
 * `taller data generate leads` as a whole process, on 1 and 2 threads: rows a second and peak memory.
 * Flags: `--rows` (2 million), `--runs` (3; the median counts). There is no peer.
 */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  const rows = Number(options.flags.rows ?? 2_000_000);
  const runs = Number(options.flags.runs ?? 3);
  const result: BenchRow[] = [];
  for (const threads of [1, 2]) {
    const costs: ProcessCost[] = [];
    for (let i = 0; i < runs; i++) {
      options.say(`data: ${rows} rows, ${threads} threads, run ${i + 1} of ${runs}`);
      costs.push(await generate({ rows, threads, workspace: join(options.folder, `data-${threads}`) }));
    }
    const which = { bench: "data", case: `leads, ${rows} rows, threads ${threads}` };
    result.push(
      benchRow({
        ...which,
        metric: "whole process",
        unit: "rows/s",
        ours: rows / median(costs.map(({ seconds }) => seconds)),
        ...(threads === 2 ? { aim: { on: "value", atLeast: AIM_ROWS_PER_SECOND } } : {}),
      }),
    );
    const peaks = costs.flatMap(({ peakBytes }) => (peakBytes === null ? [] : [peakBytes / 1e6]));
    if (peaks.length > 0)
      result.push(benchRow({ ...which, metric: "peak memory", unit: "MB", ours: Math.max(...peaks) }));
  }
  return result;
}

async function generate(input: { rows: number; threads: number; workspace: string }): Promise<ProcessCost> {
  const { rows, threads, workspace } = input;
  const flags = [
    "--rows",
    String(rows),
    "--seed",
    "7",
    "--threads",
    String(threads),
    "--workspace",
    workspace,
  ];
  const cost = await measureProcess(process.execPath, [taller, "data", "generate", "leads", ...flags]);
  await rm(workspace, { recursive: true, force: true });
  if (cost.exitCode !== 0)
    throw new Error(`taller data generate ended with ${cost.exitCode}: ${cost.stderr}`);
  return cost;
}
