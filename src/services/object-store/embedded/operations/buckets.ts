import { receiveText } from "../body/receive.ts";
import { type BucketOperation, type Operation, sendEmpty, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { childText, parseXml, type XmlNode } from "../xml.ts";

/** ListBuckets, all on one page. */
export const listBuckets: Operation = async ({ response, store }) => {
  const buckets = store.buckets.map(
    (bucket): XmlNode => [
      "Bucket",
      [
        ["Name", bucket.name],
        ["CreationDate", new Date(bucket.createdMs).toISOString()],
      ],
    ],
  );
  sendXml(response, "ListAllMyBucketsResult", [
    ["Owner", OWNER],
    ["Buckets", buckets],
  ]);
};

/** CreateBucket, with a region in its body or without one. */
export const createBucket: BucketOperation = async (exchange, name) => {
  const { request, response, store, clock } = exchange;
  const text = hasBody(request.headers) ? await receiveText(exchange) : "";
  const constraint = text.trim() === "" ? undefined : childText(parseXml(text), "LocationConstraint");
  await store.createBucket(name, { createdMs: clock.now(), region: constraint?.trim() || DEFAULT_REGION });
  sendEmpty(response, 200, { location: `/${name}` });
};

/** HeadBucket. */
export const headBucket: BucketOperation = async ({ response, store }, name) => {
  const { region } = store.bucket(name);
  sendEmpty(response, 200, { "x-amz-bucket-region": region });
};

/** DeleteBucket; throws BucketNotEmpty. */
export const deleteBucket: BucketOperation = async ({ response, store }, name) => {
  await store.deleteBucket(name);
  sendEmpty(response, 204);
};

/** GetBucketLocation: empty for us-east-1, as S3 answers. */
export const bucketLocation: BucketOperation = async ({ response, store }, name) => {
  const { region } = store.bucket(name);
  sendXml(response, "LocationConstraint", region === DEFAULT_REGION ? "" : region);
};

/** GetBucketVersioning: never turned on. */
export const bucketVersioning: BucketOperation = async ({ response, store }, name) => {
  store.bucket(name);
  sendXml(response, "VersioningConfiguration", []);
};

/** GetBucketAcl and GetObjectAcl: all is the owner's. */
export const ownerAcl: BucketOperation = async ({ response, store }, name) => {
  store.bucket(name);
  sendXml(response, "AccessControlPolicy", [
    ["Owner", OWNER],
    ["AccessControlList", []],
  ]);
};

/** What is not set on any bucket here. */
export function notSet(code: ConstructorParameters<typeof S3Error>[0]): BucketOperation {
  return async ({ store }, name) => {
    store.bucket(name);
    throw new S3Error(code, { details: { BucketName: name } });
  };
}

export const OWNER: readonly XmlNode[] = [
  ["ID", "taller"],
  ["DisplayName", "taller"],
];

const DEFAULT_REGION = "us-east-1";

function hasBody(headers: ReadonlyMap<string, string>): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
}
