import { receiveBody } from "../body/receive.ts";
import { checksumAlgorithmOf, checksumHeader } from "../checksum.ts";
import { type Exchange, type ObjectOperation, sendEmpty, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf } from "../s3-request.ts";
import type { Upload } from "../store/uploads.ts";
import { copyBytes, copyResult, openSource } from "./copy.ts";
import { readGivenHeaders } from "./object-headers.ts";
import { type ByteRange, readRange } from "./send-object.ts";

/** CreateMultipartUpload. */
export const beginUpload: ObjectOperation = async (exchange, bucketName, key) => {
  const { response, store, clock } = exchange;
  store.bucket(bucketName);
  const upload = await store.uploads.begin({
    bucket: bucketName,
    key,
    startedMs: clock.now(),
    ...readGivenHeaders(exchange),
    checksum: readChecksum(exchange),
  });
  const { checksum } = upload;
  if (checksum !== undefined) {
    response.setHeader("x-amz-checksum-algorithm", checksum.algorithm);
    response.setHeader("x-amz-checksum-type", checksum.type);
  }
  sendXml(response, "InitiateMultipartUploadResult", [
    ["Bucket", bucketName],
    ["Key", key],
    ["UploadId", upload.id],
  ]);
};

/** UploadPart. */
export const uploadPart: ObjectOperation = async (exchange, bucketName, key) => {
  const { response, store, clock } = exchange;
  const { upload, number } = readPart(exchange, bucketName, key);
  const file = store.newFile();
  try {
    const body = await receiveBody(exchange, (chunk) => file.write(chunk), upload.checksum?.algorithm);
    const { sizeBytes, checksum } = body;
    if (upload.checksum !== undefined && checksum?.algorithm !== upload.checksum.algorithm) {
      throw new S3Error("InvalidRequest", {
        message: `The upload was begun with ${upload.checksum.algorithm}: its parts can't have another checksum.`,
      });
    }
    const etag = body.md5.toString("hex");
    await store.uploads.putPart(upload, number, file, {
      key,
      sizeBytes,
      etag,
      modifiedMs: clock.now(),
      headers: {},
      user: {},
      checksum: checksum === undefined ? undefined : { ...checksum, type: "FULL_OBJECT" },
    });
    sendEmpty(response, 200, {
      etag: `"${etag}"`,
      ...(checksum === undefined ? {} : { [checksumHeader(checksum.algorithm)]: checksum.value }),
    });
  } finally {
    await file.discard();
  }
};

/** UploadPartCopy: a part from another object's bytes. */
export const copyPart: ObjectOperation = async (exchange, bucketName, key) => {
  const { response, store, clock } = exchange;
  const { upload, number } = readPart(exchange, bucketName, key);
  const object = await openSource(exchange);
  const file = store.newFile();
  try {
    const range = copyRange(exchange, object.head.sizeBytes);
    const copied = await copyBytes({ object, range, file, algorithm: upload.checksum?.algorithm });
    const { etag, checksum } = copied;
    const modifiedMs = clock.now();
    await store.uploads.putPart(upload, number, file, {
      key,
      sizeBytes: range.length,
      etag,
      modifiedMs,
      headers: {},
      user: {},
      checksum: checksum === undefined ? undefined : { ...checksum, type: "FULL_OBJECT" },
    });
    sendXml(response, "CopyPartResult", copyResult(copied, modifiedMs));
  } finally {
    await object.close();
    await file.discard();
  }
};

/** AbortMultipartUpload. */
export const abortUpload: ObjectOperation = async (exchange, bucketName, key) => {
  const { response, store } = exchange;
  const { id } = findUpload(exchange, bucketName, key);
  await store.uploads.alone(id, async () => {
    // Whoever was before us may have ended it.
    await store.uploads.end(store.uploads.find(id, bucketName, key));
  });
  sendEmpty(response, 204);
};

/** The upload that the query names; throws NoSuchBucket or NoSuchUpload. */
export function findUpload({ request, store }: Exchange, bucketName: string, key: string): Upload {
  store.bucket(bucketName);
  return store.uploads.find(queryOf(request, "uploadId") ?? "", bucketName, key);
}

export const MAX_PART_NUMBER = 10_000;

function readPart(exchange: Exchange, bucketName: string, key: string): { upload: Upload; number: number } {
  const text = queryOf(exchange.request, "partNumber") ?? "";
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > MAX_PART_NUMBER) {
    throw new S3Error("InvalidArgument", {
      message: "Part number must be an integer between 1 and 10000, inclusive",
      details: { ArgumentName: "partNumber", ArgumentValue: text },
    });
  }
  return { upload: findUpload(exchange, bucketName, key), number };
}

/** `x-amz-copy-source-range: bytes=0-9`: both ends must be given and lie inside. */
function copyRange({ request }: Exchange, sizeBytes: number): ByteRange {
  const header = request.headers.get("x-amz-copy-source-range");
  if (header === undefined) return { start: 0, length: sizeBytes };
  const last = /^bytes=\d+-(\d+)$/.exec(header)?.[1];
  const range = last === undefined || Number(last) >= sizeBytes ? undefined : readRange(header, sizeBytes);
  if (range !== undefined) return range;
  throw new S3Error("InvalidArgument", {
    message: "The x-amz-copy-source-range must read bytes=first-last and lie within the source.",
    details: { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header },
  });
}

/** CRC-64/NVME is always of the whole object, SHA never; the other two as asked (S3 user guide, "Checksum types"). */
function readChecksum({ request }: Exchange): Upload["checksum"] {
  const name = request.headers.get("x-amz-checksum-algorithm");
  if (name === undefined) return undefined;
  const algorithm = checksumAlgorithmOf(name);
  if (algorithm === undefined) {
    throw new S3Error("InvalidRequest", { message: `${name} is no checksum algorithm of S3.` });
  }
  const asked = request.headers.get("x-amz-checksum-type")?.toUpperCase();
  const type = asked ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const isPossible = type === "FULL_OBJECT" ? algorithm.startsWith("CRC") : algorithm !== "CRC64NVME";
  if ((type !== "FULL_OBJECT" && type !== "COMPOSITE") || !isPossible) {
    throw new S3Error("InvalidRequest", { message: `${algorithm} can't be of type ${type}.` });
  }
  return { algorithm, type };
}
