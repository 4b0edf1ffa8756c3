import childProcess from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import os from "node:os";
import traceEvents from "node:trace_events";
import v8 from "node:v8";
import type { RefusedWhat } from "../../sandbox/protocol.ts";

/** Thrown by what is closed. */
export class RefusedError extends Error {
  readonly code = "ERR_TALLER_REFUSED";
  readonly what: RefusedWhat;

  constructor(what: RefusedWhat, name: string) {
    super(name);
    this.name = "RefusedError";
    this.what = what;
  }
}

export type OnRefused = (error: RefusedError) => void;
type Members = Record<string, unknown>;

/**
 * Closes what Node's permission flags leave open (measured on 20.20, 22.23, 24.21): sockets, names,
 * signals to other processes, tracing into the current folder, V8's flags. For the mistaken and the
 * curious; what stands against more is the permission flags. `onRefused` hears of every touch.
 */
export function closeDoors(onRefused: OnRefused): void {
  const close = closer(onRefused);
  close("network", net.Socket.prototype, "net.Socket.", ["connect"]);
  close("network", net.Server.prototype, "net.Server.", ["listen", "_listen2"]);
  close("network", net, "net.", ["connect", "createConnection"]);
  close("network", dgram.Socket.prototype, "dgram.Socket.", ["bind", "send", "connect", "addMembership"]);
  close("network", dgram, "dgram.", ["createSocket", "_createSocketHandle"]);
  const dnsNames = (owner: object) =>
    Object.keys(owner).filter((name) => /^(lookup|resolve|reverse)/.test(name));
  close("network", dns, "dns.", dnsNames(dns));
  close("network", dns.promises, "dns.promises.", dnsNames(dns.promises));
  for (const resolver of [dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    close("network", resolver, "dns.Resolver.", Object.getOwnPropertyNames(resolver).filter(isQuery));
  }
  close("network", globalThis, "", ["fetch", "WebSocket", "EventSource"]);

  close("kill", process, "process.", ["kill", "_kill", "_debugProcess", "_debugEnd"]);
  close("kill", os, "os.", ["setPriority"]);
  close("addon", process, "process.", ["dlopen", "binding", "_linkedBinding"]);
  close("child-process", process, "process.", ["execve"]);
  close("child-process", childProcess, "child_process.", [
    "spawn",
    "spawnSync",
    "exec",
    "execSync",
    "execFile",
    "execFileSync",
    "fork",
    "_forkChild",
  ]);
  close("child-process", childProcess.ChildProcess.prototype, "child_process.", ["spawn"]);
  close("process", process, "process.", ["_getActiveHandles", "_getActiveRequests", "loadEnvFile", "chdir"]);
  close("process", v8, "v8.", ["setFlagsFromString", "writeHeapSnapshot", "setHeapSnapshotNearHeapLimit"]);
  close("write", traceEvents, "trace_events.", ["createTracing"]);
  // Named imports of these builtins see the closed ones.
  syncBuiltinESMExports();
}

/**
 * Closes what lies beneath net.Socket: any pipe's handle leads to its class, whose `bind` makes a file
 * wherever it is told (measured). `pipe` is a socket over one.
 */
export function closePipes(pipe: net.Socket, onRefused: OnRefused): void {
  const handle = (pipe as { _handle?: object | null })._handle;
  if (handle === null || handle === undefined) return;
  const owner: unknown = Object.getPrototypeOf(handle);
  if (typeof owner === "object" && owner !== null) {
    closer(onRefused)("network", owner, "Pipe.", ["bind", "listen", "connect"]);
  }
}

function closer(onRefused: OnRefused) {
  return (what: RefusedWhat, owner: object, prefix: string, names: readonly string[]): void => {
    for (const name of names) {
      if (typeof (owner as Members)[name] !== "function") continue;
      const refuse = function refused(): never {
        const error = new RefusedError(what, `${prefix}${name}`);
        onRefused(error);
        throw error;
      };
      Object.defineProperty(owner, name, { value: refuse, writable: false, configurable: false });
    }
  };
}

function isQuery(name: string): boolean {
  return /^(resolve|reverse)/.test(name);
}
