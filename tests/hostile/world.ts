import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a hostile submission is told, so that it needs no luck. */
export interface Target {
  /** A file outside, whose content no verdict may hold. */
  readonly canary: string;
  readonly canaryJson: string;
  readonly canaryModule: string;
  /** A folder outside, in which nothing may change. */
  readonly outside: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly socketPath: string;
  readonly parentPid: number;
  /** `node:`, unknown to the bundler: what is imported by a computed name gets past its look at imports. */
  readonly builtin: string;
}

export interface World {
  readonly target: Target;
  readonly secret: string;
  /** Connections and datagrams that arrived. */
  contacts(): number;
  /** Names and contents of all that lies outside. */
  outsideState(): string;
  close(): Promise<void>;
}

/** A canary to read, a folder to spoil and sockets to call, all watched. */
export async function openWorld(): Promise<World> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), "taller-canary-"));
  const outside = join(root, "outside");
  mkdirSync(outside);
  const secret = `canary-${Math.random().toString(36).slice(2)}-bytes`;
  const file = (name: string, content: string): string => {
    writeFileSync(join(outside, name), content);
    return join(outside, name);
  };
  let contacts = 0;
  const count = (): void => {
    contacts++;
  };
  const tcp = createServer((socket) => {
    count();
    socket.on("error", () => {});
    socket.end(secret);
  });
  const local = createServer(count);
  const udp = createSocket("udp4").on("message", count);
  const socketPath = process.platform === "win32" ? "\\\\.\\pipe\\taller-canary" : join(root, "socket");
  tcp.listen(0, "127.0.0.1");
  local.listen(socketPath);
  udp.bind(0, "127.0.0.1");
  await Promise.all([once(tcp, "listening"), once(local, "listening"), once(udp, "listening")]);
  const address = tcp.address();
  return {
    secret,
    target: {
      outside,
      canary: file("canary.txt", secret),
      canaryJson: file("canary.json", JSON.stringify({ secret })),
      canaryModule: file("canary.mjs", `export const secret = ${JSON.stringify(secret)};`),
      tcpPort: typeof address === "object" && address !== null ? address.port : 0,
      udpPort: udp.address().port,
      socketPath,
      parentPid: process.pid,
      builtin: "node:",
    },
    contacts: () => contacts,
    outsideState: () =>
      JSON.stringify(readdirSync(outside).map((name) => [name, readFileSync(join(outside, name), "utf8")])),
    close: async () => {
      udp.close();
      tcp.close();
      local.close();
      await Promise.all([once(tcp, "close"), once(local, "close")]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
