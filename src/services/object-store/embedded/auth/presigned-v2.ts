import { createHmac } from "node:crypto";
import type { Clock } from "../../../../core/effects.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf, type S3Request } from "../s3-request.ts";
import type { Admission, Credentials } from "./authenticate.ts";
import { isSameSignature } from "./signing-key.ts";

/**
 * Checks an address that was presigned with a signature of version 2 (Amazon S3 user guide, "Signing and authenticating
 * REST requests", query string). It is what boto3 and `aws s3 presign` make unless they are told otherwise.
 */
export function authenticatePresignedV2(
  request: S3Request,
  credentials: Credentials,
  clock: Clock,
): Admission {
  const expires = queryOf(request, "Expires") ?? "";
  if (!/^\d{1,12}$/.test(expires))
    throw new S3Error("AccessDenied", { message: "Expires must be a time in seconds." });
  if (queryOf(request, "AWSAccessKeyId") !== credentials.accessKeyId) throw new S3Error("InvalidAccessKeyId");
  if (clock.now() > Number(expires) * 1000) {
    throw new S3Error("AccessDenied", { message: "Request has expired", details: { Expires: expires } });
  }
  const header = (name: string) => request.headers.get(name) ?? "";
  const amazon = [...request.headers]
    .filter(([name]) => name.startsWith("x-amz-"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  const text = [
    request.method,
    header("content-md5"),
    header("content-type"),
    expires,
    amazon.join("") + resourceOf(request),
  ].join("\n");
  const right = createHmac("sha1", credentials.secretAccessKey).update(text, "latin1").digest("base64");
  if (!isSameSignature(queryOf(request, "Signature") ?? "", right)) {
    throw new S3Error("SignatureDoesNotMatch", { details: { StringToSign: text } });
  }
  return { payload: { kind: "unsigned" }, isPresigned: true };
}

/** The path as it was sent, and the parameters that choose what is done, in the order of their names. */
function resourceOf({ message, queryPairs }: S3Request): string {
  const path = (message.url ?? "/").split("?")[0] ?? "/";
  const chosen = queryPairs
    .filter(([name]) => SIGNED.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      value === "" ? name : `${name}=${Buffer.from(value, "utf8").toString("latin1")}`,
    );
  return chosen.length === 0 ? path : `${path}?${chosen.join("&")}`;
}

const SIGNED: ReadonlySet<string> = new Set([
  ...["acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy"],
  ...[
    "requestPayment",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
  ],
  ...["website", "response-cache-control", "response-content-disposition", "response-content-encoding"],
  ...["response-content-language", "response-content-type", "response-expires"],
]);
