import { type BucketOperation, type ObjectOperation, sendXml } from "../exchange.ts";
import { queryOf } from "../s3-request.ts";
import { toByteString } from "../store/key-name.ts";
import type { XmlNode } from "../xml.ts";
import { OWNER } from "./buckets.ts";
import { countOf, keyEncoder, optional, prefixesOf } from "./list-objects.ts";
import { findUpload } from "./uploads.ts";

/** ListMultipartUploads: those that have not ended, by key and then by time. */
export const listUploads: BucketOperation = async (exchange, name) => {
  const { request, response, store } = exchange;
  store.bucket(name);
  const maxUploads = countOf(exchange, "max-uploads");
  const { encodingType, encode } = keyEncoder(exchange);
  const prefix = queryOf(request, "prefix") ?? "";
  const delimiter = queryOf(request, "delimiter") ?? "";
  const keyMarker = queryOf(request, "key-marker") ?? "";
  const idMarker = queryOf(request, "upload-id-marker") ?? "";

  const all = store.uploads.inBucket(name).filter((upload) => upload.key.startsWith(prefix));
  const idPosition = all.findIndex((upload) => upload.key === keyMarker && upload.id === idMarker);
  const rest = all.filter((upload, position) => {
    if (keyMarker === "") return true;
    if (upload.key === keyMarker) return idPosition >= 0 && position > idPosition;
    return (
      toByteString(upload.key) > toByteString(keyMarker) &&
      !isFoldedBy(upload.key, keyMarker, prefix, delimiter)
    );
  });
  const folds = new Set<string>();
  const shown: (typeof all)[number][] = [];
  let isTruncated = false;
  let last: { key: string; id: string } | undefined;
  for (const upload of rest) {
    const fold = delimiter === "" ? -1 : upload.key.indexOf(delimiter, prefix.length);
    const common = fold < 0 ? undefined : upload.key.slice(0, fold + delimiter.length);
    if (common !== undefined && folds.has(common)) continue;
    if (shown.length + folds.size >= maxUploads) {
      isTruncated = maxUploads > 0;
      break;
    }
    if (common === undefined) shown.push(upload);
    else folds.add(common);
    last = common === undefined ? { key: upload.key, id: upload.id } : { key: common, id: "" };
  }
  sendXml(response, "ListMultipartUploadsResult", [
    ["Bucket", name],
    ["KeyMarker", encode(keyMarker)],
    ["UploadIdMarker", idMarker],
    ...(isTruncated && last !== undefined
      ? ([
          ["NextKeyMarker", encode(last.key)],
          ["NextUploadIdMarker", last.id],
        ] as const)
      : []),
    ["Prefix", encode(prefix)],
    ...optional("Delimiter", encode(delimiter)),
    ...optional("EncodingType", encodingType),
    ["MaxUploads", maxUploads],
    ["IsTruncated", isTruncated],
    ...shown.map(
      (upload): XmlNode => [
        "Upload",
        [
          ["Key", encode(upload.key)],
          ["UploadId", upload.id],
          ["Initiator", OWNER],
          ["Owner", OWNER],
          ["StorageClass", "STANDARD"],
          ["Initiated", new Date(upload.startedMs).toISOString()],
          ...(upload.checksum === undefined
            ? []
            : ([
                ["ChecksumAlgorithm", upload.checksum.algorithm],
                ["ChecksumType", upload.checksum.type],
              ] as const)),
        ],
      ],
    ),
    ...prefixesOf([...folds].map(toByteString), encode),
  ]);
};

/** ListParts. */
export const listParts: ObjectOperation = async (exchange, bucketName, key) => {
  const { request, response, store } = exchange;
  const upload = findUpload(exchange, bucketName, key);
  const maxParts = countOf(exchange, "max-parts");
  const { encodingType, encode } = keyEncoder(exchange);
  const marker = Number(queryOf(request, "part-number-marker") ?? 0) || 0;
  const rest = (await store.uploads.parts(upload)).filter((part) => part.number > marker);
  const page = rest.slice(0, maxParts);
  const isTruncated = rest.length > page.length && maxParts > 0;
  sendXml(response, "ListPartsResult", [
    ["Bucket", bucketName],
    ["Key", encode(key)],
    ["UploadId", upload.id],
    ["Initiator", OWNER],
    ["Owner", OWNER],
    ["StorageClass", "STANDARD"],
    ["PartNumberMarker", marker],
    ["NextPartNumberMarker", page.at(-1)?.number ?? 0],
    ["MaxParts", maxParts],
    ...optional("EncodingType", encodingType),
    ["IsTruncated", isTruncated],
    ...(upload.checksum === undefined
      ? []
      : ([
          ["ChecksumAlgorithm", upload.checksum.algorithm],
          ["ChecksumType", upload.checksum.type],
        ] as const)),
    ...page.map(
      (part): XmlNode => [
        "Part",
        [
          ["PartNumber", part.number],
          ["LastModified", new Date(part.modifiedMs).toISOString()],
          ["ETag", `"${part.etag}"`],
          ["Size", part.sizeBytes],
          ...(part.checksum === undefined
            ? []
            : [[`Checksum${part.checksum.algorithm}`, part.checksum.value] as const]),
        ],
      ],
    ),
  ]);
};

function isFoldedBy(key: string, marker: string, prefix: string, delimiter: string): boolean {
  return (
    delimiter !== "" &&
    marker.indexOf(delimiter, prefix.length) === marker.length - delimiter.length &&
    marker.length > prefix.length &&
    key.startsWith(marker)
  );
}
