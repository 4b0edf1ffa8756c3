import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, UserError } from "../../../core/errors.ts";
import type { Answer, Stores } from "./call.ts";
import { getArtifact } from "./calls/artifacts.ts";
import { type Fields, fieldsOfJson, fieldsOfQuery } from "./fields.ts";
import { refusedHost } from "./host-check.ts";
import { invalid, MlflowError } from "./mlflow-error.ts";
import { findRoute } from "./routes.ts";

/** The version of MLflow that the server answers like. */
export const MLFLOW_VERSION = "3.17.0";

/** A data set's profile alone may have 16 MB. */
const MAX_BODY_BYTES = 20_000_000;

/** Answers one request, whatever it is: a failure is an answer too, and the connection stays usable. */
export async function answerRequest(
  stores: Stores,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader("x-content-type-options", "nosniff");
  try {
    await route(stores, request, response);
  } catch (error) {
    sendError(request, response, error);
  }
}

async function route(stores: Stores, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? "GET";
  const [pathname = "/", query = ""] = splitUrl(request.url ?? "/");
  const refusal = refusedHost({ method, pathname, headers: request.headers });
  if (refusal !== undefined) return sendText(request, response, 403, refusal);
  if (method === "OPTIONS") {
    response.writeHead(204, { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" }).end();
    return;
  }
  switch (pathname) {
    case "/":
      return sendText(request, response, 200, WELCOME);
    case "/health":
      return sendText(request, response, 200, "OK");
    case "/version":
      return sendText(request, response, 200, MLFLOW_VERSION);
    case "/get-artifact":
      return getArtifact({ stores, path: {} }, request, response);
  }
  if (/^\/(ajax-)?api\/3\.0\/mlflow\/server-info$/.test(pathname)) {
    return sendJson(request, response, 200, SERVER_INFO);
  }
  const call = /^\/(?:ajax-)?api\/2\.0\/(.+)$/s.exec(pathname)?.[1];
  const found = findRoute(method, call ?? "");
  if (found.kind === "unknown") throw unknownCall(method, pathname);
  if (found.kind === "other-method") {
    response.setHeader("allow", found.methods.join(", "));
    throw new MlflowError(
      "ENDPOINT_NOT_FOUND",
      `${pathname} has no ${method}, only ${found.methods.join(", ")}.`,
    );
  }
  if (found.kind === "raw") return found.handler({ stores, path: found.path }, request, response);
  const fields = await readFields(request, method, query);
  await sendAnswer(request, response, await found.handler({ stores, fields, path: found.path }));
}

const WELCOME =
  "This is taller's embedded tracking server. It speaks MLflow's REST API and has no pages of its own: use " +
  "mlflow.set_tracking_uri(…) in Python, or `taller runs`.\n";

/** What clients ask before they upload: no parts, no presigned addresses. */
const SERVER_INFO = {
  store_type: "SqlStore",
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: false,
  presigned_upload_model_id_supported: false,
  features_enabled: { gateway: false },
};

function unknownCall(method: string, pathname: string): MlflowError {
  return new MlflowError(
    "ENDPOINT_NOT_FOUND",
    `taller's embedded tracking server has no ${method} ${pathname}: it keeps experiments, runs, artifacts, logged and ` +
      "registered models. For the rest of MLflow (traces, prompts' pages, the gateway), start `mlflow server` and set " +
      "TALLER_MLFLOW_URI.",
  );
}

function splitUrl(url: string): readonly [string, string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}

async function readFields(request: IncomingMessage, method: string, query: string): Promise<Fields> {
  if (method === "GET" || method === "HEAD") return fieldsOfQuery(new URLSearchParams(query));
  const text = await readBody(request);
  if (text === "") return fieldsOfJson({});
  // A page can post anything but JSON without asking first.
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw invalid("Bad Request. Content-Type must be one of ['application/json'].");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("The request's body is not JSON.");
  }
  return fieldsOfJson(value);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // After a refusal the rest is still to be read, so the request must live on.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw invalid(`The request's body is longer than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (!isStream(answer)) return sendJson(request, response, 200, answer);
  response.writeHead(200, { "content-type": "application/json" });
  if (request.method === "HEAD") response.end();
  else await pipeline(Readable.from(joined(answer)), response);
}

function isStream(answer: Answer): answer is AsyncIterable<string> {
  return Symbol.asyncIterator in answer;
}

/** Pieces of about 64 kB: a write for each small one would cost more than the rest. */
async function* joined(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let waiting: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < 65_536) continue;
    yield waiting.join("");
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join("");
}

function sendJson(request: IncomingMessage, response: ServerResponse, status: number, value: unknown): void {
  send(request, response, { status, type: "application/json", text: JSON.stringify(value) });
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, { status, type: "text/plain; charset=utf-8", text });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  content: { status: number; type: string; text: string },
): void {
  const bytes = Buffer.from(content.text, "utf8");
  response.writeHead(content.status, {
    "content-type": content.type,
    "content-length": String(bytes.length),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed || request.socket.destroyed) {
    // Half an answer is out, or nobody is there any more: only the connection's end can say so.
    response.destroy();
    return;
  }
  const known =
    error instanceof MlflowError
      ? error
      : new MlflowError(
          "INTERNAL_ERROR",
          error instanceof UserError ? `${error.what.en} ${error.where ?? ""}` : messageOf(error),
        );
  sendJson(request, response, known.status, known.toJson());
  // What was not read of the body would be taken for the next request.
  request.resume();
}
