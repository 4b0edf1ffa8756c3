import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { systemCode } from "../../core/errors.ts";

const run = promisify(execFile);

/** True while a process of this id exists, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** How often {@link residentBytes} may be asked: it is a file on Linux and a command elsewhere. */
export const RESIDENT_POLL_MS = process.platform === "linux" ? 50 : process.platform === "win32" ? 500 : 250;

/** Bytes of memory that a process holds; undefined when it is gone or the system does not tell. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === "linux") {
      const match = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, "utf8"));
      return match?.[1] === undefined ? undefined : Number(match[1]) * 1024;
    }
    if (process.platform === "win32") {
      const { stdout } = await run("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]);
      const kilobytes = /"([\d.,\s]+)\s?K"/.exec(stdout)?.[1]?.replace(/\D/g, "");
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
    }
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout.trim()) * 1024;
  } catch {
    // Gone between two polls, or no such tool: the exit, or the other limits, will tell.
    return undefined;
  }
}

/** Ends a process at once; on Windows with everything that it started. */
export async function killTree(pid: number): Promise<void> {
  if (process.platform === "win32") {
    await run("taskkill", ["/PID", String(pid), "/T", "/F"]).catch(() => undefined);
    return;
  }
  kill(pid);
}

/** Ends every process that carries the marker in its environment, which its children inherit, detached ones too. */
export async function killMarked(marker: string): Promise<void> {
  // A process may start another between the look and the kill: looked at again until none is left.
  for (let round = 0; round < 10; round++) {
    const pids = await markedProcesses(marker);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
  }
}

/** The ids of the living processes that carry the marker in their environment, ours aside. */
export async function markedProcesses(marker: string): Promise<number[]> {
  if (process.platform === "linux") return markedInProc(marker);
  // On Windows a process can't be found by its environment; its tree was ended by `taskkill /T`.
  if (process.platform === "win32") return [];
  const { stdout } = await run("ps", ["-A", "-E", "-ww", "-o", "pid=,command="], {
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => ({ stdout: "" }));
  return stdout
    .split("\n")
    .filter((line) => line.includes(marker))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid > 0 && pid !== process.pid);
}

/**
 * Reads each process's environment, in one go: some hundred small reads cost 10 ms this way and ten times
 * that by the thread pool. A zombie's is empty, so one is not found.
 */
function markedInProc(marker: string): number[] {
  const needle = Buffer.from(marker);
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0) || pid === process.pid) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`).includes(needle);
      } catch {
        // Gone meanwhile, or another user's: not ours.
        return false;
      }
    });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}
