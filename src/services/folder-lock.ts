import { randomBytes } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { diskError } from "../core/atomic-file.ts";
import { systemCode, UserError } from "../core/errors.ts";
import { verbatim } from "../core/text.ts";

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that serves a folder, until it releases the lock or ends, however it ends. The
 * holder keeps a loopback port open that answers with the token of `<folder>/lock.json`: the system closes it with the
 * process, where a process id may by then be another's (in a container every run has the same ones). Throws a
 * UserError that names the holder.
 */
export async function lockFolder(folder: string, task: string): Promise<FolderLock> {
  const path = join(folder, "lock.json");
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskError(error, folder);
  });
  const token = randomBytes(16).toString("hex");
  const server = await answerWith(token);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the lock is bound to no port");
  const mine = JSON.stringify({ pid: process.pid, port: address.port, token, task });
  try {
    for (const deadline = performance.now() + WAIT_MS; ; ) {
      if (tryCreate(path, mine)) break;
      const found = readIfThere(path);
      if (found === undefined) continue;
      const holder = parseHolder(found);
      if (holder !== undefined && (await isAlive(holder))) throw heldError(folder, holder);
      if ((holder !== undefined || isOld(path)) && takeOver(path, found, mine)) break;
      if (performance.now() > deadline) throw heldError(folder, holder);
      await sleep(20);
    }
  } catch (error) {
    server.close();
    throw error;
  }
  return {
    release: async () => {
      if (readIfThere(path) === mine) rmSync(path, { force: true });
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Holder {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
  readonly task: string;
}

const WAIT_MS = 10_000;
const ANSWER_MS = 2_000;
/** A guard is held for less than a millisecond. */
const LEFT_BEHIND_MS = 10_000;

/** A port that says the token to whoever connects. It alone does not keep the process running. */
function answerWith(token: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(token);
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** One that is connected but silent is stopped or busy: it counts as alive, for its memory is. */
function isAlive(holder: Holder): Promise<boolean> {
  return new Promise((resolve) => {
    let said = "";
    let isConnected = false;
    const socket = connect({ host: "127.0.0.1", port: holder.port });
    const end = (isAnswer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isAnswer);
    };
    const timer = setTimeout(() => end(isConnected && said === ""), ANSWER_MS);
    socket.on("connect", () => {
      isConnected = true;
    });
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      if (said.length >= holder.token.length) end(said === holder.token);
    });
    socket.on("end", () => end(said === holder.token));
    socket.on("error", () => end(false));
  });
}

/** Whole or not at all: written beside, then linked, so that nobody reads half a holder. */
function tryCreate(path: string, content: string): boolean {
  const beside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(beside, content, { flag: "wx" });
    linkSync(beside, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return false;
    // A file system without hard links (exFAT).
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") return tryCreateInPlace(path, content);
    throw diskError(error, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

function tryCreateInPlace(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw diskError(error, path);
  }
}

/** Replaces the lock of a dead holder, if it still is that one's: only inside the guard is another's lock removed. */
function takeOver(path: string, dead: string, mine: string): boolean {
  const guard = `${path}.guard`;
  try {
    mkdirSync(guard);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw diskError(error, path);
    removeOldGuard(guard);
    return false;
  }
  try {
    if (readIfThere(path) !== dead) return false;
    unlinkSync(path);
    return tryCreate(path, mine);
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function removeOldGuard(guard: string): void {
  try {
    if (Date.now() - statSync(guard).mtimeMs > LEFT_BEHIND_MS) rmdirSync(guard);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Without hard links a lock is empty for an instant while it is written. */
function isOld(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > 1_000;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Undefined for a torn or foreign file: nobody who is alive left it so. */
function parseHolder(text: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, port, token, task } = value as Partial<Record<keyof Holder, unknown>>;
  const isHolder =
    typeof pid === "number" &&
    typeof port === "number" &&
    port > 0 &&
    port < 65_536 &&
    typeof token === "string" &&
    token !== "" &&
    typeof task === "string";
  return isHolder ? { pid, port, token, task } : undefined;
}

function heldError(folder: string, holder: Holder | undefined): UserError {
  const who = holder === undefined ? "" : ` (${holder.task}, pid ${holder.pid})`;
  return new UserError({
    fault: "environment",
    code: "folder-in-use",
    what: {
      es: `Otro proceso ya sirve esta carpeta${who}.`,
      en: `Another process already serves this folder${who}.`,
    },
    where: folder,
    next: [verbatim("taller services status")],
  });
}
