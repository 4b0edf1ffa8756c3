import { encodeForAws } from "../auth/canonical-request.ts";
import { type BucketOperation, type Exchange, sendXml } from "../exchange.ts";
import { S3Error } from "../s3-error.ts";
import { queryOf } from "../s3-request.ts";
import { fromByteString, toByteString } from "../store/key-name.ts";
import type { PagePosition } from "../store/list-page.ts";
import type { XmlNode } from "../xml.ts";
import { OWNER } from "./buckets.ts";

/** ListObjectsV2. */
export const listObjectsV2: BucketOperation = async (exchange, name) => {
  const { request, response, store } = exchange;
  const asked = readAsked(exchange);
  const token = queryOf(request, "continuation-token");
  const startAfter = queryOf(request, "start-after") ?? "";
  const after = token === undefined ? positionAfter(startAfter, asked) : positionOfToken(token);
  const page = await store.bucket(name).list({ ...asked.bytes, after, maxKeys: asked.maxKeys });
  const { encode } = asked;
  const contents = contentsOf(page, encode, queryOf(request, "fetch-owner") === "true");
  sendXml(response, "ListBucketResult", [
    ["Name", name],
    ["Prefix", encode(asked.prefix)],
    ...optional("Delimiter", encode(asked.delimiter)),
    ...optional("StartAfter", encode(startAfter)),
    ...optional("ContinuationToken", token ?? ""),
    ...(page.next === undefined ? [] : [["NextContinuationToken", tokenOf(page.next)] as const]),
    ["KeyCount", contents.length + page.commonPrefixes.length],
    ["MaxKeys", asked.maxKeys],
    ...optional("EncodingType", asked.encodingType),
    ["IsTruncated", page.next !== undefined],
    ...contents,
    ...prefixesOf(page.commonPrefixes, encode),
  ]);
};

/** ListObjects, the first version: it goes on from a marker, which is a key or a common prefix. */
export const listObjectsV1: BucketOperation = async (exchange, name) => {
  const { request, response, store } = exchange;
  const asked = readAsked(exchange);
  const marker = queryOf(request, "marker") ?? "";
  const page = await store
    .bucket(name)
    .list({ ...asked.bytes, after: positionAfter(marker, asked), maxKeys: asked.maxKeys });
  const { encode } = asked;
  sendXml(response, "ListBucketResult", [
    ["Name", name],
    ["Prefix", encode(asked.prefix)],
    ["Marker", encode(marker)],
    // S3 names it only where the last thing on the page may be a common prefix.
    ...(page.next !== undefined && asked.delimiter !== ""
      ? [["NextMarker", encode(fromByteString(page.next.bytes))] as const]
      : []),
    ["MaxKeys", asked.maxKeys],
    ...optional("Delimiter", encode(asked.delimiter)),
    ...optional("EncodingType", asked.encodingType),
    ["IsTruncated", page.next !== undefined],
    ...contentsOf(page, encode, true),
    ...prefixesOf(page.commonPrefixes, encode),
  ]);
};

/** `encoding-type=url` asks for keys that XML can always hold. The slash stays, as in S3. */
export function keyEncoder({ request }: Exchange): {
  encodingType: string;
  encode: (text: string) => string;
} {
  const encodingType = queryOf(request, "encoding-type") ?? "";
  if (encodingType !== "" && encodingType !== "url") throw invalid("encoding-type", encodingType);
  const encode = encodingType === "" ? (text: string) => text : (text: string) => encodeKey(text);
  return { encodingType, encode };
}

/** A count from the query, at most 1000; throws InvalidArgument. */
export function countOf({ request }: Exchange, name: string): number {
  const text = queryOf(request, name) ?? "";
  if (text === "") return MAX_COUNT;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) throw invalid(name, text);
  return Math.min(MAX_COUNT, Number(text));
}

export function optional(name: string, text: string): XmlNode[] {
  return text === "" ? [] : [[name, text]];
}

export function prefixesOf(prefixes: readonly string[], encode: (text: string) => string): XmlNode[] {
  return prefixes.map((bytes) => ["CommonPrefixes", [["Prefix", encode(fromByteString(bytes))]]]);
}

const MAX_COUNT = 1000;

interface Asked {
  readonly prefix: string;
  readonly delimiter: string;
  readonly bytes: { readonly prefix: string; readonly delimiter: string };
  readonly maxKeys: number;
  readonly encodingType: string;
  readonly encode: (text: string) => string;
}

function readAsked(exchange: Exchange): Asked {
  const prefix = queryOf(exchange.request, "prefix") ?? "";
  const delimiter = queryOf(exchange.request, "delimiter") ?? "";
  return {
    prefix,
    delimiter,
    bytes: { prefix: toByteString(prefix), delimiter: toByteString(delimiter) },
    maxKeys: countOf(exchange, "max-keys"),
    ...keyEncoder(exchange),
  };
}

/** A name that is itself a common prefix of this listing stands for all that it folds. */
function positionAfter(name: string, { prefix, delimiter }: Asked): PagePosition | undefined {
  if (name === "") return undefined;
  const isFold =
    delimiter !== "" &&
    name.startsWith(prefix) &&
    name.indexOf(delimiter, prefix.length) === name.length - delimiter.length;
  return { kind: isFold && name.length > prefix.length ? "prefix" : "key", bytes: toByteString(name) };
}

function tokenOf({ kind, bytes }: PagePosition): string {
  return Buffer.from(`${kind === "key" ? "k" : "p"}${bytes}`, "latin1").toString("base64url");
}

function positionOfToken(token: string): PagePosition {
  const text = Buffer.from(token, "base64url").toString("latin1");
  if (!/^[kp]./s.test(text)) throw invalid("continuation-token", token);
  return { kind: text.startsWith("k") ? "key" : "prefix", bytes: text.slice(1) };
}

function contentsOf(
  page: { readonly keys: readonly string[]; readonly summaries: readonly (Summary | undefined)[] },
  encode: (text: string) => string,
  withOwner: boolean,
): XmlNode[] {
  return page.keys.flatMap((bytes, position): XmlNode[] => {
    const summary = page.summaries[position];
    // Removed while the page was made, or its file is damaged.
    if (summary === undefined) return [];
    return [
      [
        "Contents",
        [
          ["Key", encode(fromByteString(bytes))],
          ["LastModified", new Date(summary.modifiedMs).toISOString()],
          ["ETag", `"${summary.etag}"`],
          ["Size", summary.sizeBytes],
          ...(withOwner ? [["Owner", OWNER] as const] : []),
          ["StorageClass", "STANDARD"],
        ],
      ],
    ];
  });
}

interface Summary {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
}

function encodeKey(text: string): string {
  return text.split("/").map(encodeForAws).join("/");
}

function invalid(name: string, value: string): S3Error {
  return new S3Error("InvalidArgument", {
    message: `${name} is not valid.`,
    details: { ArgumentName: name, ArgumentValue: value },
  });
}
