import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemCode, UserError } from "../../../core/errors.ts";

/** Seconds since 1970 when this process began: tells a process from a former one of its number. */
const startedSeconds = Math.round(Date.now() / 1000 - process.uptime());
const CLOCK_SLACK_SECONDS = 2;

/**
 * Takes a folder for one broker: a file `lock` names the process. The lock of a process that is gone is taken over.
 * A folder in use is a UserError `kafka-folder-in-use`.
 */
export function lockFolder(folder: string): { release(): void } {
  const path = join(folder, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, "wx");
      writeSync(file, `${process.pid} ${startedSeconds}\n`);
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) throw inUse(folder, holder.pid);
      rmSync(path, { force: true });
    }
  }
  throw inUse(folder, undefined);
}

interface Holder {
  readonly pid: number;
  readonly startedSeconds: number;
}

function readHolder(path: string): Holder | undefined {
  try {
    const [pid, started] = readFileSync(path, "utf8").trim().split(" ").map(Number);
    return pid === undefined || started === undefined || !(pid > 0)
      ? undefined
      : { pid, startedSeconds: started };
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid)
    return Math.abs(holder.startedSeconds - startedSeconds) <= CLOCK_SLACK_SECONDS;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

function inUse(folder: string, pid: number | undefined): UserError {
  const who = pid === undefined ? "" : ` (${pid})`;
  return new UserError({
    fault: "environment",
    code: "kafka-folder-in-use",
    what: {
      es: `Otro proceso${who} ya sirve Kafka desde esta carpeta.`,
      en: `Another process${who} already serves Kafka from this folder.`,
    },
    where: folder,
    next: [
      {
        es: "Usa el servidor que ya está en marcha, o ciérralo antes.",
        en: "Use the server that is running, or stop it first.",
      },
    ],
  });
}
