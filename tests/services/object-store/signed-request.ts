import { createHash, createHmac } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import type { StoreAddress } from "./start-store.ts";

export interface SignedRequest {
  readonly method?: string | undefined;
  /** As it goes over the wire; it is signed as `signedPath` says, or as it is. */
  readonly path: string;
  readonly signedPath?: string | undefined;
  /** In the order of their names, encoded. */
  readonly query?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Buffer | string | undefined;
  /** `x-amz-content-sha256`; default: the body's hash. */
  readonly payload?: string | undefined;
  readonly now?: Date | undefined;
  readonly region?: string | undefined;
  /** Headers that are sent and not signed. */
  readonly unsigned?: Readonly<Record<string, string>> | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The code of S3's error document. */
  readonly code: string | undefined;
}

/** A request with a signature of version 4 that is made here, apart from the code under test. */
export function signedRequest(address: StoreAddress, asked: SignedRequest): Promise<Answer> {
  const { method = "GET", path, query = "", body = "", now = new Date(), region = "us-east-1" } = asked;
  const { host, hostname, port } = new URL(address.endpoint);
  const hash = (value: Buffer | string) => createHash("sha256").update(value).digest("hex");
  const hmac = (key: Buffer | string, value: string) => createHmac("sha256", key).update(value).digest();
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const date = time.slice(0, 8);
  const payload = asked.payload ?? hash(body);
  const headers: Record<string, string> = {
    host,
    "x-amz-content-sha256": payload,
    "x-amz-date": time,
    ...asked.headers,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    asked.signedPath ?? path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const scope = `${date}/${region}/s3/aws4_request`;
  const key = [date, region, "s3", "aws4_request"].reduce<Buffer | string>(
    (made, word) => hmac(made, word),
    `AWS4${address.secretAccessKey}`,
  );
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n")).toString("hex");
  return send({
    hostname,
    port,
    method,
    path: query === "" ? path : `${path}?${query}`,
    headers: {
      ...headers,
      ...asked.unsigned,
      "content-length": String(Buffer.byteLength(body)),
      authorization: `AWS4-HMAC-SHA256 Credential=${address.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
    },
    body,
  });
}

export function send(input: {
  readonly hostname: string;
  readonly port: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}): Promise<Answer> {
  const { body, ...options } = input;
  return new Promise((resolve, reject) => {
    const sending = request({ ...options, agent: false }, async (message) => {
      const answer = await text(message).catch(reject);
      if (answer === undefined) return;
      const code = /<Code>([^<]*)<\/Code>/.exec(answer)?.[1];
      resolve({ status: message.statusCode ?? 0, headers: message.headers, body: answer, code });
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
