import type { Clock } from "../../../../core/effects.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf, type S3Request } from "../s3-request.ts";
import { canonicalRequest, sha256Hex } from "./canonical-request.ts";
import { authenticatePresignedV2 } from "./presigned-v2.ts";
import { isSameSignature, type Scope, scopeText, sign, signingKey } from "./signing-key.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a request that was let in says of its body. */
export type Payload =
  | { readonly kind: "unsigned" }
  /** The body's SHA-256 was signed: it must be this. */
  | { readonly kind: "hashed"; readonly sha256: string }
  /** `aws-chunked`: pieces with their lengths; `chain` when each is signed, on from the request's signature. */
  | { readonly kind: "chunked"; readonly hasTrailer: boolean; readonly chain: SignatureChain | undefined };

export interface SignatureChain {
  readonly key: Buffer;
  /** `20250131T120000Z`. */
  readonly time: string;
  readonly scope: string;
  readonly seed: string;
}

export interface Admission {
  readonly payload: Payload;
  readonly isPresigned: boolean;
}

/**
 * Checks a request's AWS Signature Version 4, in its header or its query (a presigned address). Any region is taken,
 * since this store is in none; version 2 only in a presigned address. Throws the S3Error that S3 gives for what is wrong.
 */
export function authenticate(request: S3Request, credentials: Credentials, clock: Clock): Admission {
  const header = request.headers.get("authorization");
  const isPresigned = header === undefined && queryOf(request, "X-Amz-Algorithm") !== undefined;
  if (header === undefined && !isPresigned) {
    if (queryOf(request, "AWSAccessKeyId") !== undefined)
      return authenticatePresignedV2(request, credentials, clock);
    throw new S3Error("AccessDenied", { message: "The request is not signed." });
  }
  const claim =
    header === undefined ? readQueryClaim(request, clock) : readHeaderClaim(header, request, clock);
  if (claim.accessKeyId !== credentials.accessKeyId) throw new S3Error("InvalidAccessKeyId");
  checkSigned(request, claim.signedHeaders, isPresigned);

  const payloadWord = payloadWordOf(request, claim.signedHeaders, isPresigned);
  const canonical = canonicalRequest({ request, signedHeaders: claim.signedHeaders, payload: payloadWord });
  const key = signingKey(credentials.secretAccessKey, claim.scope);
  const scope = scopeText(claim.scope);
  const right = sign(key, ["AWS4-HMAC-SHA256", claim.time, scope, sha256Hex(canonical)]);
  if (!isSameSignature(claim.signature, right)) {
    throw new S3Error("SignatureDoesNotMatch", { details: { CanonicalRequest: canonical } });
  }
  return { payload: payloadOf(payloadWord, { key, time: claim.time, scope, seed: right }), isPresigned };
}

interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** `20250131T120000Z`. */
  readonly time: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ONLY_V4 = "Only signatures of version 4 (AWS4-HMAC-SHA256) are taken here.";
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

function readHeaderClaim(header: string, request: S3Request, clock: Clock): Claim {
  if (header.startsWith("AWS ")) throw new S3Error("InvalidRequest", { message: ONLY_V4 });
  const match = /^AWS4-HMAC-SHA256\s+(.*)$/.exec(header);
  if (match === null) throw new S3Error("AuthorizationHeaderMalformed", { message: ONLY_V4 });
  const fields = new Map(
    (match[1] ?? "").split(",").map((field): [string, string] => {
      const equals = field.indexOf("=");
      return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
    }),
  );
  const claim = claimOf({
    credential: fields.get("Credential"),
    signedHeaders: fields.get("SignedHeaders"),
    signature: fields.get("Signature"),
    time: timeOf(request),
    wrong: (message) => new S3Error("AuthorizationHeaderMalformed", { message }),
  });
  if (Math.abs(clock.now() - millisOf(claim.time)) > MAX_SKEW_MS) {
    throw new S3Error("RequestTimeTooSkewed", {
      details: { RequestTime: claim.time, ServerTime: new Date(clock.now()).toISOString() },
    });
  }
  return claim;
}

