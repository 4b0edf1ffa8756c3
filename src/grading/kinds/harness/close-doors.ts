import net from "node:net";
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
 * Closes what Node's permission flags leave open (measured on 20.20, 22.23, 24.21) and a submission can
 * reach: sockets, signals to other processes, Node's inner modules. Whole modules are kept from it by
 * `guardedRequire`. `onRefused` hears of every touch.
 */
export function closeDoors(onRefused: OnRefused): void {
  const close = closer(onRefused);
  // `process.stdout` is a socket, so its class is in reach.
  close("network", net.Socket.prototype, "net.Socket.", ["connect"]);
  close("network", net.Server.prototype, "net.Server.", ["listen", "_listen2"]);
  close("network", net, "net.", ["connect", "createConnection"]);
  close("network", globalThis, "", ["fetch", "WebSocket", "EventSource"]);
  close("kill", process, "process.", ["kill", "_kill", "_debugProcess", "_debugEnd"]);
  close("addon", process, "process.", ["dlopen", "binding", "_linkedBinding"]);
  close("child-process", process, "process.", ["execve"]);
  close("process", process, "process.", ["_getActiveHandles", "_getActiveRequests", "loadEnvFile", "chdir"]);
  // The harness's own module, whose `require` is not guarded.
  Reflect.deleteProperty(process, "mainModule");
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
