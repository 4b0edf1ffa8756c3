import { createHash } from "node:crypto";
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumAlgorithmOf,
  checksumHeader,
  startChecksum,
} from "../checksum.ts";
import type { Exchange } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { decodeChunked } from "./chunked.ts";

/** What is known of a body that has arrived whole and is the one that was meant. */
export interface ReceivedBody {
  readonly sizeBytes: number;
  readonly md5: Buffer;
  /** The checksum that the client sent, found right, or else the one that was asked for. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/**
 * Gives the request's bytes to `write` as they come and checks, at their end, the length and every checksum that the
 * client sent: Content-MD5, the signed SHA-256, an `x-amz-checksum-…` header or trailing header. Until it resolves,
 * what was written must not be shown to anyone. Memory: one piece at a time. `wanted` is the checksum to find where the
 * client sends none.
 */
export async function receiveBody(
  exchange: Exchange,
  write: (chunk: Buffer) => Promise<void>,
  wanted?: ChecksumAlgorithm,
): Promise<ReceivedBody> {
  const { request, admission } = exchange;
  const { payload } = admission;
  const expectedBytes = announcedBytes(exchange);
  if (expectedBytes > MAX_BODY_BYTES) throw new S3Error("EntityTooLarge");
  const sentMd5 = contentMd5(request.headers.get("content-md5"));
  const sent = sentChecksum(request.headers);

  exchange.willReadBody();
  const md5 = createHash("md5");
  const sha256 = payload.kind === "hashed" ? createHash("sha256") : undefined;
  const algorithm = sent?.algorithm ?? wanted;
  const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
  let sizeBytes = 0;
  // After an error the rest is still to be drained, so the message must live on.
  const source: AsyncIterator<Buffer> = request.message.iterator({ destroyOnReturn: false });
  const pieces = payload.kind === "chunked" ? decodeChunked(source, payload) : plainPieces(source);
  let trailers: ReadonlyMap<string, string>;
  try {
    for (;;) {
      const { value, done } = await pieces.next();
      if (done === true) {
        trailers = value;
        break;
      }
      sizeBytes += value.length;
      if (sizeBytes > expectedBytes) {
        throw new S3Error("IncompleteBody", { message: "More bytes arrived than were announced." });
      }
      // Hashed while the disk writes.
      const writing = write(value);
      md5.update(value);
      sha256?.update(value);
      checksum?.update(value);
      await writing;
    }
  } finally {
    await source.return?.();
  }
  if (sizeBytes !== expectedBytes) throw new S3Error("IncompleteBody");

  const found = md5.digest();
  if (sentMd5 !== undefined && !sentMd5.equals(found)) throw new S3Error("BadDigest");
  if (payload.kind === "hashed" && sha256?.digest("hex") !== payload.sha256) {
    throw new S3Error("XAmzContentSHA256Mismatch");
  }
  if (algorithm === undefined || checksum === undefined)
    return { sizeBytes, md5: found, checksum: undefined };
  const value = checksum.digest().toString("base64");
  if (sent !== undefined) {
    const name = checksumHeader(algorithm);
    const claimed = sent.value ?? trailers.get(name);
    if (claimed === undefined) {
      throw new S3Error("InvalidRequest", { message: `The trailing ${name} is missing.` });
    }
    if (claimed !== value) {
      throw new S3Error("BadDigest", {
        message: `The ${algorithm} you specified did not match what we received.`,
      });
    }
  }
  return { sizeBytes, md5: found, checksum: { algorithm, value } };
}

/** A small body as text; throws EntityTooLarge over 8 MB: a thousand keys of 1 kB, escaped, take less. */
export async function receiveText(exchange: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  await receiveBody(exchange, async (chunk) => {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_TEXT_BYTES)
      throw new S3Error("EntityTooLarge", { message: "The request's XML is too large." });
    chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString("utf8");
}

const MAX_BODY_BYTES = 5 * 1024 ** 3;
const MAX_TEXT_BYTES = 8_000_000;

async function* plainPieces(
  source: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer, ReadonlyMap<string, string>> {
  for (;;) {
    const { value, done } = await source.next();
    if (done === true) return new Map();
    yield value;
  }
}

function announcedBytes({ request, admission }: Exchange): number {
  const name = admission.payload.kind === "chunked" ? "x-amz-decoded-content-length" : "content-length";
  const text = request.headers.get(name);
  if (text === undefined) throw new S3Error("MissingContentLength");
  if (!/^\d{1,15}$/.test(text)) {
    throw new S3Error("InvalidArgument", { details: { ArgumentName: name, ArgumentValue: text } });
  }
  return Number(text);
}

function contentMd5(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, "base64");
  if (bytes.length !== 16 || bytes.toString("base64") !== header) throw new S3Error("InvalidDigest");
  return bytes;
}

/** The checksum that comes with the body; `value` is undefined when it follows in a trailing header. */
function sentChecksum(
  headers: ReadonlyMap<string, string>,
): { algorithm: ChecksumAlgorithm; value: string | undefined } | undefined {
  const inHeaders = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = headers.get(checksumHeader(algorithm));
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (inHeaders.length > 1) {
    throw new S3Error("InvalidRequest", { message: "Expecting a single x-amz-checksum- header" });
  }
  const [first] = inHeaders;
  if (first !== undefined) return first;
  for (const name of (headers.get("x-amz-trailer") ?? "").split(",")) {
    const algorithm = checksumAlgorithmOf(name.trim());
    if (algorithm !== undefined) return { algorithm, value: undefined };
  }
  return undefined;
}
