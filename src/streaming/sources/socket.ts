import { connect, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { UserError } from "../../core/errors.ts";
import { STRING, TIMESTAMP } from "../attribute.ts";
import { fromDoubles } from "../micros.ts";
import type { StreamSource } from "./source.ts";

export interface SocketSourceOptions {
  readonly host: string;
  readonly port: number;
  /** Adds the time of arrival as `timestamp`. */
  readonly includeTimestamp?: boolean | undefined;
}

/**
 * Lines of text from a server, as `value`. Not replayable: lines that were read and not committed when the process
 * ends are gone, and a restart begins with what comes then. For teaching and trying, as in Spark.
 */
export function socketSource(options: SocketSourceOptions): StreamSource {
  const { host, port, includeTimestamp = false } = options;
  let lines: { text: string; micros: number }[] = [];
  /** How many lines came before `lines[0]`. */
  let before = 0;
  let socket: Socket | undefined;
  let failure: Error | undefined;
  const listeners: (() => void)[] = [];
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    description: `TextSocketV2[host: ${host}, port: ${port}]`,
    attributes: [
      { name: "value", type: STRING },
      ...(includeTimestamp ? [{ name: "timestamp", type: TIMESTAMP }] : []),
    ],
    isReplayable: false,
    async open() {
      socket = await connected(host, port);
      const decoder = new StringDecoder("utf8");
      let rest = "";
      socket.on("data", (chunk: Buffer) => {
        const parts = (rest + decoder.write(chunk)).split("\n");
        rest = parts.pop() ?? "";
        const micros = Date.now() * 1000;
        for (const text of parts) lines.push({ text: text.replace(/\r$/, ""), micros });
        if (parts.length > 0) wake();
      });
      socket.on("error", (error) => {
        failure = error;
        wake();
      });
    },
    async latestOffset(start) {
      if (failure !== undefined) throw noServer(host, port, failure);
      const count = before + lines.length;
      // Offsets of an earlier run count lines that nobody has any more: this one goes on from there.
      const floor = start === undefined ? 0 : Number(start) + 1;
      if (before === 0 && lines.length >= 0 && floor > count) before = floor - lines.length;
      const last = before + lines.length - 1;
      return last < 0 || (start !== undefined && last < Number(start)) ? start : String(last);
    },
    async read(start, end) {
      const from = Math.max(0, (start === undefined ? 0 : Number(start) + 1) - before);
      const taken = lines.slice(from, Number(end) + 1 - before);
      const value = { kind: "string" as const, values: taken.map((line) => line.text) };
      const fields = [{ name: "value", type: STRING, nullable: false }];
      if (!includeTimestamp) return { table: { fields, columns: [value], rowCount: taken.length } };
      const times = fromDoubles(Float64Array.from(taken, (line) => line.micros));
      return {
        table: {
          fields: [...fields, { name: "timestamp", type: TIMESTAMP, nullable: false }],
          columns: [value, { kind: "timestamp", values: times }],
          rowCount: taken.length,
        },
      };
    },
    async commit(end) {
      const done = Number(end) + 1 - before;
      if (done <= 0) return;
      lines = lines.slice(done);
      before += done;
    },
    onData(listener) {
      listeners.push(listener);
    },
    async stop() {
      socket?.destroy();
    },
  };
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error) => reject(noServer(host, port, error)));
  });
}

function noServer(host: string, port: number, cause: Error): UserError {
  return new UserError({
    fault: "environment",
    code: "socket-unreachable",
    what: {
      es: "Nadie envía líneas en esta dirección.",
      en: "Nobody sends lines at this address.",
    },
    where: `${host}:${port}`,
    next: [{ es: `en otra terminal:  nc -lk ${port}`, en: `in another terminal:  nc -lk ${port}` }],
    cause,
  });
}
