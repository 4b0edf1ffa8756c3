import { connect, type Socket } from "node:net";
import { type Api, decodeResponse, encodeRequest } from "../protocol/api.ts";
import { apis } from "../protocol/apis.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { FrameReader } from "../protocol/frame-reader.ts";
import { ProtocolError } from "../protocol/reader.ts";

/** The connection is gone: what was on its way may or may not have been done. */
export class ConnectionLost extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ConnectionLost";
  }
}

const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

interface Waiting {
  answer(frame: Buffer): void;
  fail(error: Error): void;
}

/**
 * A connection to one broker. Several requests may be on their way; the broker answers them in order. Each goes in
 * the highest version that both sides speak.
 */
export class BrokerConnection {
  readonly #socket: Socket;
  readonly #clientId: string;
  readonly #frames = new FrameReader(MAX_RESPONSE_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  #versions = new Map<number, { readonly min: number; readonly max: number }>();
  #correlationId = 0;
  #lost: ConnectionLost | undefined;

  private constructor(socket: Socket, clientId: string) {
    this.#socket = socket;
    this.#clientId = clientId;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (cause) => this.#end(new ConnectionLost(cause.message, { cause })));
    socket.on("close", () => this.#end(new ConnectionLost("the broker closed the connection")));
  }

  /** Connects and learns the broker's versions. What goes wrong is a {@link ConnectionLost}. */
  static async open(input: {
    readonly host: string;
    readonly port: number;
    readonly clientId: string;
    readonly timeoutMs: number;
  }): Promise<BrokerConnection> {
    const socket = connect({ host: input.host, port: input.port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      const fail = (message: string, cause?: unknown): void => {
        socket.destroy();
        reject(new ConnectionLost(message, { cause }));
      };
      const timer = setTimeout(() => fail(`no connection within ${input.timeoutMs} ms`), input.timeoutMs);
      socket.once("error", (cause) => {
        clearTimeout(timer);
        fail(cause.message, cause);
      });
      socket.once("connect", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    socket.removeAllListeners("error");
    const connection = new BrokerConnection(socket, input.clientId);
    await connection.#learnVersions(input.timeoutMs);
    return connection;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /**
   * Sends a request and gives its answer. `maxVersion` holds the version down where a later one has another form.
   * No answer within `timeoutMs` ends the connection.
   */
  async request<Q, QIn, R, RIn>(
    api: Api<Q, QIn, R, RIn>,
    body: QIn,
    options: { readonly timeoutMs: number; readonly maxVersion?: number | undefined },
  ): Promise<R> {
    const version = this.#versionFor(api, options.maxVersion ?? api.max);
    return this.#send(api, version, body, options.timeoutMs);
  }

  close(): void {
    this.#end(new ConnectionLost("closed here"));
  }

  #versionFor(api: { name: string; key: number; min: number; max: number }, highest: number): number {
    const theirs = this.#versions.get(api.key);
    const version = Math.min(highest, theirs?.max ?? -1);
    if (theirs === undefined || version < Math.max(api.min, theirs.min))
      throw new ProtocolError(`the broker does not speak ${api.name} as we do`);
    return version;
  }

  #send<Q, QIn, R, RIn>(api: Api<Q, QIn, R, RIn>, version: number, body: QIn, timeoutMs: number): Promise<R> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) % 0x7fffffff;
    const pieces = encodeRequest(api, { version, correlationId, clientId: this.#clientId }, body);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#end(new ConnectionLost(`no answer to ${api.name} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.set(correlationId, {
        answer: (frame) => {
          clearTimeout(timer);
          try {
            resolve(decodeResponse(api, frame, version).body);
          } catch (error) {
            reject(error);
          }
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.cork();
      for (const piece of pieces) this.#socket.write(piece);
      this.#socket.uncork();
    });
  }

  #read(chunk: Buffer): void {
    try {
      this.#frames.push(chunk);
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        const correlationId = frame.readInt32BE(0);
        const waiting = this.#waiting.get(correlationId);
        this.#waiting.delete(correlationId);
        waiting?.answer(frame);
      }
    } catch (cause) {
      this.#end(new ConnectionLost("the broker sent what is no answer", { cause }));
    }
  }

  #end(error: ConnectionLost): void {
    this.#lost ??= error;
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.fail(error);
  }

  async #learnVersions(timeoutMs: number): Promise<void> {
    try {
      const asked = await this.#send(
        apis.apiVersions,
        3,
        { clientSoftwareName: "taller", clientSoftwareVersion: "1" },
        timeoutMs,
      );
      if (asked.errorCode !== ErrorCode.none) throw new ConnectionLost(`ApiVersions: ${asked.errorCode}`);
      this.#versions = new Map(asked.apis.map(({ key, min, max }) => [key, { min, max }]));
    } catch (error) {
      this.close();
      throw error instanceof ConnectionLost
        ? error
        : new ConnectionLost("no Kafka answers here", { cause: error });
    }
  }
}
