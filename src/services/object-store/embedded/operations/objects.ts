import { receiveBody } from "../body/receive.ts";
import { checksumHeader } from "../checksum.ts";
import { type Exchange, type ObjectOperation, sendEmpty } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf } from "../s3-request.ts";
import { checkRead, writeConditionOf } from "./conditions.ts";
import { describeObject, readGivenHeaders } from "./object-headers.ts";
import { partRange, readRange, sendBytes } from "./send-object.ts";

/** PutObject. */
export const putObject: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store, clock } = exchange;
  const bucket = store.bucket(bucketName);
  const given = readGivenHeaders(exchange);
  const condition = writeConditionOf(request.headers);
  // Asked before the body comes, and again when it is there.
  await bucket.check(key, condition);
  const file = store.newFile();
  try {
    const body = await receiveBody(exchange, (chunk) => file.write(chunk));
    const etag = body.md5.toString("hex");
    const checksum =
      body.checksum === undefined ? undefined : { ...body.checksum, type: "FULL_OBJECT" as const };
    await bucket.put(
      file,
      { key, sizeBytes: body.sizeBytes, etag, modifiedMs: clock.now(), ...given, checksum },
      condition,
    );
    sendEmpty(response, 200, {
      etag: `"${etag}"`,
      ...(checksum === undefined
        ? {}
        : { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type }),
    });
  } finally {
    await file.discard();
  }
};

/** GetObject and HeadObject: the same answer, with the bytes or without. */
export const getObject: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store } = exchange;
  refuseVersion(exchange);
  const object = await store.bucket(bucketName).open(key);
  try {
    const { head } = object;
    checkRead(head, request.headers);
    const partNumber = queryOf(request, "partNumber");
    const part = partNumber === undefined ? undefined : partRange(head, partNumber);
    const range = part ?? readRange(request.headers.get("range"), head.sizeBytes);
    const { start, length } = range ?? { start: 0, length: head.sizeBytes };
    const withChecksum =
      request.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" && range === undefined;
    response.writeHead(range === undefined ? 200 : 206, {
      ...describeObject(head, { withChecksum }),
      ...overridesOf(exchange),
      "content-length": length,
      ...(range === undefined
        ? {}
        : { "content-range": `bytes ${start}-${start + length - 1}/${head.sizeBytes}` }),
      ...(part !== undefined && head.partSizes !== undefined
        ? { "x-amz-mp-parts-count": String(head.partSizes.length) }
        : {}),
    });
    if (request.method === "HEAD") response.end();
    else await sendBytes(object, { start, length }, response);
  } finally {
    await object.close();
  }
};

/** DeleteObject: what is not there counts as deleted. */
export const deleteObject: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store } = exchange;
  refuseVersion(exchange);
  await store.bucket(bucketName).delete(key, deleteConditionOf(request.headers.get("if-match")));
  sendEmpty(response, 204);
};

function deleteConditionOf(ifMatch: string | undefined) {
  return ifMatch === undefined ? undefined : writeConditionOf(new Map([["if-match", ifMatch]]));
}

/** This store keeps one version of an object, whose id is `null` in S3's terms. */
function refuseVersion({ request }: Exchange): void {
  const version = queryOf(request, "versionId");
  if (version !== undefined && version !== "null") throw new S3Error("NoSuchVersion");
}

/** `response-content-type=…` and its like in the query say what the answer's headers shall be. */
function overridesOf({ request }: Exchange): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of OVERRIDABLE) {
    const value = queryOf(request, `response-${name}`);
    // A line break would end the header.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (value !== undefined && /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      throw new S3Error("InvalidArgument");
    if (value !== undefined) overrides[name] = Buffer.from(value, "utf8").toString("latin1");
  }
  return overrides;
}

const OVERRIDABLE = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
] as const;
