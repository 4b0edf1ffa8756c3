import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { nodeFlags, type SandboxFlags, sandboxEnvironment } from "./node-flags.ts";
import type { RunFolder } from "./run-folder.ts";

export interface ProcessSettings extends Omit<SandboxFlags, "folder"> {
  readonly harnessArguments: readonly string[];
}

/** When our process ends first, on any way that lets it say so, the sandboxed ones go with it. */
const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts Node with its limits on a harness: no input, output and channel by pipes, its folder as the current one. */
export function spawnNode(settings: ProcessSettings, folder: RunFolder): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags({ ...settings, folder: folder.path }),
      settings.harnessPath,
      `--run=${folder.marker}`,
      ...settings.harnessArguments,
    ],
    {
      cwd: folder.path,
      env: sandboxEnvironment(folder),
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
      windowsHide: true,
    },
  );
  living.add(child);
  child.once("exit", () => living.delete(child));
  return child;
}

/** One of the channel's pipes. */
export function duplexOf(child: ChildProcess, fd: number): Duplex {
  const stream = child.stdio[fd];
  if (!(stream instanceof Duplex)) throw new Error(`the sandboxed process has no descriptor ${fd}`);
  stream.on("error", () => {
    // The process is gone: its exit says why.
  });
  return stream;
}

/** Whether our process may end while this one waits: one that was started ahead may never be used. */
export function letParentEnd(child: ChildProcess, mayEnd: boolean): void {
  for (const part of [child, ...child.stdio]) {
    // Pipes are sockets, whose handle can be let go; the type says only stream.
    const handle = part as { ref?: () => void; unref?: () => void } | null;
    if (mayEnd) handle?.unref?.();
    else handle?.ref?.();
  }
}
