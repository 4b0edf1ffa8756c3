import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";

/** The largest resident set of a running process so far, in bytes, as Linux keeps it; NaN elsewhere. */
export async function peakMemoryOf(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}
