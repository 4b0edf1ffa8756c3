import type { Socket } from "node:net";
import { messageOf } from "../../../core/errors.ts";
import { FrameReader } from "../protocol/frame-reader.ts";
import { ProtocolError } from "../protocol/reader.ts";
import type { Broker } from "./broker.ts";
import { apiNameOf, respond } from "./dispatch.ts";

/** Bytes of requests that wait while one is answered; past it the client is not read from. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * One client: its requests are answered one after the other, in order, as the protocol wants. A client that reads
 * no answers is read from no more; one that sends what is no request is cut off, which is all that the protocol
 * allows.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #broker: Broker;
  readonly #frames: FrameReader;
  readonly #context: Parameters<typeof respond>[1];
  readonly #onClose = new Set<() => void>();
  /** Buffers of the answer that is being made. */
  #taken: Buffer[] = [];
  #isAnswering = false;

  constructor(input: {
    readonly socket: Socket;
    readonly broker: Broker;
    readonly maxRequestBytes: number;
    readonly address: { readonly host: string; readonly port: number };
  }) {
    this.#socket = input.socket;
    this.#broker = input.broker;
    this.#frames = new FrameReader(input.maxRequestBytes, { isReusing: true });
    this.#context = {
      broker: input.broker,
      clientHost: `/${input.socket.remoteAddress ?? ""}`,
      address: input.address,
      buffer: (sizeBytes) => {
        const buffer = input.broker.buffers.take(sizeBytes);
        this.#taken.push(buffer);
        return buffer;
      },
      onClose: (listener) => {
        this.#onClose.add(listener);
        return () => this.#onClose.delete(listener);
      },
    };
    input.socket.setNoDelay(true);
    input.socket.on("data", (chunk: Buffer) => this.#read(chunk));
    // What went wrong is that the client is gone: `close` follows.
    input.socket.on("error", () => undefined);
    input.socket.on("close", () => {
      for (const listener of [...this.#onClose]) listener();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#frames.push(chunk);
    if (!this.#isAnswering) void this.#answer();
    else if (this.#frames.bufferedBytes > MAX_WAITING_BYTES) this.#socket.pause();
  }

  async #answer(): Promise<void> {
    this.#isAnswering = true;
    let frame: Buffer | undefined;
    try {
      for (frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        const answer = respond(frame, this.#context);
        const response = answer instanceof Promise ? await answer : answer;
        if (this.#socket.destroyed) return;
        this.#write(response ?? []);
        if (this.#socket.writableNeedDrain) await this.#drained();
      }
      this.#isAnswering = false;
      this.#socket.resume();
    } catch (error) {
      this.#fail(error, frame);
    }
  }

  #write(response: readonly Buffer[]): void {
    const { buffers } = this.#broker;
    const taken = this.#taken;
    this.#taken = [];
    const last = response.length - 1;
    this.#socket.cork();
    response.forEach((piece, i) => {
      if (i < last || taken.length === 0) this.#socket.write(piece);
      else
        this.#socket.write(piece, (error) => {
          // A connection that broke may still hold the bytes: only what was sent is free.
          if (error === null || error === undefined) for (const buffer of taken) buffers.give(buffer);
        });
    });
    this.#socket.uncork();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done);
        this.#onClose.delete(done);
        resolve();
      };
      this.#socket.once("drain", done);
      this.#onClose.add(done);
    });
  }

  #fail(error: unknown, frame: Buffer | undefined): void {
    if (error instanceof ProtocolError)
      this.#broker.onEvent({
        kind: "bad-request",
        client: this.#context.clientHost,
        message: messageOf(error),
      });
    else this.#broker.onEvent({ kind: "failed", api: frame === undefined ? "?" : apiNameOf(frame), error });
    this.#socket.destroy();
  }
}
