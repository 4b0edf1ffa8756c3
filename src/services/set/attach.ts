import { connect } from "node:net";
import type { HostRecord } from "./record.ts";

/** A client's place at a host: as long as it is held, the server lives. */
export interface Attachment {
  leave(): void;
}

/** A live host answers at once; what is silent is another program that has the port by now. */
const ANSWER_MS = 2_000;

/**
 * Registers at the host that a record names; undefined when it is not there any more. The connection does not keep
 * this process running, and the system closes it with the process, however that ends.
 */
export function attach(record: HostRecord): Promise<Attachment | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: record.controlPort });
    let said = "";
    const settle = (isAnswer: boolean) => {
      clearTimeout(timer);
      socket.removeAllListeners("data");
      if (!isAnswer) socket.destroy();
      resolve(isAnswer ? { leave: () => socket.destroy() } : undefined);
    };
    const timer = setTimeout(() => settle(false), ANSWER_MS);
    socket.on("connect", () => socket.write(`${record.token}\n`));
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      if (said.length < 3) return;
      socket.unref();
      settle(said === "ok\n");
    });
    socket.on("error", () => settle(false));
    socket.on("close", () => settle(false));
  });
}
