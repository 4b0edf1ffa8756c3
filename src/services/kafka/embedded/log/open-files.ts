import { closeSync, openSync } from "node:fs";
import { systemCode } from "../../../../core/errors.ts";

/**
 * File descriptors by path, at most `limit` at once: a broker with thousands of partitions has more files than a
 * process may open. The one that was used longest ago is closed first. Files are made when they are missing.
 */
export class OpenFiles {
  readonly #limit: number;
  readonly #byPath = new Map<string, number>();

  constructor(limit = 200) {
    this.#limit = limit;
  }

  /** A descriptor for reading and writing at positions. It may be closed by the next call: use it at once. */
  descriptorOf(path: string): number {
    const known = this.#byPath.get(path);
    if (known !== undefined) {
      // Last in the order of the map: used last.
      this.#byPath.delete(path);
      this.#byPath.set(path, known);
      return known;
    }
    const [oldest] = this.#byPath.keys();
    if (oldest !== undefined && this.#byPath.size >= this.#limit) this.close(oldest);
    const opened = openOrMake(path);
    this.#byPath.set(path, opened);
    return opened;
  }

  close(path: string): void {
    const known = this.#byPath.get(path);
    if (known === undefined) return;
    this.#byPath.delete(path);
    closeSync(known);
  }

  closeAll(): void {
    for (const path of [...this.#byPath.keys()]) this.close(path);
  }
}

function openOrMake(path: string): number {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return openSync(path, "w+");
  }
}
