import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, onTestFinished, test } from "vitest";
import { signedRequest } from "./signed-request.ts";
import { awsClient, keys, type StoreAddress, testFolder, testStore } from "./start-store.ts";

const Bucket = "bucket";

async function clientOf(address: StoreAddress): Promise<S3Client> {
  const s3 = awsClient(address);
  onTestFinished(() => s3.destroy());
  return s3;
}

async function storeWithBucket(options: Parameters<typeof testStore>[0] = {}) {
  const store = await testStore(options);
  const s3 = await clientOf(store);
  await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    store,
    s3,
    put: (Key: string, Body: Uint8Array | string) => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
  };
}

async function read(s3: S3Client, Key: string) {
  const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), ETag };
}

/** Waits for something that comes about elsewhere; ten seconds at most. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 10_000; !(await isTrue()); await sleep(10)) {
    if (performance.now() > deadline) throw new Error("it did not come about in ten seconds");
  }
}

describe("what was written", () => {
  test("is there after a restart: objects, buckets, and uploads that go on", async () => {
    const folder = await testFolder();
    const { store, s3, put } = await storeWithBucket({ folder });
    await put("kept", "bytes");
    await s3.send(
      new CreateBucketCommand({
        Bucket: "in-madrid",
        CreateBucketConfiguration: { LocationConstraint: "eu-south-2" },
      }),
    );
    const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const upload = { Bucket, Key: "parts", UploadId: begun.UploadId };
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "part" }));
    await store.close();
    // What a crash leaves in the middle of a write.
    await writeFile(join(folder, "tmp", "half"), "half an object");

    const again = await testStore({ folder });
    const after = await clientOf(again);
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
    expect((await read(after, "kept")).bytes.toString()).toBe("bytes");
    expect((await signedRequest(again, { path: "/in-madrid", query: "location=" })).body).toContain(
      "eu-south-2",
    );
    expect((await after.send(new ListPartsCommand(upload))).Parts).toHaveLength(1);
    await after.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    expect((await read(after, "parts")).bytes.toString()).toBe("part");
  });

  test("is whole for every reader, whoever writes at the same time", async () => {
    const { s3, put } = await storeWithBucket();
    // Of a size that goes to the disk and to the socket in several pieces.
    const bodies = Array.from({ length: 24 }, (_, i) => Buffer.alloc(150_000 + i * 20_000, i));
    await put("contended", bodies[0] ?? "");
    let isWriting = true;
    const readers = Array.from({ length: 4 }, async () => {
      let count = 0;
      while (isWriting) {
        const { bytes, ETag } = await read(s3, "contended");
        expect(ETag).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
        expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
        count++;
      }
      return count;
    });
    await Promise.all(bodies.map((body) => put("contended", body)));
    isWriting = false;
    expect((await Promise.all(readers)).every((count) => count > 0)).toBe(true);
    const { bytes } = await read(s3, "contended");
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Size }) => Size)).toEqual([bytes.length]);
  });

  test("goes to a bucket that is there, or is refused, while the bucket is deleted", async () => {
    const { s3, put } = await storeWithBucket();
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, i) => put(`k${i}`, "x")),
      s3.send(new DeleteBucketCommand({ Bucket })),
      ...Array.from({ length: 10 }, (_, i) => put(`l${i}`, "x")),
    ]);
    const isDeleted = outcomes[10]?.status === "fulfilled";
    const written = outcomes.filter((outcome, i) => i !== 10 && outcome.status === "fulfilled").length;
    const listed = await s3.send(new ListObjectsV2Command({ Bucket })).then(
      ({ KeyCount }) => KeyCount,
      () => "no bucket",
    );
    expect(listed).toBe(isDeleted ? "no bucket" : written);
    expect(isDeleted ? written : 0).toBe(0);
  });
});

describe("what was not written whole", () => {
  test("an upload whose connection ends leaves nothing", async () => {
    const { store, s3, put } = await storeWithBucket();
    await put("whole", "bytes");
    await cutUpload(store, "/bucket/cut");
    await until(async () => (await readdir(join(store.folder, "tmp"))).length === 0);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["whole"]);
  });

  test("a file that was damaged from outside is told, and the others are listed", async () => {
    const folder = await testFolder();
    const warnings: string[] = [];
    const { store, put } = await storeWithBucket({ folder });
    await put("whole", "bytes");
    await put("cut", randomBytes(1000));
    await put("k".repeat(900), randomBytes(1000));
    await store.close();
    const bucketFolder = join(folder, "buckets", Bucket);
    const long = (await readdir(bucketFolder)).find((name) => name.startsWith("~")) ?? "";
    for (const name of ["+cut", long]) {
      const path = join(bucketFolder, name);
      await truncate(path, (await readFile(path)).length - 3);
    }
    await writeFile(join(bucketFolder, "notes.txt"), "a file of the learner's own");
    const torn = join(folder, "uploads", "0".repeat(32));
    await mkdir(torn);
    await writeFile(join(torn, "upload.json"), '{"bucket":');
    await mkdir(join(folder, "buckets", "no-bucket"));

    const again = await testStore({ folder, onWarning: (message) => warnings.push(message) });
    const s3 = await clientOf(again);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["whole"]);
    expect(await signedRequest(again, { path: "/bucket/cut" })).toMatchObject({
      status: 500,
      code: "InternalError",
    });
    expect(warnings.join("\n")).toContain("+cut");
    expect(warnings.join("\n")).toContain(long);
    expect(warnings.join("\n")).toContain(torn);
    expect(warnings.join("\n")).toContain("no-bucket");
    // It can be written anew.
    await s3.send(new PutObjectCommand({ Bucket, Key: "cut", Body: "new" }));
    expect((await read(s3, "cut")).bytes.toString()).toBe("new");
  });
});

/** A disk of 3 MB, where this system lets us mount one (root on Linux). */
const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.runIf(canMount)("a full disk", () => {
  test("is told in words, leaves no half object, and the old one stays", async () => {
    const disk = join(await testFolder(), "disk");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).status).toBe(0);
    onTestFinished(() => void spawnSync("umount", [disk]));
    const { store, s3, put } = await storeWithBucket({ folder: join(disk, "store") });
    await put("old", "old bytes");
    const failures = await Promise.all(
      ["old", "new"].map((key) =>
        put(key, randomBytes(4_000_000)).then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: "InsufficientStorage", $metadata: { httpStatusCode: 507 } });
      expect(String(failure)).toContain("disk of the object store is full");
    }
    expect((await read(s3, "old")).bytes.toString()).toBe("old bytes");
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(["old"]);
    expect(await readdir(join(store.folder, "tmp"))).toEqual([]);
    await put("fits", randomBytes(1_000_000));
    expect((await read(s3, "fits")).bytes.length).toBe(1_000_000);
    await store.close();
  });
});

/** Sends the headers of a signed upload and a part of its body, then cuts the connection. */
async function cutUpload(store: StoreAddress & { readonly folder: string }, path: string): Promise<void> {
  const lines = await recordRequest(store, path);
  const { hostname, port } = new URL(store.endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`${lines.join("\r\n")}\r\n\r\n${"x".repeat(600_000)}`);
  // The store is writing when the connection ends.
  await until(async () => (await readdir(join(store.folder, "tmp"))).length > 0);
  socket.destroy();
}

/** The head of a signed PUT of 10 MB, as lines. */
async function recordRequest(store: StoreAddress, path: string): Promise<string[]> {
  return new Promise((resolve) => {
    const server = createServer((message, response) => {
      const { host: _host, "content-length": _length, connection: _connection, ...headers } = message.headers;
      response.end();
      server.close();
      resolve([
        `PUT ${path} HTTP/1.1`,
        `host: ${new URL(store.endpoint).host}`,
        "content-length: 10000000",
        ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
      ]);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      void signedRequest(
        { ...keys, endpoint: `http://127.0.0.1:${port}` },
        {
          method: "PUT",
          path,
          payload: "UNSIGNED-PAYLOAD",
          headers: { host: new URL(store.endpoint).host },
        },
      );
    });
  });
}
