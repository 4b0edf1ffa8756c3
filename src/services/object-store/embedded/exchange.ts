import type { ServerResponse } from "node:http";
import type { Clock } from "../../../core/effects.ts";
import type { Admission } from "./auth/authenticate.ts";
import type { S3Request } from "./s3-request.ts";
import type { Store } from "./store/store.ts";
import { renderXml, type XmlNode } from "./xml.ts";

/** One request that was let in, and what its answer needs. */
export interface Exchange {
  readonly request: S3Request;
  readonly response: ServerResponse;
  readonly admission: Admission;
  readonly store: Store;
  readonly clock: Clock;
  /** Tells a client that waits for it (`Expect: 100-continue`) to send its body. */
  willReadBody(): void;
}

/** An operation on the service. */
export type Operation = (exchange: Exchange) => Promise<void>;
/** An operation on a bucket, which may not exist. */
export type BucketOperation = (exchange: Exchange, bucket: string) => Promise<void>;
/** An operation on a key. */
export type ObjectOperation = (exchange: Exchange, bucket: string, key: string) => Promise<void>;

export function sendXml(response: ServerResponse, root: string, content: string | readonly XmlNode[]): void {
  const body = Buffer.from(renderXml(root, content), "utf8");
  response.writeHead(200, { "content-type": "application/xml", "content-length": body.length });
  response.end(body);
}

export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  // RFC 9110, 8.6: an answer 204 has no length.
  response.writeHead(status, status === 204 ? headers : { "content-length": "0", ...headers });
  response.end();
}
