import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { fixedClock } from "../../../src/core/effects.ts";
import { send, signedRequest } from "./signed-request.ts";
import { minioClient, testStore } from "./start-store.ts";

async function storeWithObject() {
  const store = await testStore();
  await signedRequest(store, { method: "PUT", path: "/bucket" });
  await signedRequest(store, { method: "PUT", path: "/bucket/key", body: "secret" });
  return store;
}

describe("who has not the keys is not let in", () => {
  test("a request without a signature", async () => {
    const store = await storeWithObject();
    const { hostname, port } = new URL(store.endpoint);
    for (const method of ["GET", "PUT", "DELETE", "HEAD", "POST"]) {
      const answer = await send({ hostname, port, method, path: "/bucket/key", headers: {}, body: "" });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain("secret");
    }
    expect((await signedRequest(store, { path: "/bucket/key" })).body).toBe("secret");
  });

  test.each([
    ["another secret", { secretAccessKey: "wrong" }, "SignatureDoesNotMatch"],
    ["another key", { accessKeyId: "somebody" }, "InvalidAccessKeyId"],
  ])("%s", async (_, wrong, code) => {
    const store = await storeWithObject();
    expect(await signedRequest({ ...store, ...wrong }, { path: "/bucket/key" })).toMatchObject({
      status: 403,
      code,
    });
  });

  test("a path, query, method or body that was changed after it was signed", async () => {
    const store = await storeWithObject();
    const changed = [
      { path: "/bucket/other", signedPath: "/bucket/key" },
      { path: "/bucket/key", method: "PUT", body: "forged", payload: "0".repeat(64) },
    ];
    expect(await signedRequest(store, changed[0] ?? { path: "" })).toMatchObject({
      code: "SignatureDoesNotMatch",
    });
    expect(await signedRequest(store, changed[1] ?? { path: "" })).toMatchObject({
      status: 400,
      code: "XAmzContentSHA256Mismatch",
    });
    expect((await signedRequest(store, { path: "/bucket/key" })).body).toBe("secret");
  });

  test("a header of Amazon's that was not signed", async () => {
    const store = await storeWithObject();
    const unsigned = { "x-amz-copy-source": "/bucket/key" };
    expect(await signedRequest(store, { method: "PUT", path: "/bucket/copy", unsigned })).toMatchObject({
      status: 403,
      code: "AccessDenied",
    });
  });

  test("a request older than 15 minutes, or from the future", async () => {
    const store = await storeWithObject();
    for (const minutes of [-16, 16]) {
      const now = new Date(Date.now() + minutes * 60_000);
      expect(await signedRequest(store, { path: "/bucket/key", now })).toMatchObject({
        code: "RequestTimeTooSkewed",
      });
    }
    const now = new Date(Date.now() - 14 * 60_000);
    expect((await signedRequest(store, { path: "/bucket/key", now })).body).toBe("secret");
  });

  test("a presigned address after its time", async () => {
    const clock = fixedClock(Date.now());
    const store = await testStore({ clock });
    const minio = await minioClient(store);
    await minio.makeBucket("bucket");
    await minio.putObject("bucket", "key", "secret");
    const url = await minio.presignedGetObject("bucket", "key", 60);
    expect(await (await fetch(url)).text()).toBe("secret");
    clock.advance(62_000);
    const late = await fetch(url);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("expired");
    expect((await fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))).status).toBe(403);
  });

  test.each([
    ["nonsense", { Authorization: "Bearer x" }, 400],
    ["version 2", { Authorization: "AWS taller:frJIUN8DYpKDtOLCwo//yllqDzg=" }, 400],
    ["no credential", { Authorization: "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=00" }, 400],
    [
      "no scope",
      { Authorization: "AWS4-HMAC-SHA256 Credential=taller, SignedHeaders=host, Signature=00" },
      400,
    ],
  ])("an authorization that can't be read: %s", async (_, headers, status) => {
    const store = await storeWithObject();
    const { hostname, port } = new URL(store.endpoint);
    expect(
      (await send({ hostname, port, method: "GET", path: "/bucket/key", headers, body: "" })).status,
    ).toBe(status);
  });
});

test("a client that waits with its body is refused before it sends it, on a connection that ends there", async () => {
  const store = await storeWithObject();
  const { hostname, port } = new URL(store.endpoint);
  const socket = connect({ host: hostname, port: Number(port) });
  const head = ["PUT /bucket/key HTTP/1.1", "host: x", "content-length: 1000000", "expect: 100-continue"];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer.toLowerCase()).toContain("connection: close");
});

describe("who has the keys is let in", () => {
  test("with any region, path or host style", async () => {
    const store = await storeWithObject();
    expect((await signedRequest(store, { path: "/bucket/key", region: "eu-south-2" })).body).toBe("secret");
    const port = new URL(store.endpoint).port;
    const { hostname } = new URL(store.endpoint);
    const virtual = { ...store, endpoint: `http://bucket.localhost:${port}` };
    // Signed for the bucket's host, sent to the address.
    const answer = await signedRequest(
      { ...virtual, endpoint: store.endpoint },
      {
        path: "/key",
        headers: { host: `bucket.localhost:${port}` },
      },
    );
    expect({ hostname, body: answer.body }).toEqual({ hostname: "127.0.0.1", body: "secret" });
  });

  test("with a client that is told nothing but address and keys", async () => {
    const store = await storeWithObject();
    const { accessKeyId, secretAccessKey } = store;
    const plain = new S3Client({
      endpoint: store.endpoint,
      region: "auto",
      credentials: { accessKeyId, secretAccessKey },
    });
    await plain.send(new PutObjectCommand({ Bucket: "bucket", Key: "plain", Body: "x" }));
    const got = await plain.send(new GetObjectCommand({ Bucket: "bucket", Key: "plain" }));
    expect(await got.Body?.transformToString()).toBe("x");
    plain.destroy();
  });

  test("and is told what is not served, instead of being served something else", async () => {
    const store = await storeWithObject();
    const answers = await Promise.all([
      signedRequest(store, { method: "PUT", path: "/bucket", query: "versioning=", body: "<x/>" }),
      signedRequest(store, { method: "PUT", path: "/bucket/key", query: "acl=", body: "<x/>" }),
      signedRequest(store, {
        method: "PUT",
        path: "/bucket/e",
        headers: { "x-amz-server-side-encryption": "AES256" },
      }),
      signedRequest(store, { method: "PUT", path: "/bucket/e", headers: { "x-amz-acl": "public-read" } }),
      signedRequest(store, { method: "PUT", path: "/bucket/key", headers: { "if-none-match": '"etag"' } }),
      signedRequest(store, { path: "/bucket", query: "versions=" }),
      signedRequest(store, { path: "/bucket", query: "policy=" }),
      signedRequest(store, { method: "PATCH", path: "/bucket/key" }),
    ]);
    expect(answers.map(({ status, code }) => `${status} ${code}`)).toEqual([
      "501 NotImplemented",
      "501 NotImplemented",
      "501 NotImplemented",
      "400 AccessControlListNotSupported",
      "501 NotImplemented",
      "501 NotImplemented",
      "404 NoSuchBucketPolicy",
      "405 MethodNotAllowed",
    ]);
    expect((await signedRequest(store, { path: "/bucket/key" })).body).toBe("secret");
  });
});
