import { messageOf, systemCode } from "../../core/errors.ts";
import type { ServiceAddresses, ServiceName } from "./service.ts";

/** What a service answered. */
export interface Probe {
  readonly isReachable: boolean;
  /** As the system says it; Kafka's protocol has none. */
  readonly version?: string | undefined;
  /** One line, in the client's words. */
  readonly problem?: string | undefined;
}

const ANSWER_MS = 5_000;

/** Asks a service for a sign of life with its own client, for at most five seconds. Never throws. */
export async function probe<N extends ServiceName>(name: N, address: ServiceAddresses[N]): Promise<Probe> {
  const all: Partial<ServiceAddresses> = { [name]: address };
  try {
    if (all.kafka !== undefined) return await probeKafka(all.kafka);
    if (all.s3 !== undefined) return await probeS3(all.s3);
    if (all.postgres !== undefined) return await probePostgres(all.postgres);
    if (all.tracking !== undefined) return await probeTracking(all.tracking);
    return { isReachable: false };
  } catch (error) {
    return { isReachable: false, problem: reasonOf(error) };
  }
}

async function probeKafka({ brokers }: ServiceAddresses["kafka"]): Promise<Probe> {
  const { Kafka, logLevel } = await import("kafkajs");
  const kafka = new Kafka({
    clientId: "taller-doctor",
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: ANSWER_MS,
    requestTimeout: ANSWER_MS,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.describeCluster();
    return { isReachable: true };
  } finally {
    await admin.disconnect();
  }
}

async function probeS3(address: ServiceAddresses["s3"]): Promise<Probe> {
  const { objectStoreClient } = await import("../object-store/client.ts");
  const client = await objectStoreClient(address);
  await within(client.listBuckets());
  const answer = await fetch(address.endpoint, { signal: AbortSignal.timeout(ANSWER_MS) });
  return { isReachable: true, version: answer.headers.get("server") ?? undefined };
}

async function probePostgres({ url }: ServiceAddresses["postgres"]): Promise<Probe> {
  const { default: pg } = await import("pg");
  const { connectionOf } = await import("../postgres/client.ts");
  const client = new pg.Client({ ...connectionOf(url), connectionTimeoutMillis: ANSWER_MS });
  try {
    await client.connect();
    const { rows } = await within(client.query<{ server_version: string }>("SHOW server_version"));
    return { isReachable: true, version: rows[0]?.server_version };
  } finally {
    await client.end().catch(() => {});
  }
}

async function probeTracking({ uri }: ServiceAddresses["tracking"]): Promise<Probe> {
  const answer = await fetch(`${uri}/version`, { signal: AbortSignal.timeout(ANSWER_MS) });
  const text = (await answer.text()).trim();
  if (!answer.ok) return { isReachable: false, problem: `HTTP ${answer.status}` };
  return { isReachable: true, version: text.length < 40 ? text : undefined };
}

function within<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`no answer in ${ANSWER_MS / 1000} s`)), ANSWER_MS).unref();
    }),
  ]);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = systemCode(cause) ?? messageOf(cause);
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}
