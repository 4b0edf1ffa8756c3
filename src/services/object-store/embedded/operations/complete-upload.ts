import { createHash } from "node:crypto";
import { receiveText } from "../body/receive.ts";
import { CHECKSUM_ALGORITHMS, checksumHeader, startChecksum } from "../checksum.ts";
import { type ObjectOperation, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf } from "../s3-request.ts";
import type { NewObjectFile } from "../store/new-object-file.ts";
import type { ObjectHead, StoredChecksum } from "../store/object-file.ts";
import type { Store } from "../store/store.ts";
import type { Upload } from "../store/uploads.ts";
import { childText, parseXml } from "../xml.ts";
import { unquote, writeConditionOf } from "./conditions.ts";
import { readBlocks } from "./send-object.ts";
import { MAX_PART_NUMBER } from "./uploads.ts";

/**
 * CompleteMultipartUpload: the parts that are named, in their order, become the object. Asked again (by a client that
 * lost the answer) it gives the same answer.
 */
export const completeUpload: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store, clock } = exchange;
  const bucket = store.bucket(bucketName);
  const condition = writeConditionOf(request.headers);
  const id = queryOf(request, "uploadId") ?? "";
  const named = readNamedParts(await receiveText(exchange));
  const head = await store.uploads.alone(id, async () => {
    const done = store.uploads.completed(id, bucketName, key);
    if (done !== undefined) return done;
    const upload = store.uploads.find(id, bucketName, key);
    await bucket.check(key, condition);
    const file = store.newFile();
    try {
      await checkParts(store, upload, named);
      const joined = await joinParts(store, upload, named, file);
      checkWhole(joined, request.headers);
      const { headers, user } = upload;
      const made: ObjectHead = { key, modifiedMs: clock.now(), headers, user, ...joined };
      await bucket.put(file, made, condition);
      await store.uploads.end(upload, made);
      return made;
    } finally {
      await file.discard();
    }
  });
  const { checksum } = head;
  sendXml(response, "CompleteMultipartUploadResult", [
    ["Location", `http://${request.headers.get("host") ?? ""}/${bucketName}/${encodeURIComponent(key)}`],
    ["Bucket", bucketName],
    ["Key", key],
    ["ETag", `"${head.etag}"`],
    ...(checksum === undefined
      ? []
      : ([
          [`Checksum${checksum.algorithm}`, checksum.value],
          ["ChecksumType", checksum.type],
        ] as const)),
  ]);
};

interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** Every part but the last has at least 5 MiB (S3 user guide, "Multipart upload limits"). */
const MIN_PART_BYTES = 5 * 1024 ** 2;

function readNamedParts(text: string): NamedPart[] {
  const root = parseXml(text);
  const parts = root.children.filter((child) => child.name === "Part");
  if (root.name !== "CompleteMultipartUpload" || parts.length === 0 || parts.length > MAX_PART_NUMBER) {
    throw new S3Error("MalformedXML");
  }
  let before = 0;
  return parts.map((part) => {
    const number = Number(childText(part, "PartNumber"));
    const etag = childText(part, "ETag");
    if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER || etag === undefined) {
      throw new S3Error("MalformedXML");
    }
    if (number <= before) throw new S3Error("InvalidPartOrder");
    before = number;
    const checksums = CHECKSUM_ALGORITHMS.map((algorithm) => childText(part, `Checksum${algorithm}`));
    return { number, etag: unquote(etag), checksum: checksums.find((value) => value !== undefined) };
  });
}

type Joined = Pick<ObjectHead, "sizeBytes" | "etag" | "checksum" | "partSizes">;

/** The heads of the parts that are named; throws InvalidPart, or EntityTooSmall where all are there. */
async function checkParts(store: Store, upload: Upload, named: readonly NamedPart[]): Promise<void> {
  const details = (number: number) => ({ UploadId: upload.id, PartNumber: String(number) });
  const sizes: number[] = [];
  for (const { number, etag, checksum } of named) {
    const part = await store.uploads.openPart(upload, number);
    await part.close();
    const { head } = part;
    const isSame = checksum === undefined || head.checksum === undefined || head.checksum.value === checksum;
    if (head.etag !== etag || !isSame) {
      throw new S3Error("InvalidPart", { details: { ...details(number), ETag: etag } });
    }
    sizes.push(head.sizeBytes);
  }
  const small = sizes.findIndex((size, position) => size < MIN_PART_BYTES && position < sizes.length - 1);
  if (small < 0) return;
  throw new S3Error("EntityTooSmall", {
    details: {
      ...details(named[small]?.number ?? 0),
      ProposedSize: String(sizes[small]),
      MinSizeAllowed: String(MIN_PART_BYTES),
    },
  });
}

/** Writes the parts one after the other; ETag and composite checksum are of the parts' own, as S3's. */
async function joinParts(
  store: Store,
  upload: Upload,
  named: readonly NamedPart[],
  file: NewObjectFile,
): Promise<Joined> {
  const md5OfMd5s = createHash("md5");
  const running = upload.checksum === undefined ? undefined : startChecksum(upload.checksum.algorithm);
  const isComposite = upload.checksum?.type === "COMPOSITE";
  const partSizes: number[] = [];
  for (const { number, etag } of named) {
    const part = await store.uploads.openPart(upload, number);
    try {
      const { head } = part;
      // Uploaded again since it was checked.
      if (head.etag !== etag) throw new S3Error("InvalidPart", { details: { PartNumber: String(number) } });
      partSizes.push(head.sizeBytes);
      md5OfMd5s.update(Buffer.from(head.etag, "hex"));
      if (isComposite) running?.update(Buffer.from(head.checksum?.value ?? "", "base64"));
      for await (const block of readBlocks(part, { start: 0, length: head.sizeBytes })) {
        const writing = file.write(block);
        if (!isComposite) running?.update(block);
        await writing;
      }
    } finally {
      await part.close();
    }
  }
  return {
    sizeBytes: partSizes.reduce((sum, size) => sum + size, 0),
    etag: `${md5OfMd5s.digest("hex")}-${named.length}`,
    partSizes,
    checksum:
      upload.checksum === undefined || running === undefined
        ? undefined
        : {
            ...upload.checksum,
            value: running.digest().toString("base64") + (isComposite ? `-${named.length}` : ""),
          },
  };
}

/** The client may say what the whole must be. */
function checkWhole({ sizeBytes, checksum }: Joined, headers: ReadonlyMap<string, string>): void {
  const size = headers.get("x-amz-mp-object-size");
  if (size !== undefined && size !== String(sizeBytes)) {
    throw new S3Error("InvalidRequest", {
      message: `The parts have ${sizeBytes} bytes together; x-amz-mp-object-size says ${size}.`,
    });
  }
  const claimed = checksum === undefined ? undefined : headers.get(checksumHeader(checksum.algorithm));
  if (claimed !== undefined && checksum !== undefined && !isSameChecksum(claimed, checksum)) {
    throw new S3Error("BadDigest");
  }
}

/** A composite checksum may be sent without its number of parts. */
function isSameChecksum(claimed: string, { value, type }: StoredChecksum): boolean {
  return claimed === value || (type === "COMPOSITE" && claimed === value.replace(/-\d+$/, ""));
}
