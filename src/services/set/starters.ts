import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import type { ServiceAddresses, ServiceName } from "./service.ts";

export interface StartOptions {
  /** The service's own folder, `<workspace>/.taller/services/<name>`. */
  readonly folder: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly onWarning: (message: string) => void;
}

export interface Started<N extends ServiceName> {
  readonly address: ServiceAddresses[N];
  close(): Promise<void>;
}

/** How each embedded server is started, in the process of its own. Each is loaded only there. */
export const starters: { readonly [N in ServiceName]: (options: StartOptions) => Promise<Started<N>> } = {
  kafka: async ({ folder, port, onWarning }) => {
    const { describeEvent, startKafka } = await import("../kafka/embedded/server.ts");
    const server = await startKafka({ folder, port, onEvent: (event) => onWarning(describeEvent(event)) });
    return { address: { brokers: [server.brokers] }, close: () => server.close() };
  },
  s3: async ({ folder, port, onWarning }) => {
    const { startObjectStore } = await import("../object-store/embedded/server.ts");
    const keys = { accessKeyId: "taller", secretAccessKey: await keptSecret(`${folder}-secret`) };
    const server = await startObjectStore({ folder, port, onWarning, ...keys });
    return {
      address: { endpoint: server.endpoint, ...keys, region: "us-east-1" },
      close: () => server.close(),
    };
  },
  postgres: async ({ folder, port, onWarning }) => {
    const { startPostgres } = await import("../postgres/embedded/server.ts");
    const server = await startPostgres({ folder, port, onWarning });
    return { address: { url: server.url }, close: () => server.close() };
  },
  tracking: async ({ folder, port }) => {
    const { startTracking } = await import("../tracking/embedded/server.ts");
    const server = await startTracking({ folder, port });
    return { address: { uri: server.uri }, close: () => server.close() };
  },
};

/** Made at the first start and kept, so that a pasted line still works tomorrow. */
async function keptSecret(path: string): Promise<string> {
  try {
    const kept = (await readFile(path, "utf8")).trim();
    if (kept !== "") return kept;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  const secret = randomBytes(20).toString("hex");
  await writeFileAtomic(path, `${secret}\n`);
  return secret;
}

/** Where a service keeps what it has, and where its host writes what it says. */
export function serviceFolder(workspace: string, name: ServiceName): string {
  return join(workspace, ".taller", "services", name);
}
