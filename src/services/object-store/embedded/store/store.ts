import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { renameOver, syncFolder } from "../../../../core/atomic-file.ts";
import { messageOf } from "../../../../core/errors.ts";
import { S3Error } from "../s3-error.ts";
import { Bucket } from "./bucket.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import { NewObjectFile } from "./new-object-file.ts";
import { Uploads } from "./uploads.ts";

/**
 * The folder of an object store:
 *
 *     buckets/<bucket>/bucket.json      when it was made, and its region
 *     buckets/<bucket>/<key's file>     an object: bytes and head in one file
 *     uploads/<id>/upload.json, part-…  a multipart upload that has not ended
 *     tmp/                              what is being written; emptied on start
 *
 * Everything is written in `tmp/`, fsynced and renamed into its place.
 */
export class Store {
  readonly uploads: Uploads;
  readonly #folder: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #mutex = new KeyedMutex();
  readonly #warn: (message: string) => void;

  private constructor(folder: string, uploads: Uploads, warn: (message: string) => void) {
    this.#folder = folder;
    this.uploads = uploads;
    this.#warn = warn;
  }

  static async open(folder: string, warn: (message: string) => void): Promise<Store> {
    await rm(join(folder, "tmp"), { recursive: true, force: true });
    for (const name of ["tmp", "buckets", "uploads"]) await mkdir(join(folder, name), { recursive: true });
    const uploads = await Uploads.open(join(folder, "uploads"), join(folder, "tmp"), warn);
    const store = new Store(folder, uploads, warn);
    for (const name of await readdir(join(folder, "buckets"))) {
      if (isBucketName(name)) await store.#load(name);
    }
    // A kill may have come between the end of a bucket and that of its uploads.
    for (const name of uploads.buckets) if (!store.#buckets.has(name)) await uploads.abortAll(name);
    return store;
  }

  /** In the order of their names. */
  get buckets(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error("NoSuchBucket", { details: { BucketName: name } });
    return bucket;
  }

  async createBucket(name: string, about: { createdMs: number; region: string }): Promise<void> {
    if (!isBucketName(name)) throw new S3Error("InvalidBucketName", { details: { BucketName: name } });
    await this.#mutex.run(name, async () => {
      if (this.#buckets.has(name)) {
        throw new S3Error("BucketAlreadyOwnedByYou", { details: { BucketName: name } });
      }
      const beside = join(this.#folder, "tmp", randomBytes(12).toString("hex"));
      await mkdir(beside);
      const file = await open(join(beside, "bucket.json"), "wx");
      try {
        await file.writeFile(JSON.stringify(about));
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(beside);
      await rename(beside, join(this.#folder, "buckets", name));
      await syncFolder(join(this.#folder, "buckets"));
      await this.#load(name);
    });
  }

  /** Throws BucketNotEmpty; uploads that have not ended go with the bucket. */
  async deleteBucket(name: string): Promise<void> {
    await this.#mutex.run(name, async () => {
      const bucket = this.bucket(name);
      if (!(await bucket.close())) throw new S3Error("BucketNotEmpty", { details: { BucketName: name } });
      const beside = join(this.#folder, "tmp", randomBytes(12).toString("hex"));
      await renameOver(join(this.#folder, "buckets", name), beside);
      this.#buckets.delete(name);
      await syncFolder(join(this.#folder, "buckets"));
      await this.uploads.abortAll(name);
      await rm(beside, { recursive: true, force: true });
    });
  }

  /** A file for new bytes; it becomes an object by {@link Bucket.put}. */
  newFile(): NewObjectFile {
    return new NewObjectFile(join(this.#folder, "tmp"));
  }

  async #load(name: string): Promise<void> {
    const folder = join(this.#folder, "buckets", name);
    let about: { createdMs: number; region: string };
    try {
      // Our own writing: it was renamed into place whole.
      about = JSON.parse(await readFile(join(folder, "bucket.json"), "utf8"));
    } catch (error) {
      this.#warn(`${folder} is no bucket: its bucket.json can't be read (${messageOf(error)})`);
      return;
    }
    this.#buckets.set(name, new Bucket({ name, folder, ...about, warn: this.#warn }));
  }
}

/** Amazon S3 user guide, "General purpose bucket naming rules". */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name)
  );
}
