import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode, UserError } from "../../core/errors.ts";
import { type FolderLock, lockFolder } from "../folder-lock.ts";
import type { ServiceAddresses, ServiceName } from "./service.ts";

/** A live embedded server, as its host says of itself. */
export interface HostRecord<N extends ServiceName = ServiceName> {
  readonly name: N;
  readonly pid: number;
  /** Where clients register: see host.ts. */
  readonly controlPort: number;
  readonly token: string;
  readonly address: ServiceAddresses[N];
}

const base = {
  pid: z.int().positive(),
  controlPort: z.int().min(1).max(65_535),
  token: z.string().min(1),
};
const address: { readonly [N in ServiceName]: z.ZodType<ServiceAddresses[N]> } = {
  kafka: z.object({ brokers: z.array(z.string()).min(1) }),
  s3: z.object({
    endpoint: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    region: z.string(),
  }),
  postgres: z.object({ url: z.string() }),
  tracking: z.object({ uri: z.string() }),
};
const file = z.object({ services: z.record(z.string(), z.unknown()) });

/** `<workspace>/.taller/services.json`: the embedded servers that were alive when it was written. */
export function recordPath(workspace: string): string {
  return join(workspace, ".taller", "services.json");
}

/** What the file says of a service; undefined when it says nothing, or nothing that can be read. It may be stale. */
export async function readRecord<N extends ServiceName>(
  workspace: string,
  name: N,
): Promise<HostRecord<N> | undefined> {
  const entry = (await readServices(workspace)).get(name);
  const head = z.object(base).safeParse(entry);
  const where = z.object({ address: z.unknown() }).safeParse(entry);
  if (!head.success || !where.success) return undefined;
  const known = address[name].safeParse(where.data.address);
  return known.success ? { name, ...head.data, address: known.data } : undefined;
}

/** Puts a service's record in, or takes it out (`undefined`); the others' stay, whoever writes at the same time. */
export async function writeRecord(
  workspace: string,
  name: ServiceName,
  record: HostRecord | undefined,
): Promise<void> {
  const lock = await lockRegistry(workspace);
  try {
    const services = await readServices(workspace);
    services.delete(name);
    if (record !== undefined) {
      const { pid, controlPort, token, address } = record;
      services.set(name, { pid, controlPort, token, address });
    }
    const text = JSON.stringify({ services: Object.fromEntries(services) }, null, 2);
    await writeFileAtomic(recordPath(workspace), `${text}\n`);
  } finally {
    await lock.release();
  }
}

/** It is held for some milliseconds: who finds it taken tries again. */
async function lockRegistry(workspace: string): Promise<FolderLock> {
  const folder = join(workspace, ".taller", "services", "registry");
  for (const deadline = performance.now() + 10_000; ; ) {
    try {
      return await lockFolder(folder, "services.json");
    } catch (error) {
      const isTaken = error instanceof UserError && error.code === "folder-in-use";
      if (!isTaken || performance.now() > deadline) throw error;
      await sleep(10 + Math.random() * 20);
    }
  }
}

/** A torn or foreign file counts as empty: whoever serves writes it anew. */
async function readServices(workspace: string): Promise<Map<string, unknown>> {
  let text: string;
  try {
    text = await readFile(recordPath(workspace), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return new Map();
    throw error;
  }
  try {
    return new Map(Object.entries(file.parse(JSON.parse(text)).services));
  } catch {
    return new Map();
  }
}
