import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessCost {
  readonly seconds: number;
  /** User and system time of the whole tree; null where `/proc` is missing. */
  readonly cpuSeconds: number | null;
  /** The largest sum of resident memory over the tree, sampled every 20 ms; null where `/proc` is missing. */
  readonly peakBytes: number | null;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end and measures the whole process tree. CPU time is read from `/proc` until the
 * last sample before a process ends, so the last 20 ms of each may be missing.
 */
export async function measureProcess(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<ProcessCost> {
  const start = performance.now();
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const sampler = sampleTree(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output.stderr += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = (performance.now() - start) / 1000;
  return { seconds, ...sampler.stop(), exitCode, ...output };
}

function sampleTree(child: ChildProcess): {
  stop(): { cpuSeconds: number | null; peakBytes: number | null };
} {
  const cpuTicks = new Map<number, number>();
  let peakBytes = 0;
  const sample = (): void => {
    if (child.pid === undefined) return;
    let sum = 0;
    for (const pid of treeOf(child.pid)) {
      const cost = readCost(pid);
      if (cost === undefined) continue;
      cpuTicks.set(pid, Math.max(cpuTicks.get(pid) ?? 0, cost.ticks));
      sum += cost.rssBytes;
    }
    peakBytes = Math.max(peakBytes, sum);
  };
  const timer = setInterval(sample, 20);
  return {
    stop: () => {
      clearInterval(timer);
      if (process.platform !== "linux") return { cpuSeconds: null, peakBytes: null };
      const ticks = [...cpuTicks.values()].reduce((total, value) => total + value, 0);
      return { cpuSeconds: ticks / TICKS_PER_SECOND, peakBytes };
    },
  };
}

/** Linux reports CPU time in these whatever the kernel's own tick is (USER_HZ, man 5 proc). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

function readCost(pid: number): { ticks: number; rssBytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { ticks: Number(fields[11]) + Number(fields[12]), rssBytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return undefined;
  }
}

function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const tree: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    tree.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return tree;
}
