import { checksumHeader } from "../checksum.ts";
import type { Exchange } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import type { ObjectHead } from "../store/object-file.ts";

/** What a client may say of an object and gets back as it was. */
export interface GivenHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly user: Readonly<Record<string, string>>;
}

/** Reads the headers that are kept with an object; throws for those that ask for what is not served here. */
export function readGivenHeaders({ request, admission }: Exchange): GivenHeaders {
  const given = new Map(request.headers);
  // Who presigns an address moves Amazon's headers into its query, and they hold as headers do.
  if (admission.isPresigned) {
    for (const [name, value] of request.queryPairs) {
      const header = name.toLowerCase();
      const isKept = header.startsWith(USER_PREFIX) || REFUSALS.some(([prefix]) => header.startsWith(prefix));
      if (isKept && !given.has(header)) given.set(header, Buffer.from(value, "utf8").toString("latin1"));
    }
  }
  refuseUnserved(given);
  const headers: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const name of KEPT) {
    const value = given.get(name);
    if (value !== undefined && value !== "") headers[name] = value;
  }
  const encoding = withoutChunked(headers["content-encoding"]);
  if (encoding === "") delete headers["content-encoding"];
  else headers["content-encoding"] = encoding;
  const user: Record<string, string> = {};
  let userBytes = 0;
  for (const [name, value] of given) {
    if (!name.startsWith(USER_PREFIX)) continue;
    user[name.slice(USER_PREFIX.length)] = value;
    userBytes += name.length - USER_PREFIX.length + value.length;
  }
  if (userBytes > MAX_USER_BYTES) {
    throw new S3Error("MetadataTooLarge", { details: { Size: String(userBytes), MaxSizeAllowed: "2048" } });
  }
  return { headers, user };
}

/** The headers of an answer that gives the object, or only tells of it. */
export function describeObject(
  head: ObjectHead,
  options: { readonly withChecksum: boolean },
): Record<string, string> {
  const { checksum } = head;
  return {
    ...head.headers,
    ...Object.fromEntries(Object.entries(head.user).map(([name, value]) => [USER_PREFIX + name, value])),
    ...validatorsOf(head),
    "accept-ranges": "bytes",
    ...(options.withChecksum && checksum !== undefined
      ? { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type }
      : {}),
  };
}

/** ETag and Last-Modified. */
export function validatorsOf(head: ObjectHead): Record<string, string> {
  return { etag: `"${head.etag}"`, "last-modified": new Date(head.modifiedMs).toUTCString() };
}

const USER_PREFIX = "x-amz-meta-";
const MAX_USER_BYTES = 2048;

const KEPT = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
  "x-amz-website-redirect-location",
] as const;

/** Header prefixes that ask for something, the values that ask for nothing, and what is answered otherwise. */
const REFUSALS: readonly (readonly [prefix: string, harmless: readonly string[], error: () => S3Error])[] = [
  ["x-amz-acl", ["private", "bucket-owner-full-control"], () => new S3Error("AccessControlListNotSupported")],
  ["x-amz-grant-", [], () => new S3Error("AccessControlListNotSupported")],
  ["x-amz-storage-class", ["STANDARD"], () => new S3Error("InvalidStorageClass")],
  ["x-amz-server-side-encryption", [], () => notServed("Encryption at rest")],
  ["x-amz-copy-source-server-side-encryption", [], () => notServed("Encryption at rest")],
  ["x-amz-object-lock-", [], () => notServed("Object lock")],
  ["x-amz-tagging", [""], () => notServed("Tagging")],
];

/** Silence would be a promise: an object that the client takes for encrypted or public would not be. */
function refuseUnserved(given: ReadonlyMap<string, string>): void {
  for (const [name, value] of given) {
    if (name === "x-amz-tagging-directive") continue;
    const refusal = REFUSALS.find(([prefix]) => name.startsWith(prefix));
    if (refusal !== undefined && !refusal[1].includes(value)) throw refusal[2]();
  }
}

function notServed(what: string): S3Error {
  return new S3Error("NotImplemented", { message: `${what} is not served here.` });
}

function withoutChunked(encoding: string | undefined): string {
  return (encoding ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "" && word !== "aws-chunked")
    .join(",");
}
