import { join } from "node:path";
import type { RunFolder } from "./run-folder.ts";

export interface SandboxFlags {
  /** The bundle that the process runs. */
  readonly harnessPath: string;
  /** The only folder in which it may write. */
  readonly folder: string;
  /** Files and folders (`/…/*`) that it may read beside these. */
  readonly readPaths: readonly string[];
  readonly memoryMb: number;
  /** Only for harnesses that run no code of the learner's in JavaScript (DuckDB's binding). */
  readonly allowsAddons: boolean;
}

/**
 * Node's own limits. What is not granted is denied: children, workers, addons, WASI, the inspector; from
 * Node 25 on the network too (`--allow-net` is never given).
 */
export function nodeFlags(flags: SandboxFlags): string[] {
  const inFolder = join(flags.folder, "*");
  return [
    majorVersion() >= 22 ? "--permission" : "--experimental-permission",
    `--allow-fs-read=${flags.harnessPath}`,
    `--allow-fs-read=${inFolder}`,
    ...flags.readPaths.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${inFolder}`,
    ...(flags.allowsAddons ? ["--allow-addons"] : ["--no-addons"]),
    // node:sqlite opens any file, whatever the permission flags say (measured on 22.23, 24.21, 25.9).
    ...(process.allowedNodeEnvironmentFlags.has("--experimental-sqlite") ? ["--no-experimental-sqlite"] : []),
    // A string that becomes code could hold an `import()` that nobody looked at.
    "--disallow-code-generation-from-strings",
    `--max-old-space-size=${flags.memoryMb}`,
    "--no-warnings",
  ];
}

/**
 * Nothing of ours: a fixed zone and locale, the mark by which what is left of the run is found, and its folder
 * as the one for temporary files.
 */
export function sandboxEnvironment(folder: RunFolder): Record<string, string> {
  const environment: Record<string, string> = {
    TZ: "UTC",
    LC_ALL: "en_US.UTF-8",
    TALLER_RUN: folder.marker,
    // `os.tmpdir()`, of POSIX and of Windows.
    TMPDIR: folder.path,
    TEMP: folder.path,
  };
  // Windows refuses random numbers and sockets to a process without it.
  if (process.platform === "win32") environment.SystemRoot = process.env.SystemRoot ?? "C:\\Windows";
  return environment;
}

function majorVersion(): number {
  return Number.parseInt(process.versions.node, 10);
}
