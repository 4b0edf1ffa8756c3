import type { IncomingMessage } from "node:http";
import { S3Error } from "./s3-error.ts";

/** A request as S3 reads it: what it names is decoded once, here. */
export interface S3Request {
  readonly method: string;
  /** Undefined for the service itself (the list of buckets). */
  readonly bucket: string | undefined;
  /** Undefined for a bucket; never empty. Everything after the bucket's slash, as it came: `//x`, `../x`. */
  readonly key: string | undefined;
  /** The decoded path, from its first slash: what was signed. */
  readonly path: string;
  /** Decoded, in the order in which they came. */
  readonly queryPairs: readonly (readonly [name: string, value: string])[];
  /** By small-letter name; values hold one character a byte; one that came twice is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly message: IncomingMessage;
}

/** Reads path, query and headers; throws InvalidURI, or KeyTooLongError over 1024 bytes of key. */
export function readRequest(message: IncomingMessage): S3Request {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const path = decodePercent(mark < 0 ? url : url.slice(0, mark));
  if (!path.startsWith("/")) throw new S3Error("InvalidURI");
  const headers = readHeaders(message.rawHeaders);
  const { bucket, key } = splitPath(path, virtualBucket(headers.get("host") ?? ""));
  if (key !== undefined && Buffer.byteLength(key, "utf8") > MAX_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", { details: { MaxSizeAllowed: String(MAX_KEY_BYTES) } });
  }
  return {
    method: message.method ?? "GET",
    bucket,
    key,
    path,
    queryPairs: mark < 0 ? [] : readQuery(url.slice(mark + 1)),
    headers,
    message,
  };
}

/** The first value of a query parameter; "" for one that is only named. */
export function queryOf(request: S3Request, name: string): string | undefined {
  return request.queryPairs.find(([given]) => given === name)?.[1];
}

const MAX_KEY_BYTES = 1024;

/** `bucket.localhost` as a host name is the virtual-hosted style; every other host is followed by a path. */
function virtualBucket(host: string): string | undefined {
  return /^(.+)\.localhost(?::\d+)?$/i.exec(host)?.[1];
}

function splitPath(path: string, virtual: string | undefined): { bucket?: string; key?: string } {
  const rest = path.slice(1);
  if (virtual !== undefined) return rest === "" ? { bucket: virtual } : { bucket: virtual, key: rest };
  if (rest === "") return {};
  const slash = rest.indexOf("/");
  if (slash < 0) return { bucket: rest };
  const key = rest.slice(slash + 1);
  return key === "" ? { bucket: rest.slice(0, slash) } : { bucket: rest.slice(0, slash), key };
}

function readQuery(query: string): [string, string][] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decodePercent(name.replaceAll("+", " ")), decodePercent(value.replaceAll("+", " "))];
    });
}

function readHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    const value = (raw[i + 1] ?? "").trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Percent-decoding to UTF-8; a wrong escape and bytes that are no UTF-8 are refused, not replaced. */
export function decodePercent(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new S3Error("InvalidURI");
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    return utf8.decode(Buffer.from(bytes, "latin1"));
  } catch (error) {
    throw new S3Error("InvalidURI", { cause: error });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
