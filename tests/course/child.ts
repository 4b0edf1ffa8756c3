import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { tempFolder } from "./toy.ts";

/** Bundles a program of `children/` so that Node runs it from a folder of its own; gives its path. */
export async function bundleChild(name: string): Promise<string> {
  const outfile = join(await tempFolder(), `${name}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
    logLevel: "silent",
  });
  return outfile;
}

export interface Child {
  readonly process: ChildProcess;
  /** Whole lines of its output so far. */
  readonly lines: string[];
  /** Kills it as a crash does, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits for its end; the exit code. */
  ended(): Promise<number | null>;
}

/** Starts a bundled program; it is killed at the end of the test at the latest. */
export function startChild(program: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const closed = once(child, "close");
  const kill = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  onTestFinished(kill);
  return { process: child, lines, kill, ended: async () => Number((await closed)[0] ?? -1) };
}
