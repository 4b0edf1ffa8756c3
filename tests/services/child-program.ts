import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

/**
 * Bundles a TypeScript program beside a test (`new URL("./children/x.ts", import.meta.url)`); gives its path. With
 * packages that can't be bundled (`external`: they read files beside themselves) it lies where Node finds them.
 */
export async function bundleProgram(
  entry: URL,
  options: { readonly external?: readonly string[] } = {},
): Promise<string> {
  const { external = [] } = options;
  const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
  if (external.length > 0) await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(external.length > 0 ? cache : tmpdir(), "taller-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const outfile = join(folder, "program.mjs");
  await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // CommonJS packages that are bundled ask for `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    outfile,
    external: [...external],
    logLevel: "silent",
  });
  return outfile;
}

export interface Program {
  readonly process: ChildProcess;
  /** Whole lines of its output so far. */
  readonly lines: string[];
  /** The next line that is not yet taken; throws when the program ends before. */
  nextLine(): Promise<string>;
  /** Kills it as a crash does, and waits until it is gone. */
  kill(): Promise<void>;
  /** Its exit code, once it has ended. */
  ended(): Promise<number | null>;
}

/** Starts a bundled program; it is killed at the end of the test at the latest. */
export function startProgram(path: string, args: readonly string[] = []): Program {
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  let taken = 0;
  let wake = () => {};
  let isOver = false;
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    wake();
  });
  const closed = once(child, "close").then(([code]: (number | null)[]) => {
    isOver = true;
    wake();
    return code ?? null;
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  onTestFinished(kill);
  return {
    process: child,
    lines,
    kill,
    ended: () => closed,
    nextLine: async () => {
      for (;;) {
        const line = lines[taken];
        if (line !== undefined) {
          taken++;
          return line;
        }
        if (isOver) throw new Error("the program ended without another line");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
