import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { fixedClock } from "../../../src/core/effects.ts";
import { authenticate } from "../../../src/services/object-store/embedded/auth/authenticate.ts";
import { decodeChunked } from "../../../src/services/object-store/embedded/body/chunked.ts";
import { readRequest } from "../../../src/services/object-store/embedded/s3-request.ts";

/**
 * The worked examples of the Amazon S3 API reference ("Signature Calculations for the Authorization Header",
 * "… Transferring Payload in Multiple Chunks", "… Including Trailing Headers", "Using Query Parameters").
 */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const clock = fixedClock(Date.UTC(2013, 4, 24));
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("the signatures of the published examples are found right", () => {
  test("a GET with a range", () => {
    const admission = admit("GET", "/test.txt", {
      Host: "examplebucket.s3.amazonaws.com",
      Range: "bytes=0-9",
      "x-amz-content-sha256": EMPTY_SHA256,
      "x-amz-date": "20130524T000000Z",
      Authorization: authorization(
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
      ),
    });
    expect(admission.payload).toEqual({ kind: "hashed", sha256: EMPTY_SHA256 });
  });

  test("a PUT with a Date header and a dollar sign in its key", () => {
    const sha256 = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    const admission = admit("PUT", "/test%24file.text", {
      Host: "examplebucket.s3.amazonaws.com",
      Date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-date": "20130524T000000Z",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      "x-amz-content-sha256": sha256,
      Authorization: authorization(
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
      ),
    });
    expect(admission.payload).toEqual({ kind: "hashed", sha256 });
  });

  test.each([
    ["lifecycle", "/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["list", "/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ])("a query: %s", (_, url, signature) => {
    const admission = admit("GET", url, {
      Host: "examplebucket.s3.amazonaws.com",
      "x-amz-content-sha256": EMPTY_SHA256,
      "x-amz-date": "20130524T000000Z",
      Authorization: authorization("host;x-amz-content-sha256;x-amz-date", signature),
    });
    expect(admission.isPresigned).toBe(false);
  });

  test("a presigned address", () => {
    const query = [
      "X-Amz-Algorithm=AWS4-HMAC-SHA256",
      "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request",
      "X-Amz-Date=20130524T000000Z",
      "X-Amz-Expires=86400",
      "X-Amz-SignedHeaders=host",
      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    ];
    const admission = admit("GET", `/test.txt?${query.join("&")}`, {
      Host: "examplebucket.s3.amazonaws.com",
    });
    expect(admission).toEqual({ payload: { kind: "unsigned" }, isPresigned: true });
  });

  test("66,560 bytes in signed chunks", async () => {
    const admission = admit("PUT", "/examplebucket/chunkObject.txt", {
      Host: "s3.amazonaws.com",
      "x-amz-date": "20130524T000000Z",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "Content-Encoding": "aws-chunked",
      "x-amz-decoded-content-length": "66560",
      "Content-Length": "66824",
      Authorization: authorization(
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
      ),
    });
    const body = [
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
      "a".repeat(65_536),
      "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
      "a".repeat(1024),
      "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
      "",
      "",
    ].join("\r\n");
    expect(await decode(body, admission)).toEqual({ bytes: 66_560, trailers: {} });
    await expect(decode(body.replace("\r\naaaa", "\r\naaba"), admission)).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
    });
  });

  test("signed chunks with a signed trailing checksum", async () => {
    const admission = admit("PUT", "/examplebucket/chunkObject.txt", {
      Host: "s3.amazonaws.com",
      "x-amz-date": "20130524T000000Z",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      "Content-Encoding": "aws-chunked",
      "x-amz-decoded-content-length": "66560",
      "x-amz-trailer": "x-amz-checksum-crc32c",
      Authorization: authorization(
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
      ),
    });
    const body = [
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
      "a".repeat(65_536),
      "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
      "a".repeat(1024),
      "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
      "x-amz-checksum-crc32c:sOO8/Q==",
      "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
      "",
      "",
    ].join("\r\n");
    const decoded = await decode(body, admission);
    expect(decoded.bytes).toBe(66_560);
    expect(decoded.trailers).toMatchObject({ "x-amz-checksum-crc32c": "sOO8/Q==" });
    await expect(decode(body.replace("sOO8", "sOO9"), admission)).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
    });
  });
});

function authorization(signedHeaders: string, signature: string): string {
  const credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
  return `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

function admit(method: string, url: string, headers: Readonly<Record<string, string>>) {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = url;
  message.rawHeaders = Object.entries(headers).flat();
  return authenticate(readRequest(message), credentials, clock);
}

/** In pieces of 1,000 bytes, so that every boundary falls somewhere inside. */
async function decode(body: string, { payload }: ReturnType<typeof admit>) {
  if (payload.kind !== "chunked") throw new Error(`expected chunks, not ${payload.kind}`);
  async function* pieces() {
    for (let i = 0; i < body.length; i += 1000) yield Buffer.from(body.slice(i, i + 1000), "latin1");
  }
  const decoding = decodeChunked(pieces(), payload);
  let bytes = 0;
  for (;;) {
    const { value, done } = await decoding.next();
    if (done === true) return { bytes, trailers: Object.fromEntries(value) };
    bytes += value.length;
  }
}
