import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../../../src/services/object-store/embedded/s3-error.ts";
import { parseXml, renderXml } from "../../../src/services/object-store/embedded/xml.ts";
import { type SignedRequest, signedRequest } from "./signed-request.ts";
import { testStore } from "./start-store.ts";

describe("whatever is sent", () => {
  test("bytes that are no HTTP, or half of it, end their own connection only", async () => {
    const store = await testStore();
    const { hostname, port } = new URL(store.endpoint);
    const http = fc.constantFrom(
      "GET / HTTP/1.1\r\n",
      "PUT /b/k HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n",
      "",
    );
    await fc.assert(
      fc.asyncProperty(http, fc.uint8Array({ maxLength: 300 }), async (start, bytes) => {
        await new Promise<void>((resolve) => {
          const socket = connect({ host: hostname, port: Number(port) });
          socket.on("error", () => {});
          socket.on("close", () => resolve());
          socket.resume();
          socket.end(Buffer.concat([Buffer.from(start), bytes]));
        });
      }),
      { numRuns: 60 },
    );
    expect((await signedRequest(store, { path: "/" })).status).toBe(200);
  });

  test("queries, headers and bodies of any kind are answered by a code of S3, never by an error of ours", async () => {
    const warnings: string[] = [];
    const store = await testStore({ onWarning: (message) => warnings.push(message) });
    await signedRequest(store, { method: "PUT", path: "/bucket" });
    await signedRequest(store, { method: "PUT", path: "/bucket/key", body: "bytes" });
    const { body: begun } = await signedRequest(store, {
      method: "POST",
      path: "/bucket/up",
      query: "uploads=",
    });
    const uploadId = /<UploadId>(\w+)</.exec(begun)?.[1] ?? "";
    const encoded = fc
      .string({ maxLength: 12 })
      .map((text) => encodeURIComponent(text).replace(/[!'()*]/g, "_"));
    const word = fc.oneof(
      encoded,
      fc.constantFrom("", "1", "-1", "2", "url", "99999999999", "null", uploadId),
    );
    const name = fc.constantFrom(
      ...[
        "list-type",
        "max-keys",
        "prefix",
        "delimiter",
        "marker",
        "continuation-token",
        "start-after",
        "encoding-type",
      ],
      ...[
        "uploads",
        "uploadId",
        "partNumber",
        "delete",
        "versionId",
        "max-parts",
        "part-number-marker",
        "key-marker",
      ],
      ...["upload-id-marker", "location", "tagging", "acl", "response-content-type", "attributes", "x"],
    );
    const query = fc
      .uniqueArray(fc.tuple(name, word), { maxLength: 4, selector: ([given]) => given })
      .map((pairs) =>
        pairs
          .map((pair) => pair.join("="))
          .sort()
          .join("&"),
      );
    const headers = fc.dictionary(
      fc.constantFrom(
        ...[
          "range",
          "if-match",
          "if-none-match",
          "if-modified-since",
          "content-md5",
          "x-amz-copy-source",
          "expires",
        ],
        ...[
          "x-amz-copy-source-range",
          "x-amz-checksum-crc32",
          "x-amz-metadata-directive",
          "x-amz-checksum-algorithm",
        ],
        ...[
          "x-amz-meta-a",
          "content-type",
          "x-amz-trailer",
          "x-amz-checksum-type",
          "x-amz-decoded-content-length",
        ],
      ),
      fc.constantFrom(
        "",
        "*",
        '"e"',
        "bytes=0-1",
        "bytes=9-",
        "/bucket/key",
        "bucket",
        "CRC32",
        "5",
        "%zz",
        "é",
        "AAAAAA==",
      ),
      { maxKeys: 3 },
    );
    const body = fc.oneof(
      fc.constantFrom(
        "",
        "<Delete><Object><Key>a</Key></Object></Delete>",
        "<Delete/>",
        "<a>",
        "<a/><b/>",
        "<!DOCTYPE a>",
      ),
      fc.constantFrom(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
        "0\r\n\r\n",
        "5\r\nbytes\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
      ),
      fc.string({ maxLength: 40 }),
    );
    const request: fc.Arbitrary<SignedRequest> = fc.record({
      method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"),
      path: fc.constantFrom(
        "/",
        "/bucket",
        "/bucket/",
        "/bucket/up",
        "/bucket/key",
        "/bucket/a//b",
        "/other/key",
      ),
      query,
      headers,
      body,
      payload: fc.constantFrom(undefined, "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    });
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const { status, headers: answered, body: text } = await signedRequest(store, asked);
        expect([200, 204, 206, 304, 400, 403, 404, 405, 409, 411, 412, 416, 501]).toContain(status);
        expect(answered["x-amz-request-id"]).toBeDefined();
        if (status >= 400 && asked.method !== "HEAD") expect(parseXml(text).name).toBe("Error");
      }),
      { numRuns: 400 },
    );
    expect(warnings).toEqual([]);
  });

  test("XML gives back what was written, and refuses all else in words", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(parseXml(renderXml("Key", text)).text).toBe(text);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("<", ">", "/", "a", "&", ";", "!", "?", "-", "[", "]", " ") }),
        (text) => {
          try {
            expect(parseXml(text).name).not.toBe("");
          } catch (error) {
            expect(error).toBeInstanceOf(S3Error);
          }
        },
      ),
    );
  });
});
