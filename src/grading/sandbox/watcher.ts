import { RESIDENT_POLL_MS, residentBytes } from "./processes.ts";
import { folderBytes } from "./run-folder.ts";

const DISK_POLL_MS = 50;
const MIB = 1024 * 1024;

export interface WatchedLimits {
  /** Resident memory, whatever holds it: heap, buffers, an engine. */
  readonly residentMb: number;
  readonly diskMb: number;
}

/** Polls a process's memory and its folder's size; says the first limit that is passed, once. Stop it at the end. */
export function watchLimits(options: {
  readonly pid: number;
  readonly folder: string;
  readonly limits: WatchedLimits;
  onPassed(what: "memory" | "disk"): void;
}): { stop(): void } {
  let isStopped = false;
  const poll = async (
    everyMs: number,
    what: "memory" | "disk",
    bytes: () => Promise<number>,
    limitMb: number,
  ) => {
    while (!isStopped) {
      if ((await bytes()) > limitMb * MIB) {
        if (!isStopped) {
          isStopped = true;
          options.onPassed(what);
        }
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
    }
  };
  const { pid, folder, limits } = options;
  void poll(RESIDENT_POLL_MS, "memory", async () => (await residentBytes(pid)) ?? 0, limits.residentMb);
  void poll(DISK_POLL_MS, "disk", () => folderBytes(folder), limits.diskMb);
  return {
    stop: () => {
      isStopped = true;
    },
  };
}
