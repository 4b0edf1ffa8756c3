import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { messageOf, UserError } from "../../core/errors.ts";
import { listen } from "../listen.ts";
import { writeRecord } from "./record.ts";
import { SERVICES, type ServiceName } from "./service.ts";
import { serviceFolder, starters } from "./starters.ts";

/**
 * The program of an embedded server: `host.js NAME WORKSPACE PORT GRACE_MS`. It serves until its last client is
 * gone. A client is whoever holds a connection to the control port open, after the token's line: the system closes
 * the connection of one that is killed. To its starter it says over IPC that it is ready, or why it is not.
 */
export type HostMessage =
  | { readonly kind: "ready" }
  | {
      readonly kind: "failed";
      readonly fault: UserError["fault"];
      readonly code: string;
      readonly what: UserError["what"];
      readonly where?: string | undefined;
      readonly next: UserError["next"];
    };

/** Until its first client has come, whose starter may have been killed meanwhile. */
const FIRST_CLIENT_MS = 20_000;
/** A client says its token at once. */
const TOKEN_MS = 5_000;

export async function host(args: readonly string[]): Promise<void> {
  const { name, workspace, port, graceMs } = readArgs(args);
  try {
    await serve({ name, workspace, port, graceMs });
  } catch (error) {
    tell(failure(error));
    // The starter reads the message before it sees the end.
    if (process.connected) process.disconnect();
    process.exitCode = 3;
  }
}

async function serve(input: {
  readonly name: ServiceName;
  readonly workspace: string;
  readonly port: number;
  readonly graceMs: number;
}): Promise<void> {
  const { name, workspace, port, graceMs } = input;
  const warn = (message: string) => console.error(`${new Date().toISOString()} ${message}`);
  const started = await starters[name]({ folder: serviceFolder(workspace, name), port, onWarning: warn });
  const token = randomBytes(16).toString("hex");
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    try {
      // First out of the file, so that nobody is sent to a server that is closing.
      await writeRecord(workspace, name, undefined);
      control.close();
      await started.close();
      process.exit(0);
    } catch (error) {
      warn(messageOf(error));
      process.exit(70);
    }
  };
  const control = controlServer({ token, graceMs, onAlone: () => void end() });
  const controlPort = await listen(control, { host: "127.0.0.1", port: 0, service: name });
  // A Ctrl-C in the terminal of whoever started it is meant for them; `taller services` ends by leaving.
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  process.on("SIGTERM", () => void end());
  await writeRecord(workspace, name, {
    name,
    pid: process.pid,
    controlPort,
    token,
    address: started.address,
  });
  tell({ kind: "ready" });
  if (process.connected) process.disconnect();
}

/** Counts the clients; `onAlone` when there has been none for a while. */
function controlServer(options: {
  readonly token: string;
  readonly graceMs: number;
  readonly onAlone: () => void;
}): Server {
  const { token, graceMs, onAlone } = options;
  const clients = new Set<Socket>();
  let alone = setTimeout(onAlone, Math.max(graceMs, FIRST_CLIENT_MS));
  const leave = (socket: Socket) => {
    if (!clients.delete(socket) || clients.size > 0) return;
    clearTimeout(alone);
    alone = setTimeout(onAlone, graceMs);
  };
  return createServer((socket) => {
    let said = Buffer.alloc(0);
    const late = setTimeout(() => socket.destroy(), TOKEN_MS);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      leave(socket);
    });
    socket.on("data", (chunk) => {
      if (clients.has(socket)) return;
      said = Buffer.concat([said, chunk]);
      if (said.length < token.length) return;
      clearTimeout(late);
      if (!timingSafeEqual(said.subarray(0, token.length), Buffer.from(token))) {
        socket.destroy();
        return;
      }
      clients.add(socket);
      clearTimeout(alone);
      socket.write("ok\n");
    });
  });
}

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

function failure(error: unknown): HostMessage {
  if (error instanceof UserError) {
    const { fault, code, what, where, next } = error;
    return { kind: "failed", fault, code, what, where, next };
  }
  console.error(error);
  const text = messageOf(error);
  return {
    kind: "failed",
    fault: "environment",
    code: "service-failed",
    what: { es: `No arranca: ${text}`, en: `It does not start: ${text}` },
    next: [],
  };
}

function readArgs([name, workspace = "", port, graceMs]: readonly string[]) {
  const known = SERVICES.find((one) => one === name);
  if (known === undefined || workspace === "")
    throw new RangeError("usage: host NAME WORKSPACE PORT GRACE_MS");
  return { name: known, workspace, port: Number(port ?? 0), graceMs: Number(graceMs ?? 0) };
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1])
  await host(process.argv.slice(2));
