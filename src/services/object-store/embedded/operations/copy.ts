import { createHash } from "node:crypto";
import { type ChecksumAlgorithm, checksumAlgorithmOf, startChecksum } from "../checksum.ts";
import { type Exchange, type ObjectOperation, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { decodePercent } from "../s3-request.ts";
import type { NewObjectFile } from "../store/new-object-file.ts";
import type { OpenObject } from "../store/object-file.ts";
import type { XmlNode } from "../xml.ts";
import { checkRead, writeConditionOf } from "./conditions.ts";
import { readGivenHeaders } from "./object-headers.ts";
import { type ByteRange, readBlocks } from "./send-object.ts";

/** CopyObject: the bytes of another object, with its metadata or new ones. */
export const copyObject: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store, clock } = exchange;
  const bucket = store.bucket(bucketName);
  const source = readCopySource(exchange);
  const given = readGivenHeaders(exchange);
  const directive = (request.headers.get("x-amz-metadata-directive") ?? "COPY").toUpperCase();
  if (directive !== "COPY" && directive !== "REPLACE") {
    throw new S3Error("InvalidArgument", { details: { ArgumentName: "x-amz-metadata-directive" } });
  }
  if (directive === "COPY" && source.bucket === bucketName && source.key === key) {
    throw new S3Error("InvalidRequest", {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing its metadata.",
    });
  }
  const condition = writeConditionOf(request.headers);
  const object = await openSource(exchange);
  const file = store.newFile();
  try {
    const { sizeBytes, headers, user, checksum } = object.head;
    if (sizeBytes > MAX_COPY_BYTES)
      throw new S3Error("InvalidRequest", { message: "An object over 5 GiB is copied in parts." });
    const copied = await copyBytes({
      object,
      range: { start: 0, length: sizeBytes },
      file,
      algorithm:
        checksumAlgorithmOf(request.headers.get("x-amz-checksum-algorithm") ?? "") ?? checksum?.algorithm,
    });
    const head = {
      key,
      sizeBytes,
      etag: copied.etag,
      modifiedMs: clock.now(),
      ...(directive === "COPY" ? { headers, user } : given),
      checksum:
        copied.checksum === undefined ? undefined : { ...copied.checksum, type: "FULL_OBJECT" as const },
    };
    await bucket.put(file, head, condition);
    sendXml(response, "CopyObjectResult", copyResult(copied, head.modifiedMs));
  } finally {
    await object.close();
    await file.discard();
  }
};

export interface Copied {
  readonly etag: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/** Writes a run of an object's bytes to a file, and finds what the copy's ETag and checksum are. */
export async function copyBytes(input: {
  readonly object: OpenObject;
  readonly range: ByteRange;
  readonly file: NewObjectFile;
  readonly algorithm: ChecksumAlgorithm | undefined;
}): Promise<Copied> {
  const { object, range, file, algorithm } = input;
  const md5 = createHash("md5");
  const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
  for await (const block of readBlocks(object, range)) {
    const writing = file.write(block);
    md5.update(block);
    checksum?.update(block);
    await writing;
  }
  return {
    etag: md5.digest("hex"),
    checksum:
      algorithm === undefined || checksum === undefined
        ? undefined
        : { algorithm, value: checksum.digest().toString("base64") },
  };
}

/** The object that `x-amz-copy-source` names, if its conditions hold; the caller closes it. */
export async function openSource(exchange: Exchange): Promise<OpenObject> {
  const source = readCopySource(exchange);
  const object = await exchange.store.bucket(source.bucket).open(source.key);
  try {
    checkRead(object.head, exchange.request.headers, "x-amz-copy-source-");
    return object;
  } catch (error) {
    await object.close();
    throw error;
  }
}

export function copyResult({ etag, checksum }: Copied, modifiedMs: number): XmlNode[] {
  return [
    ["LastModified", new Date(modifiedMs).toISOString()],
    ["ETag", `"${etag}"`],
    ...(checksum === undefined ? [] : [[`Checksum${checksum.algorithm}`, checksum.value] as const]),
  ];
}

const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** `[/]bucket/key[?versionId=null]`, percent-encoded. */
function readCopySource({ request }: Exchange): { bucket: string; key: string } {
  const header = request.headers.get("x-amz-copy-source") ?? "";
  const mark = header.indexOf("?versionId=");
  if (mark >= 0 && header.slice(mark) !== "?versionId=null") throw new S3Error("NoSuchVersion");
  const path = decodePercent(mark < 0 ? header : header.slice(0, mark)).replace(/^\//, "");
  const slash = path.indexOf("/");
  if (slash <= 0 || slash === path.length - 1) {
    throw new S3Error("InvalidArgument", {
      message: "x-amz-copy-source must read <bucket>/<key>.",
      details: { ArgumentName: "x-amz-copy-source", ArgumentValue: header },
    });
  }
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
