import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface LineServer {
  readonly host: string;
  readonly port: number;
  /** Resolves when every line has been sent. */
  readonly sent: Promise<void>;
  close(): Promise<void>;
}

/**
 * A server that tells its first client some lines, one after the other: what `nc -lk` is in Spark's own example. A line
 * that went out is gone: a socket can't be read again.
 */
export async function serveLines(options: {
  readonly lines: readonly string[];
  readonly linesPerSecond: number;
  readonly signal: AbortSignal;
}): Promise<LineServer> {
  const { lines, linesPerSecond, signal } = options;
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => clients.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sent = (async () => {
    const [client] = (await once(server, "connection", { signal })) as [Socket];
    for (const line of lines) {
      client.write(`${line}\n`);
      await sleep(1000 / linesPerSecond, undefined, { signal });
    }
  })();
  // Stopped by the signal: whoever waits for `sent` learns of it there.
  sent.catch(() => {});
  return {
    host: "127.0.0.1",
    port,
    sent,
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
