import type { Readable } from "node:stream";

/** What a submission may print before it is stopped: a loop that prints fills a terminal, then a disk. */
export const OUTPUT_LIMIT_MB = 8;
const KEPT_BYTES = 64 * 1024;

/** Counts what is printed and keeps the first 64 kB of it, and the last kilobytes of the error stream. */
export class Output {
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #errorTail = "";
  readonly #onFlood: () => void;

  constructor(onFlood: () => void) {
    this.#onFlood = onFlood;
  }

  listen(stream: Readable, isErrorStream: boolean): void {
    stream.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#keptBytes < KEPT_BYTES) {
        const part = chunk.subarray(0, KEPT_BYTES - this.#keptBytes);
        this.#kept.push(part);
        this.#keptBytes += part.length;
      }
      if (isErrorStream) this.#errorTail = (this.#errorTail + chunk.toString("latin1")).slice(-8192);
      if (this.#bytes > OUTPUT_LIMIT_MB * 1024 * 1024) this.#onFlood();
    });
  }

  text(): string {
    return Buffer.concat(this.#kept).toString("utf8");
  }

  /** What V8 writes when it gives up for lack of memory. */
  saysOutOfMemory(): boolean {
    return /heap out of memory|Allocation failed|Zone: out of memory|invalid table size/i.test(
      this.#errorTail,
    );
  }
}
