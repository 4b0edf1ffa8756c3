import { createServer } from "node:net";
import { lockFolder } from "../../folder-lock.ts";
import { listen } from "../../listen.ts";
import { Broker } from "./broker.ts";
import { Connection } from "./connection.ts";
import type { KafkaOptions } from "./options.ts";

export type { FlushPolicy } from "./flusher.ts";
export { type BrokerEvent, describeEvent, type KafkaOptions } from "./options.ts";

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
  const lock = await lockFolder(options.folder, "kafka");
  const connections = new Set<Connection>();
  const server = createServer();
  let broker: Broker | undefined;
  let port: number;
  try {
    broker = new Broker(options);
    port = await listen(server, { host, port: options.port ?? 0, service: "kafka" });
  } catch (error) {
    await broker?.close();
    await lock.release();
    throw error;
  }
  const opened = broker;
  const advertised = options.advertisedHost ?? (WILDCARDS.includes(host) ? undefined : host);
  server.on("connection", (socket) => {
    const connection = new Connection({
      socket,
      broker: opened,
      maxRequestBytes: options.maxRequestBytes ?? MAX_REQUEST_BYTES,
      address: { host: advertised ?? localHost(socket.localAddress) ?? host, port },
    });
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
  });
  return {
    brokers: addressOf(advertised ?? "127.0.0.1", port),
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.destroy();
      await closed;
      await opened.close();
      await lock.release();
    },
  };
}

/** On a socket of both families an IPv4 address looks like `::ffff:127.0.0.1`. */
function localHost(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:/, "");
}

function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
