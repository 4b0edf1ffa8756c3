import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Clock, systemClock } from "../../../core/effects.ts";
import { messageOf, systemCode } from "../../../core/errors.ts";
import { lockFolder } from "../../folder-lock.ts";
import { listen } from "../../listen.ts";
import { authenticate } from "./auth/authenticate.ts";
import { route } from "./route.ts";
import { S3Error } from "./s3-error.ts";
import { readRequest } from "./s3-request.ts";
import { Store } from "./store/store.ts";
import { renderXml } from "./xml.ts";

export interface ObjectStoreOptions {
  /** Made if missing; its layout is that of store/store.ts. One process at a time. */
  readonly folder: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Default 127.0.0.1: other machines don't reach it. */
  readonly host?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Told, in English, of what no client can be told: a damaged file, an error of the store's own. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface RunningObjectStore {
  /** `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  readonly port: number;
  /** Ends every connection and gives the folder back; what was answered with success stays. Twice is once. */
  close(): Promise<void>;
}

/**
 * S3 over a folder, for the clients of S3 (Amazon S3 API reference, 2006-03-01): path style, signatures of version 4.
 * Every write that was answered with success is durable; every other leaves no trace. Throws a UserError for a busy
 * port, for a folder that another process serves, and for a disk that can't be written.
 */
export async function startObjectStore(options: ObjectStoreOptions): Promise<RunningObjectStore> {
  const { folder, port, host = "127.0.0.1", clock = systemClock } = options;
  const warn = options.onWarning ?? (() => {});
  const lock = await lockFolder(folder, "object store");
  try {
    const store = await Store.open(folder, warn);
    const running = new Set<Promise<void>>();
    const answer = (message: IncomingMessage, response: ServerResponse, waits: boolean) => {
      const serving = serve({ message, response, waits, store, credentials: options, clock, warn });
      running.add(serving);
      void serving.finally(() => running.delete(serving));
    };
    // An upload takes as long as it takes; only the headers have to come in time.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
    server.timeout = IDLE_MS;
    server.on("request", (message, response) => answer(message, response, false));
    server.on("checkContinue", (message, response) => answer(message, response, true));
    const close = async () => {
      await closeServer(server);
      // What is being written ends before the folder is another's.
      await Promise.all(running);
      await lock.release();
    };
    let closing: Promise<void> | undefined;
    const boundPort = await listen(server, { host, port, service: "s3" });
    return {
      endpoint: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
      port: boundPort,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A client that sends and takes nothing for so long is gone, whatever its connection says. */
const IDLE_MS = 600_000;

interface Serving {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** The client sends its body only when it is told to. */
  readonly waits: boolean;
  readonly store: Store;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Answers one request, whatever happens. */
async function serve(serving: Serving): Promise<void> {
  const { message, response, waits, store, credentials, clock, warn } = serving;
  // A client that goes away is no error of ours; whoever writes to it learns of it there.
  response.on("error", () => {});
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("server", "taller");
  let isWaiting = waits;
  const willReadBody = () => {
    if (isWaiting) response.writeContinue();
    isWaiting = false;
  };
  try {
    const request = readRequest(message);
    const admission = authenticate(request, credentials, clock);
    await route({ request, response, admission, store, clock, willReadBody });
  } catch (thrown) {
    const isGone = response.destroyed || message.socket.destroyed;
    const error = asS3Error(thrown);
    if (error.code === "InternalError" && !isGone) {
      warn(`${message.method} ${message.url}: ${messageOf(thrown)}`);
    }
    // The body that it would have sent next must not be taken for its next request.
    if (isWaiting) response.shouldKeepAlive = false;
    if (response.headersSent) response.destroy();
    else if (!isGone)
      sendError({ response, error, method: message.method ?? "GET", path: message.url ?? "/", requestId });
  } finally {
    // The rest of a body that was refused is read and dropped: a client that is still sending hears the answer then.
    message.resume();
  }
}

function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  const code = systemCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return new S3Error("InsufficientStorage", { cause: error });
  if (code === "ECONNRESET") return new S3Error("RequestTimeout", { cause: error });
  return new S3Error("InternalError", {
    message: `The object store met an error of its own: ${messageOf(error)}`,
    cause: error,
  });
}

function sendError(input: {
  readonly response: ServerResponse;
  readonly error: S3Error;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
}): void {
  const { response, error, method, path, requestId } = input;
  const hasBody = method !== "HEAD" && error.status !== 304;
  const body = Buffer.from(
    renderXml(
      "Error",
      [
        ["Code", error.code],
        ["Message", error.message],
        ...Object.entries(error.details),
        ["Resource", path.split("?")[0] ?? "/"],
        ["RequestId", requestId],
      ],
      false,
    ),
  );
  response.writeHead(error.status, {
    ...error.headers,
    ...(hasBody ? { "content-type": "application/xml", "content-length": body.length } : {}),
  });
  response.end(hasBody ? body : undefined);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
