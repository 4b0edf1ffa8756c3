import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const TALLER = fileURLToPath(new URL("../../bin/taller.js", import.meta.url));
export const TOY_COURSE = fileURLToPath(new URL("../fixtures/course", import.meta.url));

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built binary without a terminal, as a pipe or a CI would. */
export function runTaller(
  args: readonly string[],
  options: { readonly cwd: string; readonly stdin?: string; readonly env?: Record<string, string> },
): Promise<Ran> {
  const env = { PATH: process.env.PATH, HOME: options.cwd, TALLER_LANG: "en", NO_COLOR: "1", ...options.env };
  const child = spawn(process.execPath, [TALLER, ...args], {
    cwd: options.cwd,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** The last line of stdout, which `--json` promises to be one object. */
export function lastJson(ran: Ran): Record<string, unknown> {
  const line = ran.stdout.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line) as Record<string, unknown>;
}

/** An empty folder of a learner's, and the way to remove it. */
export function learnerFolder(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "taller-e2e-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
