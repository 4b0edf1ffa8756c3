import { createServer, type Server } from "node:net";
import { systemCode, UserError } from "../../../core/errors.ts";
import { Broker } from "./broker.ts";
import { Connection } from "./connection.ts";
import type { KafkaOptions } from "./options.ts";

export type { FlushPolicy } from "./flusher.ts";
export type { BrokerEvent, KafkaOptions } from "./options.ts";

export interface KafkaServer {
  /** `host:port`, for a client's list of brokers. */
  readonly brokers: string;
  readonly port: number;
  /** Ends the connections, saves and flushes; resolves when the folder is free. */
  close(): Promise<void>;
}

const WILDCARDS = ["0.0.0.0", "::"];
const MAX_REQUEST_BYTES = 100 * 1024 * 1024;

/**
 * Serves the Kafka protocol from a folder: one broker, which is all of its cluster, for any Kafka client from about
 * 2018 on (record format 2). Topics, records, offsets and transactions are in the folder and survive a kill of the
 * process; group members join anew after one.
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const host = options.host ?? "127.0.0.1";
  const broker = new Broker(options);
  const connections = new Set<Connection>();
  const server = createServer();
  let port: number;
  try {
    port = await listen(server, options.port ?? 0, host);
  } catch (error) {
    await broker.close();
    throw portError(error, host, options.port ?? 0);
  }
  const advertised = options.advertisedHost ?? (WILDCARDS.includes(host) ? undefined : host);
  server.on("connection", (socket) => {
    const connection = new Connection({
      socket,
      broker,
      maxRequestBytes: options.maxRequestBytes ?? MAX_REQUEST_BYTES,
      address: { host: advertised ?? socket.localAddress ?? host, port },
    });
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  return {
    brokers: `${advertised ?? "127.0.0.1"}:${port}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
      await broker.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

function portError(error: unknown, host: string, port: number): unknown {
  const code = systemCode(error);
  if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL" && code !== "ENOTFOUND")
    return error;
  return new UserError({
    fault: "environment",
    code: code === "EADDRINUSE" ? "kafka-port-in-use" : "kafka-no-port",
    what:
      code === "EADDRINUSE"
        ? {
            es: "Otro programa usa ya el puerto de Kafka.",
            en: "Another program uses the Kafka port already.",
          }
        : { es: "No puedo abrir la dirección de Kafka.", en: "I can't open the Kafka address." },
    where: `${host}:${port}`,
    next: [
      {
        es: "Elige otro puerto, o el 0 para uno libre.",
        en: "Choose another port, or 0 for a free one.",
      },
    ],
    cause: error,
  });
}
