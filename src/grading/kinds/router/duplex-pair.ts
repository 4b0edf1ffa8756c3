import { Duplex } from "node:stream";

/** Two streams, each reading what is written to the other: a connection without a socket. */
export function duplexPair(): [Duplex, Duplex] {
  const left = new Side();
  const right = new Side();
  left.other = right;
  right.other = left;
  return [left, right];
}

class Side extends Duplex {
  other: Side | undefined;
  /** What HTTP servers and Express ask of a socket. */
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 0;
  #wroteAll: (() => void) | undefined;

  override _read(): void {
    const wroteAll = this.#wroteAll;
    this.#wroteAll = undefined;
    wroteAll?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed || other.push(chunk)) done();
    else other.#wroteAll = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.other !== undefined && !this.other.readableEnded) this.other.push(null);
    done(error);
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
