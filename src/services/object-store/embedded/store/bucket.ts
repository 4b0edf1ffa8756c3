import { opendir, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../../core/errors.ts";
import { S3Error } from "../s3-error.ts";
import { FolderSync } from "./folder-sync.ts";
import { KeyIndex, type ObjectSummary } from "./key-index.ts";
import { fileNameOf, keyOfFileName, toByteString } from "./key-name.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import { listPage, type Page, type PageInput } from "./list-page.ts";
import type { NewObjectFile } from "./new-object-file.ts";
import { DamagedFile, type ObjectHead, type OpenObject, openObject, readHead } from "./object-file.ts";

/** What must hold of the present object for a write or removal to take place. */
export type WriteCondition =
  | { readonly kind: "absent" }
  | { readonly kind: "matches"; readonly etag: string };

export interface BucketInput {
  readonly name: string;
  readonly folder: string;
  readonly createdMs: number;
  readonly region: string;
  /** Told of files that can't be read as objects. */
  readonly warn: (message: string) => void;
}

/**
 * The objects of one bucket: a file each (object-file.ts) under a name that its key gives (key-name.ts). The keys are
 * read from the folder once; from then on this process is the folder's only writer (folder-lock.ts).
 */
export class Bucket {
  readonly name: string;
  readonly createdMs: number;
  readonly region: string;
  readonly #folder: string;
  readonly #warn: (message: string) => void;
  readonly #mutex = new KeyedMutex();
  readonly #sync: FolderSync;
  #index: Promise<KeyIndex> | undefined;
  #writing = 0;
  #isGone = false;

  constructor(input: BucketInput) {
    this.name = input.name;
    this.createdMs = input.createdMs;
    this.region = input.region;
    this.#folder = input.folder;
    this.#warn = input.warn;
    this.#sync = new FolderSync(input.folder);
  }

  /** Opens an object for reading; throws NoSuchKey. */
  async open(key: string): Promise<OpenObject> {
    try {
      return await openObject(this.#pathOf(key));
    } catch (error) {
      if (systemCode(error) === "ENOENT") throw new S3Error("NoSuchKey", { details: { Key: key } });
      throw error;
    }
  }

  /** Throws PreconditionFailed, or NoSuchKey for a match on nothing, unless the condition holds now. */
  async check(key: string, condition: WriteCondition | undefined): Promise<void> {
    if (condition === undefined) return;
    const index = await this.#loaded();
    const bytes = toByteString(key);
    if (condition.kind === "absent") {
      if (!index.has(bytes)) return;
      throw new S3Error("PreconditionFailed", { details: { Condition: "If-None-Match" } });
    }
    const summary = await this.#summaryOf(index, bytes, key);
    if (summary === undefined) throw new S3Error("NoSuchKey", { details: { Key: key } });
    if (condition.etag === "*" || condition.etag === summary.etag) return;
    throw new S3Error("PreconditionFailed", { details: { Condition: "If-Match" } });
  }

  /**
   * Makes a written file the object of its key, at once and durably: others see the former object or this one. The
   * condition is checked again where no other write of the key can come between.
   */
  async put(file: NewObjectFile, head: ObjectHead, condition?: WriteCondition): Promise<void> {
    const index = await this.#loaded();
    await file.finish(head);
    this.#writing++;
    try {
      await this.#mutex.run(head.key, async () => {
        if (this.#isGone) throw new S3Error("NoSuchBucket", { details: { BucketName: this.name } });
        await this.check(head.key, condition);
        await file.place(this.#pathOf(head.key));
        index.set(toByteString(head.key), summaryOf(head));
      });
    } finally {
      this.#writing--;
    }
    await this.#sync.sync();
  }

  /** Removes the object, durably; a key without one is no error, as in S3. */
  async delete(key: string, condition?: WriteCondition): Promise<void> {
    const index = await this.#loaded();
    await this.#mutex.run(key, async () => {
      await this.check(key, condition);
      await rm(this.#pathOf(key), { force: true });
      index.delete(toByteString(key));
    });
    await this.#sync.sync();
  }

  /** One page of keys, with what a listing says of each. */
  async list(
    input: PageInput,
  ): Promise<Page & { readonly summaries: readonly (ObjectSummary | undefined)[] }> {
    const index = await this.#loaded();
    const page = listPage(index, input);
    const summaries = page.keys.map((bytes) => index.summary(bytes));
    // The first listing after a start reads the heads, some at a time.
    const unknown = summaries.flatMap((summary, position) => (summary === undefined ? [position] : []));
    const readNext = async (): Promise<void> => {
      for (let position = unknown.pop(); position !== undefined; position = unknown.pop()) {
        summaries[position] = await this.#summaryOf(index, page.keys[position] ?? "");
      }
    };
    await Promise.all(Array.from({ length: 8 }, readNext));
    return { ...page, summaries };
  }

  /** True, and no write takes place from now on, when the bucket is empty. */
  async close(): Promise<boolean> {
    const index = await this.#loaded();
    if (index.size > 0 || this.#writing > 0) return false;
    this.#isGone = true;
    return true;
  }

  #pathOf(key: string): string {
    return join(this.#folder, fileNameOf(key));
  }

  async #summaryOf(
    index: KeyIndex,
    bytes: string,
    key = Buffer.from(bytes, "latin1").toString("utf8"),
  ): Promise<ObjectSummary | undefined> {
    const known = index.summary(bytes);
    if (known !== undefined) return known;
    try {
      const read = summaryOf(await readHead(this.#pathOf(key)));
      // A write that came meanwhile knows better.
      const newer = index.summary(bytes);
      if (newer !== undefined) return newer;
      if (index.has(bytes)) index.set(bytes, read);
      return read;
    } catch (error) {
      if (error instanceof DamagedFile) this.#warn(error.message);
      else if (systemCode(error) !== "ENOENT") throw error;
      return undefined;
    }
  }

  #loaded(): Promise<KeyIndex> {
    this.#index ??= this.#load().catch((error: unknown) => {
      this.#index = undefined;
      throw error;
    });
    return this.#index;
  }

  async #load(): Promise<KeyIndex> {
    const index = new KeyIndex();
    for await (const entry of await opendir(this.#folder)) {
      const key = keyOfFileName(entry.name);
      if (key === undefined) continue;
      if (key !== "long") index.load(toByteString(key));
      else {
        try {
          index.load(toByteString((await readHead(join(this.#folder, entry.name))).key));
        } catch (error) {
          if (!(error instanceof DamagedFile)) throw error;
          this.#warn(error.message);
        }
      }
    }
    return index;
  }
}

function summaryOf({ sizeBytes, etag, modifiedMs }: ObjectHead): ObjectSummary {
  return { sizeBytes, etag, modifiedMs };
}
