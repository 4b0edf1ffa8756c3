import { attach } from "./attach.ts";
import { probe } from "./probe.ts";
import { type Env, realAddress } from "./real.ts";
import { readRecord } from "./record.ts";
import { type ServiceName, shownAddress } from "./service.ts";

/** What is known of a service without starting it. */
export interface ServiceState {
  readonly service: ServiceName;
  readonly state: "embedded" | "real" | "unreachable" | "stopped";
  readonly address?: string | undefined;
  readonly version?: string | undefined;
  readonly pid?: number | undefined;
  readonly problem?: string | undefined;
}

/** Looks, and asks what is there for a sign of life; `unreachable` is a real system that gives none. */
export async function serviceState<N extends ServiceName>(
  name: N,
  workspace: string,
  env: Env,
): Promise<ServiceState> {
  const real = realAddress(name, env);
  if (real !== undefined) {
    const { isReachable, version, problem } = await probe(name, real);
    const address = shownAddress(name, real);
    return { service: name, state: isReachable ? "real" : "unreachable", address, version, problem };
  }
  const record = await readRecord(workspace, name);
  const attachment = record === undefined ? undefined : await attach(record);
  if (record === undefined || attachment === undefined) return { service: name, state: "stopped" };
  try {
    const { version, problem } = await probe(name, record.address);
    const address = shownAddress(name, record.address);
    return { service: name, state: "embedded", address, version, pid: record.pid, problem };
  } finally {
    attachment.leave();
  }
}
