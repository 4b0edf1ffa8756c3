import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { throwIfCancelled, UserError } from "../../core/errors.ts";
import { type Emit, silent } from "../../core/events.ts";
import { verbatim } from "../../core/text.ts";
import { type Attachment, attach } from "./attach.ts";
import { type Env, realAddress, SELECTING_VARIABLE } from "./real.ts";
import { readRecord } from "./record.ts";
import {
  SERVICE_TITLES,
  SERVICES,
  type ServiceAddresses,
  type ServiceName,
  shownAddress,
} from "./service.ts";
import { startHost } from "./start-host.ts";

export interface OpenServicesInput<N extends ServiceName> {
  /** The learner's folder: there is one set of embedded servers for each. */
  readonly workspace: string;
  readonly names: readonly N[];
  readonly env: Env;
  /** Fixed ports for embedded servers that are started here; default any free one. */
  readonly ports?: Partial<Readonly<Record<ServiceName, number>>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of every real target, before anything is sent there. */
  readonly emit?: Emit | undefined;
  /** How long an embedded server that is started here stays after its last client; default 5 s. */
  readonly graceMs?: number | undefined;
  /** The compiled host.js; default the one of this installation. */
  readonly hostProgram?: string | undefined;
}

export interface OpenServices<N extends ServiceName> {
  readonly addresses: Pick<ServiceAddresses, N>;
  readonly origins: Readonly<Record<N, "embedded" | "real">>;
  /** Leaves them: an embedded server ends when its last client has left. Twice is once. */
  close(): void;
}

const GRACE_MS = 5_000;
/** A server that is just ending gives its folder back within this. */
const DEADLINE_MS = 60_000;

/**
 * The addresses of services, each in this order: the real one that its `TALLER_` variable names; the embedded one
 * of the workspace that is alive; else an embedded one is started, in a process of its own that lives until its last
 * client is gone. Commands in several terminals so meet on one set.
 *
 * Throws a UserError for a variable that is no address, a busy port, a disk that can't be written and a server that
 * does not start; a CancelledError when stopped. Then none of those that were opened is held.
 */
export async function openServices<N extends ServiceName>(
  input: OpenServicesInput<N>,
): Promise<OpenServices<N>> {
  const { names, env, emit = silent } = input;
  // Before anything is started: a wrong variable is told at once.
  const real = new Map(names.map((name) => [name, realAddress(name, env)] as const));
  for (const name of names) {
    const address = real.get(name);
    if (address !== undefined) emit({ kind: "note", text: realNote(name, address) });
  }
  const attachments: Attachment[] = [];
  const close = () => {
    for (const attachment of attachments.splice(0)) attachment.leave();
  };
  const opened = await Promise.allSettled(
    names.map(async (name) => {
      const address = real.get(name);
      if (address !== undefined) return [name, address] as const;
      const embedded = await openEmbedded(name, input);
      attachments.push(embedded.attachment);
      return [name, embedded.address] as const;
    }),
  );
  const failed = opened.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    close();
    throw failed.reason;
  }
  const found = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return {
    addresses: Object.fromEntries(found) as unknown as Pick<ServiceAddresses, N>,
    origins: Object.fromEntries(
      names.map((name) => [name, real.get(name) === undefined ? "embedded" : "real"]),
    ) as Record<N, "embedded" | "real">,
    close,
  };
}

/** Registers at the live server, or starts one. Another process may be starting, or ending, the same one meanwhile. */
async function openEmbedded<N extends ServiceName>(
  name: N,
  input: OpenServicesInput<ServiceName>,
): Promise<{ attachment: Attachment; address: ServiceAddresses[N] }> {
  const { workspace, signal, graceMs = GRACE_MS } = input;
  const port = input.ports?.[name] ?? 0;
  for (const deadline = performance.now() + DEADLINE_MS; ; ) {
    throwIfCancelled(signal);
    const record = await readRecord(workspace, name);
    const attachment = record === undefined ? undefined : await attach(record);
    if (record !== undefined && attachment !== undefined) {
      if (port === 0 || portOf(name, record.address) === port) return { attachment, address: record.address };
      attachment.leave();
      throw onAnotherPort(name, shownAddress(name, record.address));
    }
    try {
      const program = input.hostProgram ?? HOST_PROGRAM;
      await startHost({ name, workspace, port, graceMs, program, env: input.env, signal });
    } catch (error) {
      // Another has the folder: one that was faster, or one that is ending.
      const isHeld = error instanceof UserError && error.code === "folder-in-use";
      if (!isHeld || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

/** The compiled program, also when this file is run from its source. */
const HOST_PROGRAM = fileURLToPath(
  import.meta.url.endsWith(".ts")
    ? new URL("../../../dist/src/services/set/host.js", import.meta.url)
    : new URL("./host.js", import.meta.url),
);

function portOf<N extends ServiceName>(name: N, address: ServiceAddresses[N]): number {
  return Number(/:(\d+)(?:\/|$)/.exec(shownAddress(name, address))?.[1] ?? 0);
}

function realNote<N extends ServiceName>(name: N, address: ServiceAddresses[N]) {
  const where = `${SERVICE_TITLES[name]} ${shownAddress(name, address)}`;
  const by = SELECTING_VARIABLE[name];
  return {
    es: `${where}: el real, por ${by}. Todo lo que se escribe ahí cuelga de «taller».`,
    en: `${where}: the real one, by ${by}. All that is written there lies under "taller".`,
  };
}

function onAnotherPort(name: ServiceName, address: string): UserError {
  return new UserError({
    fault: "environment",
    code: "on-another-port",
    what: {
      es: `El servicio «${name}» de esta carpeta ya está en marcha, en otro puerto: ${address}.`,
      en: `The service "${name}" of this folder is running already, on another port: ${address}.`,
    },
    where: address,
    next: [verbatim("taller services status")],
  });
}

/** Every service of the table, for commands that take a name. */
export function isServiceName(name: string): name is ServiceName {
  return SERVICES.some((one) => one === name);
}
