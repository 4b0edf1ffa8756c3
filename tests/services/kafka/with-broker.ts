import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type KafkaOptions,
  type KafkaServer,
  startKafka,
} from "../../../src/services/kafka/embedded/server.ts";

/** Runs with a broker on a new folder, and can start it anew on the same one; all is removed at the end. */
export async function withBroker(
  run: (broker: { server: KafkaServer; folder: string; restart(): Promise<KafkaServer> }) => Promise<void>,
  options: Omit<KafkaOptions, "folder"> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "taller-kafka-"));
  let server = await startKafka({ ...options, folder });
  try {
    await run({
      server,
      folder,
      restart: async () => {
        const { port } = server;
        await server.close();
        server = await startKafka({ ...options, folder, port });
        return server;
      },
    });
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
