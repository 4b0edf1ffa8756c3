import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type BucketItem, type Client, CopyConditions } from "minio";
import { beforeAll, describe, expect, test } from "vitest";
import { type KnownGaps, unless } from "./contract.ts";
import { emptyBucket } from "./empty-bucket.ts";
import { awsClient, minioClient, type StoreAddress } from "./start-store.ts";

/** What lessons do with an object store, through the minio client. */
export function minioContract(open: () => Promise<StoreAddress>, gaps: KnownGaps = {}): void {
  let minio: Client;
  let folder = "";
  const bucket = `taller-minio-${randomBytes(4).toString("hex")}`;

  beforeAll(async () => {
    const address = await open();
    minio = await minioClient(address);
    folder = await mkdtemp(join(tmpdir(), "taller-minio-"));
    await minio.makeBucket(bucket);
    return async () => {
      const s3 = awsClient(address);
      await emptyBucket(s3, bucket);
      s3.destroy();
      await minio.removeBucket(bucket);
      await rm(folder, { recursive: true, force: true });
    };
  });

  const get = async (key: string) => buffer(await minio.getObject(bucket, key));
  const list = (prefix: string, isRecursive: boolean): Promise<BucketItem[]> =>
    minio.listObjectsV2(bucket, prefix, isRecursive).toArray();

  test("buckets are made, found and listed", async () => {
    expect(await minio.bucketExists(bucket)).toBe(true);
    expect(await minio.bucketExists("taller-minio-missing")).toBe(false);
    expect((await minio.listBuckets()).map(({ name }) => name)).toContain(bucket);
  });

  describe("uploads", () => {
    test("a text, a buffer and a stream of unknown length", async () => {
      const body = randomBytes(200_000);
      await minio.putObject(bucket, "text", "hola, ñ");
      await minio.putObject(bucket, "buffer", body, body.length, { "Content-Type": "text/x", origin: "crm" });
      await minio.putObject(bucket, "stream", Readable.from([body.subarray(0, 7), body.subarray(7)]));
      expect((await get("text")).toString()).toBe("hola, ñ");
      expect((await get("buffer")).equals(body)).toBe(true);
      expect((await get("stream")).equals(body)).toBe(true);
      const { size, metaData, etag } = await minio.statObject(bucket, "buffer");
      expect({ size, type: metaData["content-type"], origin: metaData.origin }).toEqual({
        size: body.length,
        type: "text/x",
        origin: "crm",
      });
      expect(etag).toContain(
        createHash("md5")
          .update(body)
          .digest("hex")
          .slice(0, etag.endsWith("-1") ? 0 : 32),
      );
    });

    test("a file of 40 MB goes up in parts and comes back", async () => {
      const body = randomBytes(40_000_000);
      const path = join(folder, "forty");
      await writeFile(path, body);
      const parts = minioClientWithParts(minio, 8 * 1024 ** 2);
      await parts.fPutObject(bucket, "forty", path);
      expect((await minio.statObject(bucket, "forty")).etag).toMatch(/^[0-9a-f]{32}-5$/);
      const back = join(folder, "forty-back");
      await minio.fGetObject(bucket, "forty", back);
      expect((await readFile(back)).equals(body)).toBe(true);
      const part = await buffer(await minio.getPartialObject(bucket, "forty", 12_345_678, 1000));
      expect(part.equals(body.subarray(12_345_678, 12_346_678))).toBe(true);
    });

    test("what was begun and left is listed and removed", async () => {
      await minio.initiateNewMultipartUpload(bucket, "left/behind", {});
      const left: { key: string }[] = await minio.listIncompleteUploads(bucket, "left/", true).toArray();
      expect(left.map(({ key }) => key)).toEqual(["left/behind"]);
      await minio.removeIncompleteUpload(bucket, "left/behind");
      expect(await minio.listIncompleteUploads(bucket, "left/", true).toArray()).toEqual([]);
    });
  });

  const anyScript = "keys with spaces, signs and letters of any script come back, in a listing too";
  test.skipIf(gaps.noEncodingType !== undefined)(unless(anyScript, gaps.noEncodingType), async () => {
    const names = [
      "k/a b",
      "k/a+b",
      "k/año",
      "k/100%",
      "k/a&b=c?d#e",
      "k/日本",
      "k/\u{1f600}",
      "k/a'b\"c",
      "k/(a)*!~",
    ];
    for (const name of names) await minio.putObject(bucket, name, name);
    for (const name of names) expect((await get(name)).toString()).toBe(name);
    expect((await list("k/", true)).map(({ name }) => name).sort()).toEqual([...names].sort());
    await minio.removeObjects(bucket, names);
    expect(await list("k/", true)).toEqual([]);
  });

  test("2,500 keys are listed by page and by folder", async () => {
    const names = Array.from({ length: 2_500 }, (_, i) => `many/${i % 7}/${String(i).padStart(5, "0")}`);
    const waiting = [...names];
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
          await minio.putObject(bucket, name, "x");
      }),
    );
    expect((await list("many/", true)).map(({ name }) => name)).toEqual([...names].sort());
    expect((await list("many/", false)).map((item) => ("prefix" in item ? item.prefix : item.name))).toEqual(
      Array.from({ length: 7 }, (_, i) => `many/${i}/`),
    );
    await minio.removeObjects(bucket, names);
    expect(await list("many/", true)).toEqual([]);
  });

  test("a copy keeps bytes and metadata", async () => {
    await minio.putObject(bucket, "from ñ", "bytes", 5, { "Content-Type": "text/x", origin: "crm" });
    await minio.copyObject(bucket, "to", `/${bucket}/from ñ`, new CopyConditions());
    expect((await get("to")).toString()).toBe("bytes");
    expect((await minio.statObject(bucket, "to")).metaData).toMatchObject({
      "content-type": "text/x",
      origin: "crm",
    });
  });

  test("a presigned address puts and gets without keys, until it is changed", async () => {
    const up = await minio.presignedPutObject(bucket, "presigned ñ", 600);
    expect((await fetch(up, { method: "PUT", body: "by address" })).status).toBe(200);
    const down = await minio.presignedGetObject(bucket, "presigned ñ", 600, {
      "response-content-type": "text/plain",
      "response-content-disposition": 'attachment; filename="a.txt"',
    });
    const answer = await fetch(down);
    expect(await answer.text()).toBe("by address");
    expect(answer.headers.get("content-type")).toBe("text/plain");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="a.txt"');
    expect((await fetch(down, { method: "DELETE" })).status).toBe(403);
    expect((await fetch(down.replace("text%2Fplain", "text%2Fhtml"))).status).toBe(403);
    expect((await fetch(down.replace("presigned", "Presigned"))).status).toBe(403);
  });

  test("a missing object is told by its code", async () => {
    await expect(minio.getObject(bucket, "missing")).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(minio.statObject(bucket, "missing")).rejects.toMatchObject({ code: "NotFound" });
  });
}

/** minio takes its part size when it is made; this client keeps it in a public field. */
function minioClientWithParts(client: Client, partSize: number): Client {
  const copy: Client = Object.create(client);
  Object.assign(copy, { partSize, overRidePartSize: true });
  return copy;
}
