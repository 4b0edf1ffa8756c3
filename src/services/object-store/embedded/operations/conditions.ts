import { S3Error } from "../s3-error.ts";
import type { WriteCondition } from "../store/bucket.ts";
import type { ObjectHead } from "../store/object-file.ts";
import { validatorsOf } from "./object-headers.ts";

type Headers = ReadonlyMap<string, string>;

/** The condition of a write or removal; S3 takes `If-None-Match: *` and `If-Match` with one ETag. */
export function writeConditionOf(headers: Headers): WriteCondition | undefined {
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === "*") return { kind: "absent" };
    throw new S3Error("NotImplemented", { message: "If-None-Match of a write takes only *." });
  }
  const ifMatch = headers.get("if-match");
  return ifMatch === undefined ? undefined : { kind: "matches", etag: unquote(ifMatch) };
}

/**
 * Throws NotModified or PreconditionFailed unless the conditions of a read hold (RFC 9110, 13.2.2). With the prefix
 * `x-amz-copy-source-` they are those of a copy, where nothing is ever "not modified".
 */
export function checkRead(head: ObjectHead, headers: Headers, prefix: "" | "x-amz-copy-source-" = ""): void {
  const get = (name: string) => headers.get(prefix + name);
  const modifiedSecond = Math.floor(head.modifiedMs / 1000) * 1000;
  const fail = (Condition: string) => new S3Error("PreconditionFailed", { details: { Condition } });
  const unchanged = (condition: string) =>
    prefix === "" ? new S3Error("NotModified", { headers: validatorsOf(head) }) : fail(condition);

  const ifMatch = get("if-match");
  const unmodifiedSince = dateOf(get("if-unmodified-since"));
  if (ifMatch !== undefined) {
    if (!names(ifMatch, head.etag)) throw fail("If-Match");
  } else if (unmodifiedSince !== undefined && modifiedSecond > unmodifiedSince) {
    throw fail("If-Unmodified-Since");
  }
  const ifNoneMatch = get("if-none-match");
  const modifiedSince = dateOf(get("if-modified-since"));
  if (ifNoneMatch !== undefined) {
    if (names(ifNoneMatch, head.etag)) throw unchanged("If-None-Match");
  } else if (modifiedSince !== undefined && modifiedSecond <= modifiedSince) {
    throw unchanged("If-Modified-Since");
  }
}

/** `"abc"`, `W/"abc"` or `abc` → `abc`: several clients leave the quotes out. */
export function unquote(etag: string): string {
  return etag.trim().replace(/^(?:W\/)?"(.*)"$/, "$1");
}

function names(list: string, etag: string): boolean {
  return list.split(",").some((one) => one.trim() === "*" || unquote(one) === etag);
}

/** A date that can't be read is no condition (RFC 9110, 13.1.3). */
function dateOf(header: string | undefined): number | undefined {
  const millis = Date.parse(header ?? "");
  return Number.isNaN(millis) ? undefined : millis;
}
