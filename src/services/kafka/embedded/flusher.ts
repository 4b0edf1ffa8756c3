import { open } from "node:fs/promises";
import { systemCode } from "../../../core/errors.ts";

/**
 * When what was written reaches the disk itself. What the broker has acknowledged survives a kill of its process in
 * every case; a loss of power may cost: `os` what the system had not written yet, `everyMs` at most what came since
 * the last time, `each` nothing (an answer to records, to offsets, to a
 * transaction's end waits for the disk).
 */
export type FlushPolicy = "os" | "each" | { readonly everyMs: number };

const FLUSHED_AT_ONCE = 4;

/** Flushes files; several wishes for one file that come while it is flushed are fulfilled by one more flush. */
export class Flusher {
  readonly #dirty = new Set<string>();
  readonly #running = new Map<string, { now: Promise<void>; next: Promise<void> | undefined }>();
  readonly isEach: boolean;
  readonly #isLazy: boolean;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(policy: FlushPolicy) {
    this.isEach = policy === "each";
    this.#isLazy = policy === "os";
    if (typeof policy === "object") {
      // What could not be flushed stays dirty: the next turn tries again.
      this.#timer = setInterval(() => void this.flushAll().catch(() => undefined), policy.everyMs);
      this.#timer.unref();
    }
  }

  /** Remembers that a file was written to. */
  wrote(path: string): void {
    if (!this.#isLazy) this.#dirty.add(path);
  }

  /** Resolves when all that was written to a file before the call is on the disk. */
  flush(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running !== undefined) {
      const start = () => this.#start(path);
      running.next ??= running.now.then(start, start);
      return running.next;
    }
    return this.#start(path);
  }

  /** Flushes all that was written to before the call, a few files at a time: each is open meanwhile. */
  async flushAll(): Promise<void> {
    const paths = [...this.#dirty];
    const worker = async (): Promise<void> => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) await this.flush(path);
    };
    await Promise.all(Array.from({ length: FLUSHED_AT_ONCE }, worker));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flushAll();
  }

  #start(path: string): Promise<void> {
    this.#dirty.delete(path);
    const now = sync(path);
    const entry = { now, next: undefined as Promise<void> | undefined };
    this.#running.set(path, entry);
    const done = (): void => {
      if (this.#running.get(path) === entry && entry.next === undefined) this.#running.delete(path);
    };
    now.then(done, () => {
      this.#dirty.add(path);
      done();
    });
    return now;
  }
}

async function sync(path: string): Promise<void> {
  try {
    const file = await open(path, "r+");
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // Retention or a deleted topic took the file meanwhile.
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
