import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { renameOver, syncFolder } from "../../../../core/atomic-file.ts";
import { messageOf, systemCode } from "../../../../core/errors.ts";
import type { ChecksumAlgorithm } from "../checksum.ts";
import { S3Error } from "../s3-error.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import type { NewObjectFile } from "./new-object-file.ts";
import { DamagedFile, type ObjectHead, type OpenObject, openObject, readHead } from "./object-file.ts";

/** A multipart upload that was begun: what its object will be given when it is completed. */
export interface Upload {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly user: Readonly<Record<string, string>>;
  readonly checksum?:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: "FULL_OBJECT" | "COMPOSITE" }
    | undefined;
}

export interface Part extends ObjectHead {
  readonly number: number;
}

/** The uploads of a store, a folder each; parts are files as objects are. */
export class Uploads {
  readonly #folder: string;
  readonly #tmp: string;
  readonly #byId = new Map<string, Upload>();
  readonly #mutex = new KeyedMutex();
  /** The last thousand that became objects. */
  readonly #completed = new Map<string, { readonly upload: Upload; readonly head: ObjectHead }>();

  private constructor(folder: string, tmp: string) {
    this.#folder = folder;
    this.#tmp = tmp;
  }

  static async open(folder: string, tmp: string, warn: (message: string) => void): Promise<Uploads> {
    const uploads = new Uploads(folder, tmp);
    for (const id of await readdir(folder)) {
      if (!/^[0-9a-f]{32}$/.test(id)) continue;
      try {
        // Our own writing: the folder was renamed into place whole.
        const upload: Upload = JSON.parse(await readFile(join(folder, id, "upload.json"), "utf8"));
        uploads.#byId.set(id, upload);
      } catch (error) {
        warn(`${join(folder, id)} is no upload: its upload.json can't be read (${messageOf(error)})`);
      }
    }
    return uploads;
  }

  /** The buckets that have uploads, whether they are there or not. */
  get buckets(): ReadonlySet<string> {
    return new Set([...this.#byId.values()].map((upload) => upload.bucket));
  }

  async begin(about: Omit<Upload, "id">): Promise<Upload> {
    const upload = { ...about, id: randomBytes(16).toString("hex") };
    const beside = join(this.#tmp, randomBytes(12).toString("hex"));
    await mkdir(beside);
    const file = await open(join(beside, "upload.json"), "wx");
    try {
      await file.writeFile(JSON.stringify(upload));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, join(this.#folder, upload.id));
    await syncFolder(this.#folder);
    this.#byId.set(upload.id, upload);
    return upload;
  }

  /** The upload of this id for this bucket and key; throws NoSuchUpload. */
  find(id: string, bucket: string, key: string): Upload {
    const upload = this.#byId.get(id);
    if (upload === undefined || upload.bucket !== bucket || upload.key !== key) {
      throw new S3Error("NoSuchUpload", { details: { UploadId: id } });
    }
    return upload;
  }

  /** In the order of S3: by the keys' bytes, then by time. */
  inBucket(bucket: string): readonly Upload[] {
    return [...this.#byId.values()]
      .filter((upload) => upload.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.startedMs - b.startedMs);
  }

  /** Makes a written file a part; one of the same number is replaced. */
  async putPart(upload: Upload, number: number, file: NewObjectFile, head: ObjectHead): Promise<void> {
    await file.finish(head);
    try {
      await file.place(this.#partPath(upload, number));
      await syncFolder(join(this.#folder, upload.id));
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      throw new S3Error("NoSuchUpload", { details: { UploadId: upload.id }, cause: error });
    }
  }

  async openPart(upload: Upload, number: number): Promise<OpenObject> {
    try {
      return await openObject(this.#partPath(upload, number));
    } catch (error) {
      if (systemCode(error) !== "ENOENT" && !(error instanceof DamagedFile)) throw error;
      throw new S3Error("InvalidPart", {
        details: { UploadId: upload.id, PartNumber: String(number) },
        cause: error,
      });
    }
  }

  /** In the order of their numbers. */
  async parts(upload: Upload): Promise<Part[]> {
    const names = (await readdir(join(this.#folder, upload.id))).filter((name) => name.startsWith("part-"));
    const parts: Part[] = [];
    for (const name of names.sort()) {
      const head = await readHead(join(this.#folder, upload.id, name));
      parts.push({ ...head, number: Number(name.slice("part-".length)) });
    }
    return parts;
  }

  /** One completion or abortion of an upload at a time. */
  alone<T>(id: string, task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(id, task);
  }

  /** The object that an upload became, for a client that asks for it again. */
  completed(id: string, bucket: string, key: string): ObjectHead | undefined {
    const done = this.#completed.get(id);
    return done?.upload.bucket === bucket && done.upload.key === key ? done.head : undefined;
  }

  /** Forgets an upload and frees its parts; `made` is the object that it became, if it did. */
  async end(upload: Upload, made?: ObjectHead): Promise<void> {
    this.#byId.delete(upload.id);
    if (made !== undefined) this.#completed.set(upload.id, { upload, head: made });
    for (const id of this.#completed.keys()) {
      if (this.#completed.size <= MAX_COMPLETED) break;
      this.#completed.delete(id);
    }
    const beside = join(this.#tmp, randomBytes(12).toString("hex"));
    await renameOver(join(this.#folder, upload.id), beside);
    await syncFolder(this.#folder);
    await rm(beside, { recursive: true, force: true });
  }

  async abortAll(bucket: string): Promise<void> {
    for (const upload of this.inBucket(bucket)) {
      await this.alone(upload.id, async () => {
        if (this.#byId.has(upload.id)) await this.end(upload);
      });
    }
  }

  #partPath(upload: Upload, number: number): string {
    return join(this.#folder, upload.id, `part-${String(number).padStart(5, "0")}`);
  }
}

const MAX_COMPLETED = 1000;
