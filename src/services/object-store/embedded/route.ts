import type { BucketOperation, Exchange, ObjectOperation } from "./exchange.ts";
import {
  bucketLocation,
  bucketVersioning,
  createBucket,
  deleteBucket,
  headBucket,
  listBuckets,
  notSet,
  ownerAcl,
} from "./operations/buckets.ts";
import { completeUpload } from "./operations/complete-upload.ts";
import { copyObject } from "./operations/copy.ts";
import { deleteObjects } from "./operations/delete-objects.ts";
import { listObjectsV1, listObjectsV2 } from "./operations/list-objects.ts";
import { listParts, listUploads } from "./operations/list-uploads.ts";
import { deleteObject, getObject, putObject } from "./operations/objects.ts";
import { objectTags } from "./operations/tags.ts";
import { abortUpload, beginUpload, copyPart, uploadPart } from "./operations/uploads.ts";
import { S3Error } from "./s3-error.ts";
import { queryOf } from "./s3-request.ts";

/** Finds the operation that a request asks for and runs it; throws S3Error where there is none. */
export async function route(exchange: Exchange): Promise<void> {
  const { method, bucket, key } = exchange.request;
  if (bucket === undefined) {
    if (method !== "GET") throw new S3Error("MethodNotAllowed");
    return listBuckets(exchange);
  }
  if (key === undefined) return bucketOperation(exchange)(exchange, bucket);
  return objectOperation(exchange, method)(exchange, bucket, key);
}

function bucketOperation({ request }: Exchange): BucketOperation {
  const has = (name: string) => queryOf(request, name) !== undefined;
  const aspect = BUCKET_ASPECTS.find(has);
  switch (request.method) {
    case "GET": {
      if (aspect !== undefined) return BUCKET_GETS[aspect] ?? notServed(aspect);
      return queryOf(request, "list-type") === "2" ? listObjectsV2 : listObjectsV1;
    }
    case "HEAD":
      return headBucket;
    case "PUT":
      return aspect === undefined ? createBucket : notServed(aspect);
    case "DELETE":
      return aspect === undefined ? deleteBucket : notServed(aspect);
    case "POST":
      return has("delete") ? deleteObjects : notServed("A form upload");
  }
  throw new S3Error("MethodNotAllowed");
}

function objectOperation({ request }: Exchange, method: string): ObjectOperation {
  const has = (name: string) => queryOf(request, name) !== undefined;
  const aspect = OBJECT_ASPECTS.find(has);
  const isCopy = request.headers.has("x-amz-copy-source");
  switch (method) {
    case "GET":
      if (has("uploadId")) return listParts;
      if (aspect !== undefined) return OBJECT_GETS[aspect] ?? notServed(aspect);
      return getObject;
    case "HEAD":
      return getObject;
    case "PUT":
      if (aspect !== undefined) return notServed(aspect);
      if (has("uploadId") || has("partNumber")) return isCopy ? copyPart : uploadPart;
      return isCopy ? copyObject : putObject;
    case "DELETE":
      if (aspect !== undefined) return notServed(aspect);
      return has("uploadId") ? abortUpload : deleteObject;
    case "POST":
      if (has("uploads")) return beginUpload;
      if (has("uploadId")) return completeUpload;
      return notServed(aspect ?? "This POST");
  }
  throw new S3Error("MethodNotAllowed");
}

function notServed(what: string): () => Promise<never> {
  return async () => {
    throw new S3Error("NotImplemented", { message: `${what} is not served here.` });
  };
}

/** What a bucket can be asked for besides its keys, by the query parameter that names it. */
const BUCKET_GETS: Readonly<Record<string, BucketOperation | undefined>> = {
  location: bucketLocation,
  uploads: listUploads,
  versioning: bucketVersioning,
  acl: ownerAcl,
  policy: notSet("NoSuchBucketPolicy"),
  tagging: notSet("NoSuchTagSet"),
  cors: notSet("NoSuchCORSConfiguration"),
  lifecycle: notSet("NoSuchLifecycleConfiguration"),
  encryption: notSet("ServerSideEncryptionConfigurationNotFoundError"),
  replication: notSet("ReplicationConfigurationNotFoundError"),
  website: notSet("NoSuchWebsiteConfiguration"),
  "object-lock": notSet("ObjectLockConfigurationNotFoundError"),
  ownershipControls: notSet("OwnershipControlsNotFoundError"),
  publicAccessBlock: notSet("NoSuchPublicAccessBlockConfiguration"),
};

const BUCKET_ASPECTS: readonly string[] = [
  ...Object.keys(BUCKET_GETS),
  "versions",
  "policyStatus",
  "logging",
  "notification",
  "accelerate",
  "requestPayment",
  "analytics",
  "metrics",
  "inventory",
  "intelligent-tiering",
];

const OBJECT_GETS: Readonly<Record<string, ObjectOperation | undefined>> = {
  acl: ownerAcl,
  tagging: objectTags,
};

const OBJECT_ASPECTS: readonly string[] = [
  ...Object.keys(OBJECT_GETS),
  "attributes",
  "legal-hold",
  "retention",
  "torrent",
  "restore",
  "select",
];
