import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { diskError } from "../../core/atomic-file.ts";
import { CancelledError, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { HostMessage } from "./host.ts";
import type { Env } from "./real.ts";
import type { ServiceName } from "./service.ts";
import { serviceFolder } from "./starters.ts";

export interface StartHostInput {
  readonly name: ServiceName;
  readonly workspace: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** How long it stays after its last client. */
  readonly graceMs: number;
  /** The compiled host.js. */
  readonly program: string;
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
}

/** A first start may have to make a database. */
const READY_MS = 60_000;

/**
 * Starts a host of its own life: it outlives this process. Resolves when it serves and its record is written. Throws
 * the UserError with which it refused, or one that names its log when it ended without a word.
 */
export async function startHost(input: StartHostInput): Promise<void> {
  const { name, workspace, port, graceMs, program, signal } = input;
  const log = `${serviceFolder(workspace, name)}.log`;
  const out = openLog(log);
  const child = spawn(process.execPath, [program, name, workspace, String(port), String(graceMs)], {
    detached: true,
    stdio: ["ignore", out, out, "ipc"],
    env: hostEnv(input.env),
    windowsHide: true,
  });
  closeSync(out);
  await new Promise<void>((resolve, reject) => {
    const settle = (work: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      work();
    };
    const timer = setTimeout(() => {
      child.kill();
      settle(() => reject(silent(name, log)));
    }, READY_MS);
    const stop = () => {
      child.kill();
      settle(() => reject(new CancelledError()));
    };
    signal?.addEventListener("abort", stop);
    child.on("message", (message) => {
      // Only our own program holds the other end.
      const said = message as HostMessage;
      settle(() => (said.kind === "ready" ? resolve() : reject(refused(said))));
    });
    child.on("error", (error) => settle(() => reject(error)));
    child.on("exit", () => settle(() => reject(silent(name, log))));
    if (signal?.aborted) stop();
  });
}

/** What a process needs to run; none of the addresses and keys that people have in theirs. */
function hostEnv(env: Env): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TEMP", "TMP", "TMPDIR", "LANG"];
  return { ...Object.fromEntries(kept.map((name) => [name, env[name]])), TZ: "UTC" };
}

function openLog(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "w");
  } catch (error) {
    throw diskError(error, path);
  }
}

function refused(said: Extract<HostMessage, { kind: "failed" }>): UserError {
  return new UserError(said);
}

function silent(name: ServiceName, log: string): UserError {
  const last = lastLine(log);
  const what = last === "" ? "" : `: ${last}`;
  return new UserError({
    fault: "environment",
    code: "service-failed",
    what: {
      es: `El servicio incluido «${name}» no arranca${what}`,
      en: `The included service "${name}" does not start${what}`,
    },
    where: log,
    next: [verbatim("taller doctor")],
  });
}

function lastLine(path: string): string {
  try {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    return (lines.at(-1) ?? "").slice(0, 300);
  } catch {
    return "";
  }
}
