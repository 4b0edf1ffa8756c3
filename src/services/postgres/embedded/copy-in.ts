import { randomBytes } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { Database } from "./database.ts";
import { frameOf } from "./messages.ts";

/** A `COPY … FROM STDIN` with a file in the client's place. */
export type CopyText = (path: string) => string;

/**
 * Takes in the data of a COPY from the client. PGlite ends when it is asked to read from its client (0.5.14), so the
 * data goes to a file of its folder first, and the COPY reads that.
 */
export class CopyIn {
  readonly sql: string;
  /** It came by the extended protocol: a Sync is still to follow. */
  readonly isExtended: boolean;
  readonly #path: string;
  readonly #file: FileHandle;
  /** The first thing that went wrong; it is told when the client has sent all. */
  failure: unknown;

  private constructor(input: { sql: string; isExtended: boolean; path: string; file: FileHandle }) {
    this.sql = input.sql;
    this.isExtended = input.isExtended;
    this.#path = input.path;
    this.#file = input.file;
  }

  static async begin(database: Database, text: CopyText, isExtended: boolean): Promise<CopyIn> {
    const { outside, inside } = database.copyFile(`copy-${randomBytes(8).toString("hex")}`);
    const file = await open(outside, "wx");
    return new CopyIn({ sql: text(inside), isExtended, path: outside, file });
  }

  /** Tells the client to send; the number of columns is not known yet, and clients don't ask for it. */
  get invitation(): Buffer {
    return frameOf("G", Buffer.from([/\bbinary\b/i.test(this.sql) ? 1 : 0, 0, 0]));
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      await this.#file.writeFile(bytes);
    } catch (error) {
      this.failure = error;
    }
  }

  async end(): Promise<void> {
    await this.#file.close();
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#path, { force: true });
  }
}
