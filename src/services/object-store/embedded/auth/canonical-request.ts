import { createHash } from "node:crypto";
import type { S3Request } from "../s3-request.ts";

/**
 * The canonical request of AWS Signature Version 4 as S3 reads it (Amazon S3 API reference, "Authenticating
 * Requests: Using the Authorization Header"): the path is encoded once, and its dots and slashes stay.
 */
export function canonicalRequest(input: {
  readonly request: S3Request;
  readonly signedHeaders: readonly string[];
  /** The hash of the body, or the word that stands for it. */
  readonly payload: string;
}): string {
  const { request, signedHeaders, payload } = input;
  const query = request.queryPairs
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encodeForAws(name), encodeForAws(value)] as const)
    .sort(([a, av], [b, bv]) => compare(a, b) || compare(av, bv))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = signedHeaders.map((name) => {
    const value = (request.headers.get(name) ?? "").trim().replace(/ +/g, " ");
    return `${name}:${value}\n`;
  });
  // Paths and queries are ASCII by now; headers hold one character a byte, and are signed as the bytes they were.
  return [
    request.method,
    request.path.split("/").map(encodeForAws).join("/"),
    query,
    headers.join(""),
    signedHeaders.join(";"),
    payload,
  ].join("\n");
}

/** Percent-encodes the UTF-8 of everything but `A-Z a-z 0-9 - . _ ~`. */
export function encodeForAws(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** SHA-256, in small hexadecimal digits, of a string of one character a byte. */
export function sha256Hex(bytes: string): string {
  return createHash("sha256").update(bytes, "latin1").digest("hex");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