function readQueryClaim(request: S3Request, clock: Clock): Claim {
  const wrong = (message: string) => new S3Error("AuthorizationQueryParametersError", { message });
  if (queryOf(request, "X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") throw wrong(ONLY_V4);
  const claim = claimOf({
    credential: queryOf(request, "X-Amz-Credential"),
    signedHeaders: queryOf(request, "X-Amz-SignedHeaders"),
    signature: queryOf(request, "X-Amz-Signature"),
    time: queryOf(request, "X-Amz-Date"),
    wrong,
  });
  const expires = queryOf(request, "X-Amz-Expires") ?? "";
  const seconds = Number(expires);
  if (!/^\d+$/.test(expires) || seconds > MAX_EXPIRES_SECONDS) {
    throw wrong("X-Amz-Expires must be a number of seconds up to 604800.");
  }
  const startMs = millisOf(claim.time);
  if (clock.now() < startMs - MAX_SKEW_MS)
    throw new S3Error("AccessDenied", { message: "Request is not valid yet" });
  if (clock.now() > startMs + seconds * 1000) {
    throw new S3Error("AccessDenied", {
      message: "Request has expired",
      details: { "X-Amz-Expires": expires },
    });
  }
  return claim;
}

function claimOf(input: {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly time: string | undefined;
  readonly wrong: (message: string) => S3Error;
}): Claim {
  const { credential, signedHeaders, signature, time, wrong } = input;
  if (credential === undefined || !signedHeaders || !signature) {
    throw wrong("Credential, SignedHeaders and Signature must be given.");
  }
  // From its end: an access key may hold a slash.
  const match = /^(.+)\/(\d{8})\/([^/]*)\/([^/]+)\/aws4_request$/.exec(credential);
  const [, accessKeyId = "", date = "", region = "", service = ""] = match ?? [];
  if (match === null || service !== "s3") {
    throw wrong("The credential must read <access key>/<date>/<region>/s3/aws4_request.");
  }
  if (time === undefined || Number.isNaN(millisOf(time))) {
    if (time === undefined)
      throw new S3Error("AccessDenied", { message: "A signed request needs x-amz-date or Date." });
    throw wrong("The time of the request must read 20250131T120000Z.");
  }
  if (!time.startsWith(date)) throw wrong("The credential's date is not that of the request.");
  return {
    accessKeyId,
    scope: { date, region, service },
    time,
    signedHeaders: signedHeaders.toLowerCase().split(";"),
    signature,
  };
}

/** The time as it was signed; a `Date` header is turned into its form. */
function timeOf(request: S3Request): string | undefined {
  const amzDate = request.headers.get("x-amz-date");
  if (amzDate !== undefined) return amzDate;
  const date = Date.parse(request.headers.get("date") ?? "");
  return Number.isNaN(date) ? undefined : new Date(date).toISOString().replace(/[-:]|\.\d+/g, "");
}

function millisOf(time: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** The host and everything of Amazon's must be signed, else it could be changed on the way. */
function checkSigned(request: S3Request, signedHeaders: readonly string[], isPresigned: boolean): void {
  const isSigned = new Set(signedHeaders);
  const unsigned = [...request.headers.keys()].filter(
    (name) =>
      (name === "host" || name.startsWith("x-amz-")) &&
      !isSigned.has(name) &&
      // A presigned address leaves its holder free to send a checksum of the body.
      !(isPresigned && (name === "x-amz-content-sha256" || name.startsWith("x-amz-checksum-"))),
  );
  if (unsigned.length === 0 && isSigned.has("host")) return;
  throw new S3Error("AccessDenied", {
    message: "There were headers present in the request which were not signed",
    details: { HeadersNotSigned: unsigned.join(", ") },
  });
}

function payloadWordOf(request: S3Request, signedHeaders: readonly string[], isPresigned: boolean): string {
  const header = request.headers.get("x-amz-content-sha256");
  if (isPresigned) {
    const signed = signedHeaders.includes("x-amz-content-sha256") ? header : undefined;
    return queryOf(request, "X-Amz-Content-Sha256") ?? signed ?? "UNSIGNED-PAYLOAD";
  }
  if (header !== undefined) return header;
  throw new S3Error("InvalidRequest", {
    message: "Missing required header for this request: x-amz-content-sha256",
  });
}

function payloadOf(word: string, chain: SignatureChain): Payload {
  switch (word) {
    case "UNSIGNED-PAYLOAD":
      return { kind: "unsigned" };
    case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
      return { kind: "chunked", hasTrailer: true, chain: undefined };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD":
      return { kind: "chunked", hasTrailer: false, chain };
    case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
      return { kind: "chunked", hasTrailer: true, chain };
  }
  if (/^[0-9a-fA-F]{64}$/.test(word)) return { kind: "hashed", sha256: word.toLowerCase() };
  if (word.startsWith("STREAMING-"))
    throw new S3Error("NotImplemented", { message: `${word} is not served here.` });
  throw new S3Error("InvalidArgument", {
    message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- word or a SHA-256 in hexadecimal.",
    details: { ArgumentName: "x-amz-content-sha256", ArgumentValue: word },
  });
}
