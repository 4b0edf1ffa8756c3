import { randomBytes } from "node:crypto";
import { closeSync, fsync, openSync, writevSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { renameOver } from "../../../../core/atomic-file.ts";
import { headBytes, type ObjectHead } from "./object-file.ts";

const syncFile = promisify(fsync);

/** A file that is being written; nobody sees it until it is placed. It is made when its first bytes go to the disk. */
export class NewObjectFile {
  readonly #path: string;
  #file: FileHandle | undefined;
  #state: "not made" | "made" | "placed" = "not made";
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  /** A name of its own in this folder. */
  constructor(folder: string) {
    this.#path = join(folder, randomBytes(12).toString("hex"));
  }

  /**
   * Takes a piece, which must not be changed afterwards. Pieces go to the disk some hundred kilobytes at a time, while
   * the next ones come; an error of the disk is thrown by a later call.
   */
  async write(piece: Uint8Array): Promise<void> {
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes >= BATCH_BYTES) await this.#flush();
  }

  /** Writes the head and makes the file durable under its present name. */
  async finish(head: ObjectHead): Promise<void> {
    this.#pending.push(headBytes(head));
    if (this.#file === undefined && this.#pendingBytes <= SMALL_BYTES) {
      await this.#writeSmall();
      return;
    }
    await this.#flush();
    await this.#writing;
    await this.#file?.sync();
    await this.#close();
  }

  /** Renames the finished file over what has that name: at once, not yet durable. */
  async place(path: string): Promise<void> {
    await renameOver(this.#path, path);
    this.#state = "placed";
  }

  /** Removes the file, unless it has been placed. */
  async discard(): Promise<void> {
    await this.#close();
    if (this.#state === "made") await rm(this.#path, { force: true });
  }

  /** Only the sync is worth a thread: the other calls take less time than to ask one. */
  async #writeSmall(): Promise<void> {
    const descriptor = openSync(this.#path, "wx");
    this.#state = "made";
    try {
      let rest: readonly Uint8Array[] = this.#pending;
      while (rest.length > 0) rest = afterBytes(rest, writevSync(descriptor, rest));
      await syncFile(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Waits for the batch before this one, not for this one. */
  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#file === undefined) {
      this.#file = await open(this.#path, "wx");
      this.#state = "made";
    }
    this.#writing = writeAll(this.#file, this.#pending);
    // Whoever comes next meets its error.
    this.#writing.catch(() => {});
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // Not under a write.
    await this.#writing.catch(() => {});
    await file?.close();
  }
}

/** An object up to this size is written at its end, in one go. */
const SMALL_BYTES = 65_536;
/** The thread that writes is asked a few times a megabyte, not once a piece of a socket. */
const BATCH_BYTES = 262_144;

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let rest = pieces;
  while (rest.length > 0) rest = afterBytes(rest, (await file.writev(rest)).bytesWritten);
}

/** What is left when so many bytes are written: a write may end in the middle of a piece. */
function afterBytes(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let written = bytes;
  const first = pieces.findIndex((piece) => {
    if (written < piece.length) return true;
    written -= piece.length;
    return false;
  });
  const begun = pieces[first];
  return begun === undefined ? [] : [begun.subarray(written), ...pieces.slice(first + 1)];
}
