import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startObjectStore } from "../../../src/services/object-store/embedded/server.ts";
import {
  fileNameOf,
  fromByteString,
  keyOfFileName,
  toByteString,
} from "../../../src/services/object-store/embedded/store/key-name.ts";
import { signedRequest } from "./signed-request.ts";
import { awsClient, keys, testFolder } from "./start-store.ts";

/** Any key that S3 takes: 1 to 1,024 bytes of UTF-8. */
const HOSTILE = [
  ...[
    "../x",
    "..",
    ".",
    "./",
    "a/../../b",
    "../../../../etc/passwd",
    "/",
    "//",
    "///x",
    "a//b",
    "a/",
    "a",
    "/a",
  ],
  ...[
    "a/b",
    "a/b/",
    "nul",
    "NUL.txt",
    "con/aux",
    "COM1",
    "A",
    "a.",
    "a. ",
    "a b",
    " a",
    "a\\b",
    "c:\\x",
    "a:b",
    "~root",
  ],
  ...[
    "a%2fb",
    "a%b",
    "%",
    "%00",
    "+",
    "a+b",
    "a?b#c",
    "a&b=c",
    "a*|<>\"'",
    "a\nb",
    "a\tb",
    "a\rb",
    "\u0001",
    "\u007f",
  ],
  ...[
    "ñ",
    "n\u0303",
    "日本語",
    "\u{1f600}",
    "\uffff",
    "\u202e",
    "e".repeat(900),
    "é".repeat(450),
    "/".repeat(900),
  ],
  ...[
    "x/".repeat(450),
    "\u{1f600}".repeat(256),
    "Z".repeat(1024),
    "bucket.json",
    "tmp",
    "lock.json",
    "~".repeat(65),
  ],
];

describe("any key", () => {
  test("is stored, listed in the order of bytes, given back and kept over a restart, and never leaves the folder", async () => {
    const outer = await testFolder();
    const folder = join(outer, "store");
    const before = await startObjectStore({ folder, port: 0, ...keys });
    const s3 = awsClient({ ...before, ...keys });
    await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
    for (const key of HOSTILE)
      await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: key, Body: `of ${key}` }));
    const expected = [...HOSTILE].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const check = async (client: typeof s3) => {
      for (const key of HOSTILE) {
        const got = await client.send(new GetObjectCommand({ Bucket: "bucket", Key: key }));
        expect(await got.Body?.transformToString()).toBe(`of ${key}`);
      }
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: "bucket", EncodingType: "url" }),
      );
      expect(Contents.map(({ Key = "" }) => decodeURIComponent(Key))).toEqual(expected);
    };
    await check(s3);
    s3.destroy();
    await before.close();

    expect(await readdir(outer)).toEqual(["store"]);
    expect((await readdir(folder)).sort()).toEqual(["buckets", "tmp", "uploads"]);
    expect(await readdir(join(folder, "buckets"))).toEqual(["bucket"]);
    const files = await readdir(join(folder, "buckets", "bucket"), { withFileTypes: true });
    expect(files.every((file) => file.isFile())).toBe(true);
    expect(files).toHaveLength(HOSTILE.length + 1);

    const after = await startObjectStore({ folder, port: 0, ...keys });
    const again = awsClient({ ...after, ...keys });
    await check(again);
    again.destroy();
    await after.close();
  });

  test("that is too long, empty or no UTF-8 is refused", async () => {
    const folder = await testFolder();
    const store = { ...(await startObjectStore({ folder, port: 0, ...keys })), ...keys };
    await signedRequest(store, { method: "PUT", path: "/bucket" });
    const put = (path: string) => signedRequest(store, { method: "PUT", path, body: "x" });
    expect(await put(`/bucket/${"x".repeat(1025)}`)).toMatchObject({ status: 400, code: "KeyTooLongError" });
    expect(await put(`/bucket/${"%C3%B1".repeat(513)}`)).toMatchObject({
      status: 400,
      code: "KeyTooLongError",
    });
    expect(await put("/bucket/%FF%FE")).toMatchObject({ status: 400, code: "InvalidURI" });
    expect(await put("/bucket/%zz")).toMatchObject({ status: 400, code: "InvalidURI" });
    await store.close();
  });

  test.each(["..", ".", "a", "UPPER", "a_b", "a..b", "-ab", "192.168.1.1", "%2e%2e", "x".repeat(64)])(
    "and no bucket is named %s",
    async (name) => {
      const folder = await testFolder();
      const store = { ...(await startObjectStore({ folder, port: 0, ...keys })), ...keys };
      const path = `/${encodeURIComponent(name)}`;
      const { status, code } = await signedRequest(store, { method: "PUT", path });
      expect({ status, code }).toEqual({ status: 400, code: "InvalidBucketName" });
      expect(await readdir(join(folder, "buckets"))).toEqual([]);
      await store.close();
    },
  );
});

describe("a key's file name", () => {
  test("is one that every file system takes, and gives the key back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 400 }), (key) => {
        const name = fileNameOf(key);
        expect(name).toMatch(/^[+~][a-z0-9._=%-]*$/);
        expect(name.length).toBeLessThanOrEqual(200);
        expect(name.endsWith(".")).toBe(false);
        expect(dirname(join("/f", name))).toBe("/f");
        expect(keyOfFileName(name)).toBe(name.startsWith("~") ? "long" : key);
        expect(fromByteString(toByteString(key))).toBe(key);
      }),
    );
  });

  test("differs for two keys, whatever the case of letters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        fc.pre(a !== b);
        expect(fileNameOf(a).toLowerCase()).not.toBe(fileNameOf(b).toLowerCase());
      }),
    );
    expect(fileNameOf("A")).not.toBe(fileNameOf("a"));
  });

  test("of a foreign file is no key's", () => {
    for (const name of ["bucket.json", "+", "+%zz", "+A", "+%61", "x", "~abc", "+a.", "+%C3%B1"]) {
      expect(keyOfFileName(name)).toBeUndefined();
    }
  });

  test("byte strings sort as UTF-8 does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        const [left, right] = [toByteString(a), toByteString(b)];
        expect(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))).toBe(
          left < right ? -1 : left > right ? 1 : 0,
        );
      }),
    );
  });
});
