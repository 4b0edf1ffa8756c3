import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyBucket } from "./empty-bucket.ts";
import { awsClient, type StoreAddress } from "./start-store.ts";

const MIB = 1024 ** 2;
const md5 = (bytes: Uint8Array | string) => createHash("md5").update(bytes).digest("hex");

/** Where a server is known to differ from Amazon's S3; what it says is left out for it, by name. */
export interface KnownGaps {
  /** Its objects are files: a key can't be another's folder. */
  readonly keysAreFiles?: string | undefined;
  /** It leaves keys as they are when `encoding-type=url` asks for encoded ones. */
  readonly noEncodingType?: string | undefined;
  /** An overwritten object keeps the metadata of the former one. */
  readonly keepsOldMetadata?: string | undefined;
}

/** A test's name, with the gap for which it is left out. */
export const unless = (name: string, gap: string | undefined) =>
  gap === undefined ? name : `${name} (left out: ${gap})`;

/** What every S3 server must do, through the AWS SDK; run against the embedded one and against a real one. */
export function objectStoreContract(open: () => Promise<StoreAddress>, gaps: KnownGaps = {}): void {
  let s3: S3Client;
  const Bucket = `taller-contract-${randomBytes(4).toString("hex")}`;

  beforeAll(async () => {
    s3 = awsClient(await open());
    await s3.send(new CreateBucketCommand({ Bucket }));
    return async () => {
      await emptyBucket(s3, Bucket);
      await s3.send(new DeleteBucketCommand({ Bucket }));
      s3.destroy();
    };
  });

  const put = (Key: string, Body: string | Uint8Array, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string, more: object = {}) => {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { ...got, bytes: Buffer.from((await got.Body?.transformToByteArray()) ?? []) };
  };
  const status = (promise: Promise<unknown>) =>
    promise.then(
      () => 200,
      (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
        `${error.$metadata?.httpStatusCode} ${error.name}`,
    );

  describe("buckets", () => {
    test("one that was made is listed, has a place, and can't be made twice", async () => {
      const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
      expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
      await s3.send(new HeadBucketCommand({ Bucket }));
      const { LocationConstraint = "us-east-1" } = await s3.send(new GetBucketLocationCommand({ Bucket }));
      expect(LocationConstraint || "us-east-1").toBe("us-east-1");
      expect(await status(s3.send(new CreateBucketCommand({ Bucket })))).toBe("409 BucketAlreadyOwnedByYou");
    });

    test("one that is missing is told as such", async () => {
      const missing = { Bucket: "taller-contract-missing" };
      expect(await status(s3.send(new HeadBucketCommand(missing)))).toBe("404 NotFound");
      expect(await status(s3.send(new ListObjectsV2Command(missing)))).toBe("404 NoSuchBucket");
      expect(await status(s3.send(new GetObjectCommand({ ...missing, Key: "a" })))).toBe("404 NoSuchBucket");
      expect(await status(s3.send(new PutObjectCommand({ ...missing, Key: "a", Body: "a" })))).toBe(
        "404 NoSuchBucket",
      );
      expect(await status(s3.send(new DeleteBucketCommand(missing)))).toBe("404 NoSuchBucket");
    });

    test("one that holds an object is not deleted", async () => {
      await put("kept", "x");
      expect(await status(s3.send(new DeleteBucketCommand({ Bucket })))).toBe("409 BucketNotEmpty");
    });
  });

  describe("objects", () => {
    test("bytes, type, headers and metadata come back as they went", async () => {
      const body = randomBytes(100_000);
      const about = {
        ContentType: "text/csv; charset=utf-8",
        CacheControl: "max-age=60",
        ContentDisposition: 'attachment; filename="a b.csv"',
        ContentEncoding: "gzip",
        ContentLanguage: "es",
        Metadata: { origin: "crm", "two-words": "a  b" },
      };
      const { ETag } = await put("headers", body, about);
      expect(ETag).toBe(`"${md5(body)}"`);
      const { bytes, ...got } = await get("headers");
      expect(bytes.equals(body)).toBe(true);
      expect(got).toMatchObject({ ...about, ETag, ContentLength: body.length });
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "headers" }));
      expect(head).toMatchObject({ ...about, ETag, ContentLength: body.length, AcceptRanges: "bytes" });
      expect(Math.abs(Date.now() - (head.LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
    });

    test("an empty object and one of a single byte", async () => {
      const { ETag } = await put("empty", "");
      expect(ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
      expect((await get("empty")).bytes.length).toBe(0);
      await put("one", "x");
      expect((await get("one")).bytes.toString()).toBe("x");
    });

    const replaces = unless("a later write replaces the object and its metadata", gaps.keepsOldMetadata);
    test.skipIf(gaps.keepsOldMetadata !== undefined)(replaces, async () => {
      await put("replaced", "first, and longer", { Metadata: { a: "1" } });
      await put("replaced", "second");
      const { bytes, Metadata } = await get("replaced");
      expect(bytes.toString()).toBe("second");
      expect(Metadata ?? {}).toEqual({});
    });

    test("a stream of known length goes up in chunks", async () => {
      const body = randomBytes(3 * MIB + 17);
      const pieces = Readable.from([
        body.subarray(0, 1000),
        body.subarray(1000, 2 * MIB),
        body.subarray(2 * MIB),
      ]);
      await s3.send(
        new PutObjectCommand({ Bucket, Key: "stream", Body: pieces, ContentLength: body.length }),
      );
      expect((await get("stream")).bytes.equals(body)).toBe(true);
    });

    test.each([
      ["bytes=0-9", 0, 10],
      ["bytes=90-", 90, 100],
      ["bytes=-5", 95, 100],
      ["bytes=95-1000", 95, 100],
      ["bytes=-1000", 0, 100],
    ])("the range %s", async (Range, from, to) => {
      const body = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
      await put("ranges", body);
      const { bytes, ContentRange, ContentLength, $metadata } = await get("ranges", { Range });
      expect([...bytes]).toEqual([...body.subarray(from, to)]);
      expect({ ContentRange, ContentLength, status: $metadata.httpStatusCode }).toEqual({
        ContentRange: `bytes ${from}-${to - 1}/100`,
        ContentLength: to - from,
        status: 206,
      });
    });

    test("a range in the middle of a large object", async () => {
      const body = randomBytes(2 * MIB);
      await put("large", body);
      const { bytes } = await get("large", { Range: "bytes=1000000-1999999" });
      expect(bytes.equals(body.subarray(1_000_000, 2_000_000))).toBe(true);
    });

    test("a range past the end is refused", async () => {
      await put("short", "0123456789");
      expect(await status(get("short", { Range: "bytes=10-" }))).toBe("416 InvalidRange");
    });

    test("a missing key is told as such", async () => {
      expect(await status(get("nothing"))).toBe("404 NoSuchKey");
      expect(await status(s3.send(new HeadObjectCommand({ Bucket, Key: "nothing" })))).toBe("404 NotFound");
    });

    test("deleting is idempotent", async () => {
      await put("gone", "x");
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
      expect(await status(get("gone"))).toBe("404 NoSuchKey");
    });

    test("a batch deletes what is there and what is not", async () => {
      await Promise.all(["batch/a", "batch/b&c<d>", "batch/é"].map((key) => put(key, "x")));
      const Objects = ["batch/a", "batch/b&c<d>", "batch/é", "batch/none"].map((Key) => ({ Key }));
      const { Deleted = [], Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects } }),
      );
      expect(Deleted.map(({ Key }) => Key).sort()).toEqual(Objects.map(({ Key }) => Key).sort());
      expect(Errors).toEqual([]);
      expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "batch/" }))).KeyCount).toBe(0);
    });

    test.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
      "a %s goes up and comes back",
      async (ChecksumAlgorithm) => {
        const body = randomBytes(70_001);
        const up = await put(`checksum-${ChecksumAlgorithm}`, body, { ChecksumAlgorithm });
        const sent = up[`Checksum${ChecksumAlgorithm}`];
        expect(sent).toMatch(/=$/);
        const head = await s3.send(
          new HeadObjectCommand({ Bucket, Key: `checksum-${ChecksumAlgorithm}`, ChecksumMode: "ENABLED" }),
        );
        expect(head[`Checksum${ChecksumAlgorithm}`]).toBe(sent);
        // The client checks it too.
        expect(
          (await get(`checksum-${ChecksumAlgorithm}`, { ChecksumMode: "ENABLED" })).bytes.equals(body),
        ).toBe(true);
      },
    );

    test("a wrong MD5 or checksum is refused, and nothing is written", async () => {
      const ContentMD5 = createHash("md5").update("other").digest("base64");
      expect(await status(put("wrong-digest", "body", { ContentMD5 }))).toBe("400 BadDigest");
      expect(await status(put("wrong-digest", "body", { ChecksumCRC32: "AAAAAA==" }))).toMatch(/^400 /);
      expect(await status(get("wrong-digest"))).toBe("404 NoSuchKey");
    });
  });

  describe("conditions", () => {
    test("a write only where there is nothing", async () => {
      await put("once", "first", { IfNoneMatch: "*" });
      expect(await status(put("once", "second", { IfNoneMatch: "*" }))).toBe("412 PreconditionFailed");
      expect((await get("once")).bytes.toString()).toBe("first");
    });

    test("a write only over what was read", async () => {
      const { ETag } = await put("compare", "one");
      const second = await put("compare", "two", { IfMatch: ETag });
      expect(await status(put("compare", "three", { IfMatch: ETag }))).toBe("412 PreconditionFailed");
      await put("compare", "three", { IfMatch: second.ETag });
      expect((await get("compare")).bytes.toString()).toBe("three");
      expect(await status(put("compare-nothing", "x", { IfMatch: ETag }))).toBe("404 NoSuchKey");
    });

    test("of twenty writers at once where there is nothing, one wins", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => status(put("race", `writer ${i}`, { IfNoneMatch: "*" }))),
      );
      expect(outcomes.filter((outcome) => outcome === 200)).toHaveLength(1);
      expect((await get("race")).bytes.toString()).toBe(`writer ${outcomes.indexOf(200)}`);
    });

    test("reads by ETag and by time", async () => {
      const { ETag } = await put("cached", "x");
      const past = new Date(Date.now() - 3_600_000);
      const later = new Date(Date.now() + 3_600_000);
      expect(await status(get("cached", { IfMatch: ETag }))).toBe(200);
      expect(await status(get("cached", { IfMatch: '"0"' }))).toBe("412 PreconditionFailed");
      expect(await status(get("cached", { IfNoneMatch: ETag }))).toMatch(/^304 /);
      expect(await status(get("cached", { IfNoneMatch: '"0"' }))).toBe(200);
      expect(await status(get("cached", { IfModifiedSince: past }))).toBe(200);
      expect(await status(get("cached", { IfUnmodifiedSince: past }))).toBe("412 PreconditionFailed");
      expect(await status(get("cached", { IfUnmodifiedSince: later }))).toBe(200);
    });
  });

  describe("copies", () => {
    const copy = (Key: string, source: string, more: object = {}) =>
      s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: encodeURI(`${Bucket}/${source}`), ...more }));

    test("with the source's metadata, or with new ones", async () => {
      const body = randomBytes(300_000);
      const { ETag } = await put("source ñ.txt", body, { ContentType: "text/x", Metadata: { a: "1" } });
      const { CopyObjectResult } = await copy("copied", "source ñ.txt");
      expect(CopyObjectResult?.ETag).toBe(ETag);
      const copied = await get("copied");
      expect(copied.bytes.equals(body)).toBe(true);
      expect(copied).toMatchObject({ ContentType: "text/x", Metadata: { a: "1" } });
      await copy("copied", "source ñ.txt", {
        MetadataDirective: "REPLACE",
        ContentType: "text/y",
        Metadata: { b: "2" },
      });
      expect(await get("copied")).toMatchObject({ ContentType: "text/y", Metadata: { b: "2" } });
    });

    test("onto itself only with new metadata", async () => {
      await put("self", "x");
      expect(await status(copy("self", "self"))).toBe("400 InvalidRequest");
      await copy("self", "self", { MetadataDirective: "REPLACE", Metadata: { c: "3" } });
      expect(await get("self")).toMatchObject({ Metadata: { c: "3" } });
    });

    test("only if the source is as expected", async () => {
      const { ETag } = await put("conditional-source", "x");
      expect(await status(copy("never", "conditional-source", { CopySourceIfMatch: '"0"' }))).toBe(
        "412 PreconditionFailed",
      );
      expect(await status(copy("done", "conditional-source", { CopySourceIfMatch: ETag }))).toBe(200);
      expect(await status(copy("never", "no-source"))).toBe("404 NoSuchKey");
      expect(await status(get("never"))).toBe("404 NoSuchKey");
    });
  });

  describe("listings", () => {
    const LISTED = [
      ...(gaps.keysAreFiles === undefined ? ["list/a"] : []),
      ...["list/a-b", "list/a/1", "list/a/2", "list/b/1", "list/ñ", "list/z z+z", "list/A"],
      ...["list/\u{1f600}", "list/\uff5e"],
    ];
    beforeAll(async () => {
      await Promise.all(LISTED.map((key) => put(key, key)));
    });
    const inByteOrder = (names: readonly string[]) =>
      [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    test("are in the order of UTF-8 bytes, with size, ETag and time", async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }));
      expect(Contents.map(({ Key }) => Key)).toEqual(inByteOrder(LISTED));
      for (const { Key = "", Size, ETag, LastModified } of Contents) {
        expect({ Size, ETag }).toEqual({ Size: Buffer.byteLength(Key), ETag: `"${md5(Key)}"` });
        expect(Math.abs(Date.now() - (LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
      }
    });

    test("fold what lies behind a delimiter", async () => {
      const asked = { Bucket, Prefix: "list/", Delimiter: "/" };
      const folded = await s3.send(new ListObjectsV2Command(asked));
      const keys = LISTED.filter((key) => !/list\/.*\//.test(key));
      expect(folded.Contents?.map(({ Key }) => Key)).toEqual(inByteOrder(keys));
      expect(folded.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["list/a/", "list/b/"]);
      expect(folded.KeyCount).toBe(keys.length + 2);
      const first = await s3.send(new ListObjectsCommand(asked));
      expect(first.Contents?.map(({ Key }) => Key)).toEqual(folded.Contents?.map(({ Key }) => Key));
      expect(first.CommonPrefixes).toEqual(folded.CommonPrefixes);
    });

    test.each([undefined, "/"])("in pages of two, delimiter %s, give everything once", async (Delimiter) => {
      const seen: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(
          new ListObjectsV2Command({ Bucket, Prefix: "list/", Delimiter, MaxKeys: 2, ContinuationToken }),
        );
        expect(page.KeyCount).toBeLessThanOrEqual(2);
        seen.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
        ContinuationToken = page.NextContinuationToken;
        expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
      } while (ContinuationToken !== undefined);
      const whole =
        Delimiter === undefined
          ? LISTED
          : [...LISTED.filter((key) => !/\/.*\//.test(key)), "list/a/", "list/b/"];
      expect(seen).toHaveLength(whole.length);
      expect(inByteOrder(seen)).toEqual(inByteOrder(whole));
    });

    test("of the first version go on from a marker", async () => {
      const seen: string[] = [];
      let Marker: string | undefined;
      for (;;) {
        const page = await s3.send(
          new ListObjectsCommand({ Bucket, Prefix: "list/", Delimiter: "/", MaxKeys: 3, Marker }),
        );
        seen.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix));
        if (page.IsTruncated !== true) break;
        Marker = page.NextMarker;
      }
      const whole = [...LISTED.filter((key) => !/\/.*\//.test(key)), "list/a/", "list/b/"];
      expect(seen).toHaveLength(whole.length);
      expect(inByteOrder(seen)).toEqual(inByteOrder(whole));
    });

    test("begin after a key, and may be empty", async () => {
      const after = await s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: "list/", StartAfter: "list/a/1" }),
      );
      const sorted = inByteOrder(LISTED);
      expect(after.Contents?.map(({ Key }) => Key)).toEqual(sorted.slice(sorted.indexOf("list/a/1") + 1));
      const none = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/none" }));
      expect({ count: none.KeyCount, truncated: none.IsTruncated }).toEqual({ count: 0, truncated: false });
    });

    test.skipIf(gaps.noEncodingType !== undefined)(
      unless("encode keys on demand", gaps.noEncodingType),
      async () => {
        const encoded = await s3.send(
          new ListObjectsV2Command({ Bucket, Prefix: "list/", EncodingType: "url" }),
        );
        const decoded = encoded.Contents?.map(({ Key = "" }) => decodeURIComponent(Key.replaceAll("+", " ")));
        expect(decoded).toEqual(inByteOrder(LISTED));
        expect(encoded.Contents?.some(({ Key }) => Key?.includes("%C3%B1"))).toBe(true);
      },
    );
  });

  describe("uploads in parts", () => {
    const begin = async (Key: string, more: object = {}) => {
      const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
      const upload = { Bucket, Key, UploadId };
      return {
        upload,
        part: async (PartNumber: number, Body: Uint8Array) => {
          const { ETag = "" } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
          return { PartNumber, ETag };
        },
        complete: (Parts: { PartNumber: number; ETag: string }[], how: object = {}) =>
          s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...how })),
      };
    };

    test("become one object with the metadata of the beginning", async () => {
      const bodies = [randomBytes(5 * MIB), randomBytes(5 * MIB), randomBytes(100)];
      const { upload, part, complete } = await begin("parts", {
        ContentType: "text/x",
        Metadata: { a: "1" },
      });
      const parts = [];
      for (const [i, body] of bodies.entries()) parts.push(await part(i + 1, body));
      expect(parts[2]?.ETag).toBe(`"${md5(bodies[2] ?? "")}"`);
      const listed = await s3.send(new ListPartsCommand(upload));
      expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
        [1, 5 * MIB],
        [2, 5 * MIB],
        [3, 100],
      ]);
      const open = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "parts" }));
      expect(open.Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([["parts", upload.UploadId]]);
      expect(await status(get("parts"))).toBe("404 NoSuchKey");

      const { ETag } = await complete(parts);
      const md5OfMd5s = md5(Buffer.concat(bodies.map((body) => Buffer.from(md5(body), "hex"))));
      expect(ETag).toBe(`"${md5OfMd5s}-3"`);
      const { bytes, ...got } = await get("parts");
      expect(bytes.equals(Buffer.concat(bodies))).toBe(true);
      expect(got).toMatchObject({ ETag, ContentType: "text/x", Metadata: { a: "1" } });
      expect(
        (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "parts" }))).Uploads ?? [],
      ).toEqual([]);
    });

    test("take a part again, leave one out, and copy one from another object", async () => {
      const body = randomBytes(6 * MIB);
      await put("part-source", body);
      const { upload, part, complete } = await begin("mixed");
      await part(1, randomBytes(5 * MIB));
      const first = await part(1, body.subarray(0, 5 * MIB));
      await part(2, Buffer.from("left out"));
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber: 5,
          CopySource: `${Bucket}/part-source`,
          CopySourceRange: `bytes=${5 * MIB}-${6 * MIB - 1}`,
        }),
      );
      await complete([first, { PartNumber: 5, ETag: CopyPartResult?.ETag ?? "" }]);
      expect((await get("mixed")).bytes.equals(body)).toBe(true);
    });

    test("are refused where parts are missing, wrong, unordered or too small", async () => {
      const { part, complete } = await begin("refused");
      const one = await part(1, randomBytes(100));
      const two = await part(2, randomBytes(5 * MIB));
      expect(await status(complete([{ PartNumber: 3, ETag: one.ETag }]))).toBe("400 InvalidPart");
      expect(await status(complete([{ PartNumber: 1, ETag: `"${md5("x")}"` }]))).toBe("400 InvalidPart");
      expect(await status(complete([two, one]))).toBe("400 InvalidPartOrder");
      expect(await status(complete([one, two]))).toBe("400 EntityTooSmall");
      expect(await status(get("refused"))).toBe("404 NoSuchKey");
      await complete([two]);
      expect((await get("refused")).bytes.length).toBe(5 * MIB);
    });

    test("end when they are aborted", async () => {
      const { upload, part } = await begin("aborted");
      await part(1, Buffer.from("x"));
      await s3.send(new AbortMultipartUploadCommand(upload));
      expect(await status(part(2, Buffer.from("x")))).toBe("404 NoSuchUpload");
      expect(await status(s3.send(new ListPartsCommand(upload)))).toBe("404 NoSuchUpload");
      expect(await status(get("aborted"))).toBe("404 NoSuchKey");
    });

    test("become an object only where there is nothing, if so asked", async () => {
      const { part, complete } = await begin("conditional-parts");
      const one = await part(1, Buffer.from("from parts"));
      await put("conditional-parts", "was first");
      expect(await status(complete([one], { IfNoneMatch: "*" }))).toBe("412 PreconditionFailed");
      expect((await get("conditional-parts")).bytes.toString()).toBe("was first");
    });
  });
}
