import { createHash } from "node:crypto";
import type { SignatureChain } from "../auth/authenticate.ts";
import { sha256Hex } from "../auth/canonical-request.ts";
import { isSameSignature, sign } from "../auth/signing-key.ts";
import { S3Error } from "../s3-error.ts";
import { ByteReader } from "./byte-reader.ts";

/**
 * Reads a body of `aws-chunked` (Amazon S3 API reference, "Signature Calculations … Transferring Payload in Multiple
 * Chunks" and "… Including Trailing Headers"): pieces `<hex length>[;chunk-signature=<hex>]\r\n<bytes>\r\n`, a last one
 * of no bytes, then trailing headers. Gives the pieces' bytes as they come, so what follows must wait for the end
 * before it believes them, and returns the trailing headers by small-letter name.
 */
export async function* decodeChunked(
  source: AsyncIterator<Buffer>,
  options: { readonly chain: SignatureChain | undefined; readonly hasTrailer: boolean },
): AsyncGenerator<Buffer, ReadonlyMap<string, string>> {
  const { chain, hasTrailer } = options;
  const reader = new ByteReader(source);
  let previous = chain?.seed ?? "";
  for (;;) {
    const { length, signature } = readPieceLine(await reader.line(MAX_LINE_BYTES));
    const hash = chain === undefined ? undefined : createHash("sha256");
    for await (const bytes of reader.take(length)) {
      hash?.update(bytes);
      yield bytes;
    }
    if (chain !== undefined && hash !== undefined) {
      const right = sign(chain.key, [
        "AWS4-HMAC-SHA256-PAYLOAD",
        chain.time,
        chain.scope,
        previous,
        sha256Hex(""),
        hash.digest("hex"),
      ]);
      if (!isSameSignature(signature, right)) throw new S3Error("SignatureDoesNotMatch");
      previous = right;
    }
    if (length === 0) break;
    if ((await reader.line(MAX_LINE_BYTES)) !== "") throw wrongPiece();
  }
  const trailers = await readTrailers(reader);
  if (chain !== undefined && hasTrailer) checkTrailers(trailers, chain, previous);
  if (!(await reader.isAtEnd())) throw wrongPiece();
  return trailers;
}

const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

function readPieceLine(line: string): { length: number; signature: string } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match === null) throw wrongPiece();
  return { length: Number.parseInt(match[1] ?? "", 16), signature: match[2] ?? "" };
}

/** In the order in which they came, up to the empty line or the end of the body. */
async function readTrailers(reader: ByteReader): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  while (!(await reader.isAtEnd())) {
    const line = await reader.line(MAX_LINE_BYTES);
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon <= 0 || trailers.size >= MAX_TRAILERS) throw wrongPiece();
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}

function checkTrailers(trailers: ReadonlyMap<string, string>, chain: SignatureChain, previous: string): void {
  const signed = [...trailers].filter(([name]) => name !== TRAILER_SIGNATURE);
  const right = sign(chain.key, [
    "AWS4-HMAC-SHA256-TRAILER",
    chain.time,
    chain.scope,
    previous,
    sha256Hex(signed.map(([name, value]) => `${name}:${value}\n`).join("")),
  ]);
  if (isSameSignature(trailers.get(TRAILER_SIGNATURE) ?? "", right)) return;
  throw new S3Error("SignatureDoesNotMatch");
}

const TRAILER_SIGNATURE = "x-amz-trailer-signature";

function wrongPiece(): S3Error {
  return new S3Error("InvalidRequest", { message: "The body is not in the form of aws-chunked." });
}
