import http from "node:http";
import type { RouterRequest } from "../../exercise.ts";
import { NotDataError } from "../harness/plain-data.ts";
import { duplexPair } from "./duplex-pair.ts";
import type { RawResponse } from "./protocol.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * Sends one request to a server that listens nowhere: Node's own HTTP on both ends, over a pair of streams
 * ("connection" may be emitted by hand: https://nodejs.org/api/http.html#event-connection).
 */
export function inject(server: http.Server, request: RouterRequest): Promise<RawResponse> {
  const [client, remote] = duplexPair();
  server.emit("connection", remote);
  const { body, isJson } = bodyOf(request);
  return new Promise((resolve, reject) => {
    const sent = http.request({
      method: request.method,
      path: request.path,
      headers: {
        host: "localhost",
        ...(isJson ? { "content-type": "application/json" } : {}),
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        ...request.headers,
      },
      // With this and no agent, no socket is opened.
      createConnection: () => client,
    });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) {
          client.destroy();
          reject(new NotDataError(`response: more than ${MAX_BODY_BYTES / 1e6} MB`));
        }
      });
      response.on("end", () => {
        client.destroy();
        resolve({
          status: response.statusCode ?? 0,
          headers: flatHeaders(response.headers),
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    sent.end(body);
  });
}

function bodyOf({ body }: RouterRequest): { body: string | undefined; isJson: boolean } {
  if (body === undefined) return { body: undefined, isJson: false };
  if (typeof body === "string") return { body, isJson: false };
  return { body: JSON.stringify(body), isJson: true };
}

function flatHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
